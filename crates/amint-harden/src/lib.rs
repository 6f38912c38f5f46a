//! The catalogue: what an image must be, how it is made so, and how that is read back from its disk.
//!
//! - [`rule`]: requirements with stable ids, their source and severity.
//! - [`finding`]: one violation of one rule.
//! - [`step`] and [`catalogue`]: the hardening steps, one file each under `steps/`, the script beside it.
//! - [`profile`]: named, versioned lists of steps.
//! - [`seal`]: the script that runs detached, last, and powers the machine off.
//! - [`tracer`]: random bytes planted before the seal that no written block may hold afterwards.
//! - [`inspection`]: a disk's bytes to a verdict.

pub mod finding;

pub use finding::{Finding, Location, Severity, Verdict};
