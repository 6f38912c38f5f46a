//! Builds whose processes die, on the simulated cloud: whatever happens then, nothing is left and nothing is lost.
#![allow(missing_docs)]

#[path = "../../examples/support/build.rs"]
mod build;
#[path = "../../examples/support/disk.rs"]
mod disk;
#[path = "../../examples/support/lab.rs"]
mod lab;
#[path = "../../examples/support/schedule.rs"]
mod schedule;

mod journals;
mod matrix;
mod schedules;
mod styles;
mod verdicts;
