//! Where the journal's lines go.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use amint_plan::BuildPlan;

use super::JournalError;

/// The plan, beside the journal.
const PLAN: &str = "plan.json";

/// Takes the journal's lines.
pub trait JournalStore: Send {
    /// Appends one line and returns when it would survive a power cut.
    fn append(&mut self, line: &[u8]) -> io::Result<()>;
}

/// Keeps nothing: the journal has its records in memory anyway.
pub(super) struct MemoryStore;

impl JournalStore for MemoryStore {
    fn append(&mut self, _line: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

/// A file, synced line by line, and locked for as long as its process lives: the lock goes with it, however it ends.
pub(super) struct FileStore {
    file: File,
    /// How many bytes of it are complete records.
    complete: u64,
}

impl FileStore {
    /// Makes the folder, the plan's file and an empty journal in it. The plan comes first: where there is a journal,
    /// there is its plan.
    pub(super) fn create(dir: &Path, path: &Path, plan: &BuildPlan) -> Result<Self, JournalError> {
        fs::create_dir_all(dir).map_err(io(dir))?;
        let plan_path = dir.join(PLAN);
        if path.exists() {
            let exists = io::ErrorKind::AlreadyExists.into();
            return Err(io(path)(exists));
        }
        write_plan(&plan_path, plan).map_err(io(&plan_path))?;
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(path)
            .map_err(io(path))?;
        lock(&file, path)?;
        File::open(dir)
            .and_then(|dir| dir.sync_all())
            .map_err(io(dir))?;
        Ok(Self::of(file, 0))
    }

    fn of(file: File, complete: u64) -> Self {
        Self { file, complete }
    }

    /// Opens a journal that is there, and returns what it holds.
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<u8>), JournalError> {
        let open = OpenOptions::new().read(true).append(true).open(path);
        let mut file = open.map_err(read_error(path))?;
        lock(&file, path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(read_error(path))?;
        let complete = bytes.len() as u64;
        Ok((Self::of(file, complete), bytes))
    }

    /// Whether a process holds the journal's lock.
    pub(super) fn is_locked(path: &Path) -> bool {
        let file = File::open(path);
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Takes away a line that was cut off, so that the next one does not continue it.
    pub(super) fn truncate(&mut self, length: usize) -> io::Result<()> {
        self.complete = length as u64;
        self.file.set_len(self.complete)?;
        self.file.sync_data()
    }
}

impl JournalStore for FileStore {
    /// A record that could not be written is not there by half either; should even that fail, whoever reads it takes
    /// its half for cut off.
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        self.file
            .write_all(line)
            .and_then(|()| self.file.sync_data())
            .inspect_err(|_| {
                let _ = self.file.set_len(self.complete);
            })?;
        self.complete += line.len() as u64;
        Ok(())
    }
}

/// The plan beside the journal in `dir`.
///
/// # Errors
/// When it is not there or is no plan that this version understands.
pub fn read_plan(dir: &Path) -> Result<BuildPlan, JournalError> {
    let path = dir.join(PLAN);
    let bytes = fs::read(&path).map_err(read_error(&path))?;
    serde_json::from_slice(&bytes).map_err(|source| JournalError::Plan { path, source })
}

fn lock(file: &File, path: &Path) -> Result<(), JournalError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => JournalError::InUse {
            path: path.to_owned(),
        },
        TryLockError::Error(source) => io(path)(source),
    })
}

fn io(path: &Path) -> impl Fn(io::Error) -> JournalError {
    let path = PathBuf::from(path);
    move |source| JournalError::Io {
        path: path.clone(),
        source,
    }
}

fn read_error(path: &Path) -> impl Fn(io::Error) -> JournalError {
    let path = PathBuf::from(path);
    move |source| JournalError::Read {
        path: path.clone(),
        source,
    }
}

fn write_plan(path: &Path, plan: &BuildPlan) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(&serde_json::to_vec_pretty(plan)?)?;
    file.sync_data()
}
