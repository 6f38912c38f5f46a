//! Which IAM actions a build needs, and the policies that allow just those.
//!
//! - `table`: every action that this crate asks for: on what, when, and how it is checked beforehand. The preflight
//!   and the policy read the same rows, so that neither can forget one.
//! - `grant`: on what, with which condition; `context`: what the conditions ask about.
//! - [`actions`]: their names alone.
//! - [`PolicyInput`]: what depends on the recipe.
//! - [`pipeline_policy`]: for who runs `amint`; [`builder_policy`] and [`trust_policy`]: for the builder;
//!   [`cleanup_document`]: for who cleans up after all of them.
//! - [`documents`]: all of it, with the commands that make the builder's instance profile. [`union`]: of several images.
//!
//! Actions, resource types and condition keys are those of AWS's Service Authorization Reference.

mod builder;
mod cleanup;
mod context;
mod documents;
mod grant;
mod input;
mod pipeline;
pub(crate) mod table;
mod union;

pub use builder::{builder_policy, trust_policy};
pub use cleanup::cleanup_document;
pub use documents::{BuilderDocuments, IamDocuments, documents};
pub use input::PolicyInput;
pub use pipeline::{actions, pipeline_policy};
pub use union::union;

pub(crate) use builder::agent_actions;
pub(crate) use cleanup::printed_by;
pub(crate) use context::context;
pub(crate) use grant::Grant;
pub(crate) use input::{partition, profile_name};

#[cfg(test)]
mod tests;
