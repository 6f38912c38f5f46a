//! The journal itself: one method a record.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use amint_cloud::{Published, ResourceKind};
use amint_event::{Outcome, Phase};
use amint_plan::BuildPlan;
use jiff::Timestamp;

use super::ledger::{Illegal, IntentState, Ledger};
use super::read::{self, Unreadable};
use super::record::{Entry, Header, Record};
use super::store::{FileStore, JournalStore, MemoryStore};
use super::uploads;
use crate::Masks;

/// The journal, in its build's folder.
const FILE: &str = "journal.jsonl";

/// Why the journal could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The record may not follow what is written already: a mistake in the engine.
    #[error("the journal refuses a record")]
    Illegal(#[from] Illegal),
    /// The file could not be written.
    #[error("cannot write the journal {}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another process is at work on the build.
    #[error("{} is in use: another amint is at work on this build", path.display())]
    InUse {
        /// The journal.
        path: PathBuf,
    },
    /// What the file holds cannot be used.
    #[error("cannot use the journal {}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        source: Unreadable,
    },
    /// The plan beside the journal cannot be used.
    #[error("cannot use the plan {}", path.display())]
    Plan {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A file that a step of the plan uploads is not what it was.
    #[error("{} is not what it was when the build began", path.display())]
    Upload {
        /// The copy of it, beside the journal.
        path: PathBuf,
    },
}

/// The journal of one build.
pub struct Journal {
    store: Box<dyn JournalStore>,
    path: PathBuf,
    version: u32,
    masks: Masks,
    /// Why a record could not be written. None is after it: what is on disk stays the journal of a build that died
    /// there, while one with a gap would be no build's.
    broken: Option<ErrorKind>,
    ledger: Ledger,
    entries: Vec<Entry>,
}

impl Journal {
    /// Starts the journal of a build in the folder `dir`, which is made, and writes the plan beside it.
    ///
    /// # Errors
    /// When the folder has a journal already, or cannot be written.
    pub fn create(dir: &Path, plan: &BuildPlan) -> Result<Self, JournalError> {
        let path = dir.join(FILE);
        let store = FileStore::create(dir, &path, plan)?;
        uploads::write(dir, plan)?;
        let mut journal = Self::new(Box::new(store), path);
        journal.append_line(&Header::new(plan))?;
        Ok(journal)
    }

    /// Goes on with the journal in the folder `dir`. A last line that was cut off is taken away.
    ///
    /// # Errors
    /// When it cannot be read, makes no sense, or another process is at work on the build.
    pub fn open(dir: &Path) -> Result<Self, JournalError> {
        let path = dir.join(FILE);
        let (mut store, bytes) = FileStore::open(&path)?;
        let text = Self::understand(&path, &bytes)?;
        if text.complete < bytes.len() {
            let cut = store.truncate(text.complete);
            cut.map_err(|source| JournalError::Io {
                path: path.clone(),
                source,
            })?;
        }
        let mut journal = Self::read(text, Box::new(store), path);
        if journal.version == 0 {
            journal.begin(&super::read_plan(dir)?)?;
        }
        Ok(journal)
    }

    /// Reads the journal in the folder `dir` without touching it; nothing can be added.
    ///
    /// # Errors
    /// When it cannot be read or makes no sense.
    pub fn look(dir: &Path) -> Result<Self, JournalError> {
        let path = dir.join(FILE);
        let bytes = std::fs::read(&path).map_err(|source| JournalError::Read {
            path: path.clone(),
            source,
        })?;
        let text = Self::understand(&path, &bytes)?;
        Ok(Self::read(text, Box::new(MemoryStore), path))
    }

    /// Whether a process is at work on the build whose journal is in the folder `dir`.
    pub fn is_in_use(dir: &Path) -> bool {
        FileStore::is_locked(&dir.join(FILE))
    }

    /// The journal of `plan` that goes on after what `bytes` hold, its lines going to `store`: a new one after nothing.
    ///
    /// # Errors
    /// When it makes no sense, or cannot be written.
    pub fn after(
        bytes: &[u8],
        plan: &BuildPlan,
        store: Box<dyn JournalStore>,
    ) -> Result<Self, JournalError> {
        let path = PathBuf::from("(no file)");
        let text = Self::understand(&path, bytes)?;
        let mut journal = Self::read(text, store, path);
        journal.begin(plan)?;
        Ok(journal)
    }

    /// Writes the header, unless it is there.
    fn begin(&mut self, plan: &BuildPlan) -> Result<(), JournalError> {
        if self.version == 0 {
            self.append_line(&Header::new(plan))?;
            self.version = super::record::VERSION;
        }
        Ok(())
    }

