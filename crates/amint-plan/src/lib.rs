//! Recipe and facts to an immutable [`BuildPlan`]: everything resolved, nothing left to choose.
//!
//! - [`plan`]: the plan's types.
//! - [`resolve`]: how a recipe becomes a plan.
//!
//! Pure: no clock, no randomness, no IO (the recipe reader has already read the files).

pub mod plan;

pub use plan::*;
