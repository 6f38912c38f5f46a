//! Real machines: made, started, asked, rebooted, powered off, captured, released; and left by processes that were
//! killed.
//!
//! The base image and the saved machine are kept in the build folder, so that only the first run pays for them.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking, and tells what it waits for"
)]

mod adopt;
mod claim;
mod deadman;
mod errand;
mod life;
mod support;
mod sweep;
