//! The command from outside: its arguments, what it prints where, and its exit codes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod build;
mod builds;
mod command;
mod composition;
mod diff;
mod disk;
mod explain;
mod help;
mod init;
mod inspect;
mod interrupt;
mod lock;
mod plan;
mod reports;
mod schema;
mod steps;
mod usage;
mod validate;
mod variables;
