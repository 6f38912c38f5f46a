//! Recipe and facts to an immutable [`BuildPlan`]: everything resolved, nothing left to choose.
//!
//! - [`plan`]: the plan's types.
//! - [`machine`], [`publish`]: its builder, and what becomes of its image.
//! - [`secret`]: where secrets come from. [`target`]: what a plan is for.
//! - [`resolve`](mod@resolve), `error`: how a recipe becomes a plan, and why it may not.
//! - `aws`: what only plans for AWS have.
//! - `steps`: what each kind of step does to the builder, one file a kind; built-in steps have their script in `scripts/`.
//! - `digest`: what makes plans equal.
//! - [`diff`](mod@diff): how two plans differ, classified.
//! - [`forecast`]: what a build will make, how long it takes and what it costs.
//! - [`lock`]: what a recipe was resolved to, and the fingerprint of an image.
//!
//! Pure: no clock, no randomness, no IO (the recipe reader has already read the files).

mod aws;
pub mod diff;
mod digest;
mod error;
pub mod forecast;
pub mod lock;
pub mod machine;
pub mod plan;
pub mod publish;
pub mod resolve;
pub mod secret;
mod steps;
pub mod target;

pub use amint_harden::Waiver;
pub use amint_recipe::SECRETS_FOLDER;
pub use diff::{Change, Class, Detail, Diff, DiffRule, Place, diff, diff_rule, diff_rules};
pub use error::PlanError;
pub use lock::{LockFile, LockedBase};
pub use machine::*;
pub use plan::*;
pub use publish::Publish;
pub use resolve::{resolve, waivers};
pub use secret::{Secret, SecretSource};
pub use target::Target;
