//! The lock file of a recipe: what it was resolved to, so that the next build is resolved to the same.
//!
//! - [`base`]: the base image that a plan is bound to. `asked`: what the recipe asked for, in one line.
//! - [`file`](mod@file): the lock file and where its facts come from.
//! - `print`, `parse`: its text. It is printed by hand, so that a newer base image changes one line.
//! - [`moved`](mod@moved): what is not any more as the lock file says.
//!
//! Two decisions that others rely on:
//! - [`BuildPlan::base`](crate::BuildPlan::base) stays what the recipe asks for; [`BuildPlan::locked`](crate::BuildPlan::locked)
//!   is the answer. The lock file holds both: an answer to another question is not used.
//! - A plan's digest is over the recipe's part, and over the id of the locked base image where there is one. The
//!   fingerprint of an image is the digest that its plan has once the base image is locked. So a build that looked its
//!   base image up makes an image that a locked plan with the same base image recognises as its own.

pub(crate) mod asked;
pub mod base;
pub mod file;
pub mod moved;
mod parse;
mod print;

pub use base::LockedBase;
pub use file::{LockFile, LockedEntry};
pub use moved::Moved;
pub use parse::LockError;

/// What the name of a lock file ends in, after that of the recipe's file: `demo.yaml.lock`.
pub const SUFFIX: &str = ".lock";

/// The largest lock file that is read, in bytes (1 MiB).
pub const MAX_LOCK_BYTES: u64 = 1 << 20;
