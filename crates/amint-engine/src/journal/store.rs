//! Where the journal's lines go.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use amint_plan::BuildPlan;

use super::JournalError;

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

/// A file, synced line by line.
pub(super) struct FileStore(File);

impl FileStore {
    /// Makes the folder, the plan's file and an empty journal in it.
    pub(super) fn create(dir: &Path, path: &Path, plan: &BuildPlan) -> Result<Self, JournalError> {
        let io = |path: &Path| {
            let path = PathBuf::from(path);
            move |source| JournalError::Io { path, source }
        };
        fs::create_dir_all(dir).map_err(io(dir))?;
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(path)
            .map_err(io(path))?;
        let plan_path = dir.join("plan.json");
        write_plan(&plan_path, plan).map_err(io(&plan_path))?;
        File::open(dir)
            .and_then(|dir| dir.sync_all())
            .map_err(io(dir))?;
        Ok(Self(file))
    }
}

impl JournalStore for FileStore {
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        self.0.write_all(line)?;
        self.0.sync_data()
    }
}

fn write_plan(path: &Path, plan: &BuildPlan) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(&serde_json::to_vec_pretty(plan)?)?;
    file.sync_data()
}
