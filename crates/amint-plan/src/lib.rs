//! Recipe and facts to an immutable [`BuildPlan`]: everything resolved, nothing left to choose.
//!
//! - [`plan`]: the plan's types.
//! - [`resolve`](mod@resolve): how a recipe becomes a plan.
//! - `steps`: what each kind of step does to the builder, one file a kind; built-in steps have their script in `scripts/`.
//! - `digest`: what makes plans equal.
//!
//! Pure: no clock, no randomness, no IO (the recipe reader has already read the files).

mod digest;
pub mod plan;
pub mod resolve;
mod steps;

pub use amint_harden::Waiver;
pub use plan::*;
pub use resolve::{PlanError, resolve};
