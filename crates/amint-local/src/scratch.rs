//! Folders that are filled and then moved or removed, locked for as long as their maker lives: whoever finds one
//! that is not locked may remove it.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tracing::debug;

/// A folder of this process's own. Removed when dropped.
pub(crate) struct Scratch {
    folder: TempDir,
    _held: File,
}

impl Scratch {
    /// An empty folder in `parent`, whose name begins with `prefix`.
    pub(crate) fn new_in(parent: &Path, prefix: &str) -> io::Result<Self> {
        loop {
            let folder = tempfile::Builder::new().prefix(prefix).tempdir_in(parent)?;
            // Before it is locked, it looks as if its maker had died.
            let Ok(held) = File::open(folder.path()) else {
                continue;
            };
            if held.try_lock().is_ok() && is_at(&held, folder.path()) {
                return Ok(Self {
                    folder,
                    _held: held,
                });
            }
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves it to whoever moved it.
    pub(crate) fn keep(self) {
        let _ = self.folder.keep();
    }
}

/// A folder whose maker has died, held until it is removed.
pub(crate) struct Orphan {
    path: PathBuf,
    _held: File,
}

impl Orphan {
    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it. One that cannot be removed waits for the next time.
    pub(crate) fn remove(self) {
        match fs::remove_dir_all(&self.path) {
            Ok(()) => debug!(folder = %self.path.display(), "removed what a killed process left"),
            Err(error) => debug!(%error, folder = %self.path.display(), "cannot remove"),
        }
    }
}

/// The folders in `parent` whose names begin with `prefix` and whose makers have died.
pub(crate) fn orphans(parent: &Path, prefix: &str) -> Vec<Orphan> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| {
            let path = entry.path();
            let held = File::open(&path).ok()?;
            let dead = held.try_lock().is_ok() && is_at(&held, &path);
            dead.then_some(Orphan { path, _held: held })
        })
        .collect()
}

/// Whether what was opened is still what is found under its name.
pub(crate) fn is_at(open: &File, path: &Path) -> bool {
    let same = |a: fs::Metadata, b: fs::Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
    match (open.metadata(), fs::metadata(path)) {
        (Ok(open), Ok(found)) => same(open, found),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_no_orphan() {
        let parent = tempfile::tempdir().unwrap();
        let held = Scratch::new_in(parent.path(), "warm-").unwrap();
        let left = parent.path().join("warm-left");
        fs::create_dir(&left).unwrap();
        fs::create_dir(parent.path().join("b1")).unwrap();
        for orphan in orphans(parent.path(), "warm-") {
            assert_eq!(orphan.path(), left);
            orphan.remove();
        }
        assert!(!left.exists() && held.path().exists());
        drop(held);
        assert!(orphans(parent.path(), "warm-").is_empty());
        assert!(parent.path().join("b1").exists());
    }
}
