//! The command on AWS: whole builds against moto, completed by `fixtures/aws`.
//!
//! - [`account`]: a server, and a client of it that is not ours. [`command`]: runs of the command. [`recipes`]: for it.
//! - `build`: what is made. `crash`: builds that are killed. `faults`: what goes wrong on the wire, by the table `faults.json`. `input`: what is asked for
//!   and cannot be. `many`: several recipes at once. `stop`: interrupts. `staged`: large files. `lock`: lock files, and what need not be built.
//!   `plain`: moto as it is. `iam`: policies. `secrets`: those that the account keeps.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod account;
mod build;
mod command;
mod crash;
mod faults;
mod iam;
mod input;
mod lock;
mod many;
mod plain;
mod recipes;
mod secrets;
mod staged;
mod stop;
#[path = "../../../amint-aws/tests/support/world.rs"]
mod world;
