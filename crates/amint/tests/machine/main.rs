//! Whole builds by the built command on a real local machine.
//!
//! They run one at a time: each machine wants both of a small computer's processors.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod crash;
mod faults;
mod first_boot;
mod interrupts;
mod mint;
mod secrets;
mod traces;
mod world;
mod xfs;
