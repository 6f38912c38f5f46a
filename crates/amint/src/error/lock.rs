//! Why a lock file is of no use.

use std::io;
use std::path::PathBuf;

use amint_event::ExitClass;
use amint_plan::lock::{LockError, Moved};

use crate::render::text::escaped;

/// Why a lock file is of no use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockFileError {
    /// It could not be read.
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// It is no lock file.
    #[error("{} is no lock file", path.display())]
    Wrong { path: PathBuf, source: LockError },
    /// It could not be written.
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    /// There is none, and the build insists on one.
    #[error("there is no {}", path.display())]
    Missing { path: PathBuf },
    /// It does not say any more what holds, and the build insists on that.
    #[error("{} is stale: {}", path.display(), listed(moved))]
    Stale { path: PathBuf, moved: Vec<Moved> },
}

impl LockFileError {
    /// The exit code's class.
    pub(crate) fn class(&self) -> ExitClass {
        match self {
            LockFileError::Read { .. } | LockFileError::Write { .. } => ExitClass::Preflight,
            LockFileError::Wrong { .. } => ExitClass::Recipe,
            LockFileError::Missing { .. } | LockFileError::Stale { .. } => ExitClass::Stale,
        }
    }

    /// The way out.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            LockFileError::Read { .. } => "check the file and its permissions",
            LockFileError::Wrong { .. } => "remove it, and have `amint lock` write it anew",
            LockFileError::Write { .. } => "lock in a folder that this user can write to",
            LockFileError::Missing { .. } => "`amint lock` writes it; commit it with the recipe",
            LockFileError::Stale { .. } => "`amint lock` renews it; read what it changes",
        }
    }
}

fn listed(moved: &[Moved]) -> String {
    let words: Vec<String> = moved.iter().map(ToString::to_string).collect();
    // What a lock file says may have come from anybody.
    escaped(&words.join("; "))
}
