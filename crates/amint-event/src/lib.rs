//! What a build reports while it runs, as a protocol, and how it ends.
//!
//! Events are facts in the past tense. Guarantees to a consumer:
//! - `seq` starts at 0 and grows by one.
//! - Exactly one [`EventKind::RunFinished`], and it is the last.
//! - Each [`EventKind::PhaseStarted`] and [`EventKind::StepStarted`] has one matching `…Finished`.
//! - A consumer must ignore kinds that it does not know: new ones may come.

mod event;
mod exit;

pub use event::{Event, EventKind, Outcome, Phase};
pub use exit::ExitClass;
