//! The cache folder: base images and saved machines, each made under a lock and moved into place whole.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use amint_cloud::CloudError;

use crate::files::file_error;
use crate::scratch::{self, Scratch};

/// Begins the names of entries that are being made.
const SCRATCH: &str = ".unfinished-";

/// The cache folder.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    root: PathBuf,
}

/// Held while an entry is made; other processes that want the same entry wait for it.
pub(crate) struct CacheLock {
    _file: File,
}

impl Cache {
    /// The cache at `root`; made when it is first written to.
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// A file of the cache's own, such as what was found out about this computer.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Where an entry is or will be.
    pub(crate) fn entry(&self, kind: &str, key: &str) -> PathBuf {
        self.root.join(kind).join(key)
    }

    /// An empty folder on the cache's own file system, to make an entry in. Removed when dropped.
    pub(crate) fn scratch(&self) -> Result<Scratch, CloudError> {
        self.make(&self.root)?;
        Scratch::new_in(&self.root, SCRATCH)
            .map_err(|error| file_error("write to", &self.root, error))
    }

    /// Removes unfinished entries whose makers were killed.
    pub(crate) fn sweep(&self) {
        for orphan in scratch::orphans(&self.root, SCRATCH) {
            orphan.remove();
        }
    }

    /// Moves a finished entry into place.
    pub(crate) fn keep(&self, made: Scratch, entry: &Path) -> Result<(), CloudError> {
        let parent = entry.parent().unwrap_or(&self.root);
        self.make(parent)?;
        // What stands there was judged unusable by whoever makes it anew.
        remove(entry)?;
        fs::rename(made.path(), entry).map_err(|error| file_error("write", entry, error))?;
        // The folder has moved; there is nothing left to remove.
        made.keep();
        Ok(())
    }

    /// Waits until no other process makes the entry.
    pub(crate) async fn lock(&self, kind: &str, key: &str) -> Result<CacheLock, CloudError> {
        let path = self.root.join(kind).join(format!("{key}.lock"));
        self.make(path.parent().unwrap_or(&self.root))?;
        let describe = {
            let path = path.clone();
            move |error| file_error("lock", &path, error)
        };
        let file = File::create(&path).map_err(describe.clone())?;
        tokio::task::spawn_blocking(move || {
            rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)
                .map(|()| CacheLock { _file: file })
        })
        .await
        .map_err(|error| CloudError::other("the lock was not waited for").caused_by(error))?
        .map_err(|error| describe(error.into()))
    }

    fn make(&self, folder: &Path) -> Result<(), CloudError> {
        fs::create_dir_all(folder).map_err(|error| file_error("create", folder, error))
    }
}

/// Removes a folder; none there is fine.
pub(crate) fn remove(folder: &Path) -> Result<(), CloudError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(file_error("remove", folder, error))
        }
        _ => Ok(()),
    }
}
