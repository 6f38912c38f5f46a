//! The append-only record of one build: what it is about to do, and what it owns.
//!
//! - [`Journal`] and [`JournalError`] (`log`): one method a record; begun, gone on with, looked at.
//! - [`Record`] (`record`): the records, as they are written. `read`: as they are read back.
//! - `ledger`: which record may follow which, and what is owned after it.
//! - [`JournalStore`] (`store`): where the lines go. `uploads`: what a plan's file leaves out.
//! - [`Story`] (`story`): what a journal tells people: where a build stands, what it holds, what it has cost.
//! - `Past` (`past`): what a process that goes on with a build must know.
//!
//! Invariants: an intent is on disk before its effect; an id is on disk before anything waits for it; any prefix of a
//! journal can be read, and is the journal of a build that died there.

mod ledger;
mod log;
mod past;
mod read;
mod record;
mod store;
mod story;
mod uploads;

pub use ledger::Illegal;
pub(crate) use ledger::IntentState;
pub use log::{Journal, JournalError};
pub(crate) use past::{Past, write_seed};
pub use read::Unreadable;
pub(crate) use record::VERSION;
pub use record::{Entry, Handed, Header, Record};
pub use store::{JournalStore, read_plan};
pub use story::{Standing, Story};
pub use uploads::restore as restore_uploads;

#[cfg(test)]
mod tests;
