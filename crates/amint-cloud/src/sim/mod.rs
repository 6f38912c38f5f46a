//! A cloud in memory: deterministic, virtual time, faults at any call. For tests and benchmarks.
//!
//! - [`SimCloud`]: the [`Cloud`](crate::Cloud) itself, with a log of its calls and of what is alive.
//! - [`SimClock`] and [`run`]: virtual time, shared by the cloud and by who uses it.
//! - [`Fault`]: what goes wrong, at which call.
//! - [`Reply`]: what the simulated builder answers to a command.
//! - [`Delays`]: how long everything takes. [`Publicity`]: what was done to an image.
//! - [`MemoryDisk`]: a disk in memory that forgets what is discarded.

mod account;
mod clock;
mod cloud;
mod control;
mod delays;
mod disk;
mod fault;
mod guest;
mod machine;
mod options;
mod random;
mod sweep;
mod world;

pub use account::Publicity;
pub use clock::{SimClock, run};
pub use cloud::SimCloud;
pub use delays::Delays;
pub use disk::MemoryDisk;
pub use fault::{Fault, Hook};
pub use guest::Reply;
pub use options::SimOptions;