    /// Whether the build has ended: then nobody goes on with it.
    pub fn is_finished(&self) -> bool {
        self.ledger.is_finished()
    }

    fn understand(path: &Path, bytes: &[u8]) -> Result<read::Text, JournalError> {
        read::read(bytes).map_err(|source| JournalError::Unreadable {
            path: path.to_owned(),
            source,
        })
    }

    fn read(text: read::Text, store: Box<dyn JournalStore>, path: PathBuf) -> Self {
        let version = text.header.as_ref().and_then(Header::version);
        Self {
            version: version.unwrap_or_default(),
            ledger: text.ledger,
            entries: text.entries,
            ..Self::new(store, path)
        }
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
            version: super::record::VERSION,
            masks: Masks::default(),
            broken: None,
            ledger: Ledger::default(),
            entries: Vec::new(),
        }
    }

    /// Keeps secrets out of what is written from now on.
    pub(crate) fn mask(&mut self, masks: Masks) {
        self.masks = masks;
    }

    /// The version of the form that it was begun in.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// What is owned and neither released nor kept, the most expensive first.
    pub fn held(&self) -> Vec<(ResourceKind, String)> {
        self.ledger.held()
    }

    /// What was intended without anybody knowing whether it happened, by token.
    pub fn open_intents(&self) -> Vec<(String, ResourceKind)> {
        self.ledger.open_intents()
    }

    /// What became of the intent under `token`, if there was one.
    pub(crate) fn intent(&self, token: &str) -> Option<&IntentState> {
        self.ledger.intent(token)
    }

    /// Whether the phase has succeeded.
    pub(crate) fn has_passed(&self, wanted: Phase) -> bool {
        self.entries.iter().any(|entry| {
            matches!(entry.record, Record::PhaseFinished { phase, outcome: Outcome::Succeeded, .. }
                if phase == wanted)
        })
    }

    /// Whether the resource was ever acquired, whatever became of it.
    pub(crate) fn acquired_ever(&self, kind: ResourceKind, id: &str) -> bool {
        self.entries.iter().any(|entry| {
            matches!(&entry.record, Record::Acquired { kind: one, id: known, .. }
                if *one == kind && known == id)
        })
    }

    /// Whether the resource is owned and neither released nor kept.
    pub(crate) fn holds(&self, kind: ResourceKind, id: &str) -> bool {
        let held = self.ledger.held();
        held.iter().any(|(one, held)| *one == kind && held == id)
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

    /// All of it outlives the build from now on, or none of it.
    pub(crate) fn published(
        &mut self,
        at: Timestamp,
        kept: Vec<(ResourceKind, String)>,
        (published, waived): (Published, usize),
    ) -> Result<(), JournalError> {
        let record = Record::Published {
            kept: kept.clone(),
            published,
            waived,
        };
        let written = self.append(at, record);
        if matches!(written, Err(JournalError::Io { .. })) {
            for (kind, id) in &kept {
                self.ledger.hold(*kind, id);
            }
        }
        written
    }

    /// Writes down any other fact.
    pub(crate) fn record(&mut self, at: Timestamp, record: Record) -> Result<(), JournalError> {
        self.append(at, record)
    }

    /// The build ended. What was kept for going on with it is of no use any more.
    pub(crate) fn finished(&mut self, at: Timestamp, outcome: Outcome) -> Result<(), JournalError> {
        self.append(at, Record::Finished { outcome })?;
        if let Some(dir) = self.dir() {
            uploads::remove(dir);
        }
        Ok(())
    }

    /// The ledger learns it first: what exists must be given back even when it can't be written down.
    fn append(&mut self, at: Timestamp, record: Record) -> Result<(), JournalError> {
        self.ledger.apply(&record)?;
        let entry = Entry { at, record };
        let written = self.append_line(&self.masks.document(entry.clone()));
        self.entries.push(entry);
        written
    }

    fn append_line(&mut self, line: &impl serde::Serialize) -> Result<(), JournalError> {
        let io = |source| JournalError::Io {
            path: self.path.clone(),
            source,
        };
        if let Some(kind) = self.broken {
            let missing = "an earlier record could not be written";
            return Err(io(std::io::Error::new(kind, missing)));
        }
        let mut text = serde_json::to_vec(line).map_err(|error| io(error.into()))?;
        text.push(b'\n');
        let written = self.store.append(&text);
        written.map_err(|error| {
            self.broken = Some(error.kind());
            io(error)
        })
    }
}
