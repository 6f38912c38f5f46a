//! The append-only record of one build: what it is about to do, and what it owns.
//!
//! - [`Journal`] and [`JournalError`] (`log`): one method a record.
//! - [`Record`] (`record`): the records, as they are written.
//! - `ledger`: which record may follow which, and what is owned after it.
//! - [`JournalStore`] (`store`): where the lines go.
//!
//! Invariants: an intent is on disk before its effect; an id is on disk before anything waits for it.

mod ledger;
mod log;
mod record;
mod store;

pub use log::{Journal, JournalError};
pub use record::{Entry, Header, Record};
pub use store::JournalStore;

#[cfg(test)]
mod tests;
