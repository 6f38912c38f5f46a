//! sshd's configuration, read offline the way that sshd reads it.
//!
//! From the disk to the settings:
//! - [`Server`]: how the disk starts sshd: each command line with its configuration, and where it listens.
//! - [`unit`](mod@unit): systemd's units with their drop-ins; `service`: the command lines and sockets that they make.
//! - [`Options`]: what a command line sets. [`Build`]: which OpenSSH it is, and its defaults.
//!
//! One configuration:
//! - [`Config`]: all settings in the order in which sshd meets them; the first value of one wins.
//! - `reader`: the walk through files; `include`: what an `Include` names; `parse`: one line; `keyword`, `value`: what
//!   sshd knows and accepts. What it refuses is a [`Problem`].
//! - [`path`]: files that it names.
//! - `criteria`, `pattern`, `address`: for which connections a `Match` holds.
//! - [`Settings`]: what holds for one connection ([`Context`]), each value with the lines that decided it.
//!
//! Rules ask whether *any* connection may do something. [`Config::in_force`] answers that without guessing which
//! accounts and networks there will be; [`Config::resolve`] answers for one connection.

mod address;
mod build;
mod config;
mod context;
mod criteria;
mod include;
mod keyword;
mod options;
mod parse;
pub mod path;
mod pattern;
mod reader;
mod server;
mod service;
mod settings;
pub mod unit;
mod value;

pub use build::Build;
pub use config::{Config, Problem, Setting};
pub use context::Context;
pub use options::{OptionLine, Options};
pub use server::{Endpoint, Server};
pub use settings::{Settings, Value};
