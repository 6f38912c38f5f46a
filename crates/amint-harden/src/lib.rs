//! The catalogue: what an image must be, how it is made so, and how that is read back from its disk.
//!
//! - [`rule`](mod@rule): requirements with stable ids, their source and severity.
//! - [`finding`]: one violation of one rule.
//! - [`step`](mod@step): what a hardening step is; [`steps`](mod@steps): all of them, one file each, the script beside it.
//! - [`check`](mod@check): what is only read back; [`checks`](mod@checks): all of those, one file each.
//! - [`profile`](mod@profile): named, versioned lists of steps and checks; [`conflict`]: where two of them
//!   disagree; [`combine`](mod@combine): several at once.
//! - [`catalogue`]: all of that as one digest.
//! - [`agent`]: the SSM agent of a base image that has none, and its removal.
//! - [`deadman`]: the unit that ends a builder whose time is up.
//! - [`tracer`]: random bytes planted before the seal that no written block may hold afterwards.
//! - [`seal`]: the script that runs detached, last, and powers the machine off.
//! - [`marker`]: what the seal writes last.
//! - [`disk`], [`accounts`], [`sshd`], [`survey`]: what disk checks look at.
//! - [`access`](mod@access): whether those who should get in can; checks without a step.
//! - [`inspection`]: a disk's bytes to a verdict.
//! - [`waiver`]: findings that a recipe accepts.

pub mod access;
pub mod accounts;
pub mod agent;
pub mod catalogue;
pub mod check;
pub mod checks;
pub mod combine;
pub mod conflict;
pub mod deadman;
pub mod disk;
pub mod finding;
mod glob;
mod hex;
pub mod inspection;
pub mod marker;
pub mod profile;
pub mod rule;
pub mod seal;
mod shell;
pub mod sshd;
pub mod step;
pub mod steps;
pub mod survey;
pub mod tracer;
pub mod waiver;

pub use check::Check;
pub use checks::{check, checks};
pub use combine::{CombineError, by_reference, combine};
pub use conflict::{Conflict, conflicts};
pub use finding::{Finding, Location, Severity, Verdict};
pub use profile::{Profile, profile, profiles};
pub use rule::{Rule, rule, rules};
pub use step::{HardeningStep, Stage};
pub use steps::{step, steps};
pub use waiver::{Waiver, WaiverError};
