//! The journal itself: one method a record.

use std::path::{Path, PathBuf};

use amint_cloud::ResourceKind;
use amint_event::{Outcome, Phase};
use amint_plan::BuildPlan;
use jiff::Timestamp;

use super::ledger::Ledger;
use super::record::{Entry, Header, Record};
use super::store::{FileStore, JournalStore, MemoryStore};

/// Why the journal could not be written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The record may not follow what is written already: a mistake in the engine.
    #[error("the journal refuses the record `{record}`: {reason}")]
    Illegal {
        /// The record's name.
        record: &'static str,
        /// Which rule it breaks.
        reason: &'static str,
    },
    /// The file could not be written.
    #[error("cannot write the journal {}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// The journal of one build.
pub struct Journal {
    store: Box<dyn JournalStore>,
    path: PathBuf,
    ledger: Ledger,
    entries: Vec<Entry>,
}

impl Journal {
    /// Starts the journal of a build in the folder `dir`, which is made, and writes the plan beside it.
    ///
    /// # Errors
    /// When the folder has a journal already, or cannot be written.
    pub fn create(dir: &Path, plan: &BuildPlan) -> Result<Self, JournalError> {
        let path = dir.join("journal.jsonl");
        let store = FileStore::create(dir, &path, plan)?;
        let mut journal = Self::new(Box::new(store), path);
        journal.append_line(&Header::new(plan))?;
        Ok(journal)
    }

    /// A journal that is kept in memory only.
    pub fn memory() -> Self {
        Self::with_store(Box::new(MemoryStore))
    }

    /// A journal whose lines go to `store`, without a header.
    pub fn with_store(store: Box<dyn JournalStore>) -> Self {
        Self::new(store, PathBuf::from("(no file)"))
    }

    /// The folder that the journal is in; none in memory.
    pub fn dir(&self) -> Option<&Path> {
        self.path.parent().filter(|dir| !dir.as_os_str().is_empty())
    }

    /// What was recorded, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn new(store: Box<dyn JournalStore>, path: PathBuf) -> Self {
        Self {
            store,
            path,
            ledger: Ledger::default(),
            entries: Vec::new(),
        }
    }

    /// What is owned and neither released nor kept, the most expensive first.
    pub(crate) fn held(&self) -> Vec<(ResourceKind, String)> {
        self.ledger.held()
    }

    /// What was intended without anybody knowing whether it happened, by token.
    pub(crate) fn open_intents(&self) -> Vec<(String, ResourceKind)> {
        self.ledger.open_intents()
    }

    /// Is about to create a resource under `token`.
    pub(crate) fn intend(
        &mut self,
        at: Timestamp,
        phase: Phase,
        kind: ResourceKind,
        token: &str,
    ) -> Result<(), JournalError> {
        let record = Record::Intent {
            phase,
            kind,
            token: token.to_owned(),
        };
        let written = self.append(at, record);
        if matches!(written, Err(JournalError::Io { .. })) {
            // No effect follows an intent that could not be written.
            self.ledger.forget_intent(token);
        }
        written
    }

    /// The resource intended under `token` exists.
    pub(crate) fn acquired(
        &mut self,
        at: Timestamp,
        token: &str,
        kind: ResourceKind,
        id: &str,
    ) -> Result<(), JournalError> {
        let (token, id) = (token.to_owned(), id.to_owned());
        self.append(at, Record::Acquired { token, kind, id })
    }

    /// The intent under `token` made nothing.
    pub(crate) fn voided(&mut self, at: Timestamp, token: &str) -> Result<(), JournalError> {
        self.append(
            at,
            Record::Voided {
                token: token.to_owned(),
            },
        )
    }

    /// The resource was given back.
    pub(crate) fn released(
        &mut self,
        at: Timestamp,
        kind: ResourceKind,
        id: &str,
    ) -> Result<(), JournalError> {
        self.append(
            at,
            Record::Released {
                kind,
                id: id.to_owned(),
            },
        )
    }

    /// The resource outlives the build on purpose.
    pub(crate) fn kept(
        &mut self,
        at: Timestamp,
        kind: ResourceKind,
        id: &str,
    ) -> Result<(), JournalError> {
        let written = self.append(
            at,
            Record::Kept {
                kind,
                id: id.to_owned(),
            },
        );
        if matches!(written, Err(JournalError::Io { .. })) {
            // Nothing is kept on purpose of which nobody could read that it is.
            self.ledger.hold(kind, id);
        }
        written
    }

    /// A phase ended.
    pub(crate) fn phase_finished(
        &mut self,
        at: Timestamp,
        phase: Phase,
        outcome: Outcome,
    ) -> Result<(), JournalError> {
        self.append(at, Record::PhaseFinished { phase, outcome })
    }

    /// The build ended; nothing follows.
    pub(crate) fn finished(&mut self, at: Timestamp, outcome: Outcome) -> Result<(), JournalError> {
        self.append(at, Record::Finished { outcome })
    }

    /// The ledger learns it first: what exists must be given back even when it can't be written down.
    fn append(&mut self, at: Timestamp, record: Record) -> Result<(), JournalError> {
        self.ledger.apply(&record)?;
        let entry = Entry { at, record };
        let written = self.append_line(&entry);
        self.entries.push(entry);
        written
    }

    fn append_line(&mut self, line: &impl serde::Serialize) -> Result<(), JournalError> {
        let io = |source| JournalError::Io {
            path: self.path.clone(),
            source,
        };
        let mut text = serde_json::to_vec(line).map_err(|error| io(error.into()))?;
        text.push(b'\n');
        self.store.append(&text).map_err(io)
    }
}
