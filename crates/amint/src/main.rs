//! The command: arguments, wiring, renderers, exit codes. What it does lives in the other crates.
//!
//! - [`cli`]: the arguments and the help.
//! - [`commands`]: one command a file. [`builds`]: the folders of builds. [`clouds`]: where they run.
//! - [`render`]: a build's events for a terminal, a log, a program.
//! - [`report`]: what is told of an inspection, in which formats.
//! - [`locks`]: what recipes are bound to.
//! - [`review`]: how recipes differ between two versions; [`git`]: what a repository holds.
//! - [`hex`]: digests as text.
//! - [`error`]: how an error is shown and which exit code it is.
//! - [`secrets`]: what nobody may read in what is written.
//! - [`parallel`]: many things at once, results in order.
//! - [`interrupt`]: Ctrl-C and its relatives.
//!
//! stdout carries results only; everything else goes to stderr.

mod builds;
mod cli;
mod clouds;
mod commands;
mod error;
mod folders;
mod git;
mod hex;
mod interrupt;
mod locks;
mod logging;
mod output;
mod parallel;
mod recipe;
mod render;
mod report;
mod review;
mod secrets;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    let started = secrets::learn().and_then(|()| logging::start(arguments.verbose));
    let result = started.and_then(|()| commands::run(arguments));
    let class = result.unwrap_or_else(|error| error::report(&error));
    ExitCode::from(class.code())
}
