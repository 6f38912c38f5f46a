//! The lock on an output folder: two builds into the same one would replace each other's image.
//!
//! It is a file in the cache, locked by the process that mints, with the build's id in it. The system unlocks it
//! when that process ends, however it ends.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};

use amint_cloud::{CloudError, ErrorKind};
use sha2::{Digest, Sha256};

use crate::cache::Cache;
use crate::files::{file_error, hex};
use crate::scratch::is_at;

/// More of a lock file than this is not a build's id.
const LONGEST_ID: u64 = 200;

/// A claimed output folder; free again when dropped.
pub(crate) struct OutputLock {
    /// Whose it is.
    pub(crate) build: String,
    path: PathBuf,
    _held: File,
}

impl Drop for OutputLock {
    fn drop(&mut self) {
        // While it is still locked: nobody else can have taken it over.
        let _ = fs::remove_file(&self.path);
    }
}

impl OutputLock {
    /// Claims `output` for `build`. Also tells the build that claimed it before and ended without giving it back.
    pub(crate) fn take(
        cache: &Cache,
        output: &Path,
        build: &str,
    ) -> Result<(Self, Option<String>), CloudError> {
        let path = cache.entry("locks", &name(output));
        let describe = |error| file_error("lock", &path, error);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| file_error("create", folder, error))?;
        }
        loop {
            let mut file = File::options()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)
                .map_err(describe)?;
            let locked = file.try_lock();
            let mut holder = String::new();
            // An id that cannot be read is no reason to fail: the lock itself says enough.
            let _ = (&file).take(LONGEST_ID).read_to_string(&mut holder);
            let holder = holder.trim().to_owned();
            match locked {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(conflict(&holder, output)),
                Err(TryLockError::Error(error)) => return Err(describe(error)),
            }
            // Whoever held it removed the file just before it was locked here.
            if !is_at(&file, &path) {
                continue;
            }
            let write = |file: &mut File| {
                file.set_len(0)?;
                std::io::Seek::rewind(file)?;
                file.write_all(build.as_bytes())
            };
            write(&mut file).map_err(describe)?;
            let lock = Self {
                build: build.to_owned(),
                path,
                _held: file,
            };
            let stale = (!holder.is_empty() && holder != build).then_some(holder);
            return Ok((lock, stale));
        }
    }
}

/// The error of a folder that another build has.
pub(crate) fn conflict(holder: &str, output: &Path) -> CloudError {
    let holder = match holder {
        "" => "another build".to_owned(),
        id => format!("build {id}"),
    };
    CloudError::new(
        ErrorKind::Conflict,
        format!("{holder} is being minted into {}", output.display()),
    )
    .hint("wait until it has ended, or choose another --output")
}

/// The same for every way to name the same folder, which may not be there yet.
fn name(output: &Path) -> String {
    let digest = Sha256::digest(canonical(output).as_os_str().as_encoded_bytes());
    hex(&digest)[..32].to_owned()
}

fn canonical(folder: &Path) -> PathBuf {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let mut missing: Vec<OsString> = Vec::new();
    for ancestor in absolute.ancestors() {
        if let Ok(mut found) = ancestor.canonicalize() {
            found.extend(missing.iter().rev());
            return found;
        }
        match ancestor.components().next_back() {
            Some(Component::Normal(name)) => missing.push(name.to_owned()),
            _ => break,
        }
    }
    absolute
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_name_however_it_is_reached() {
        let place = tempfile::tempdir().unwrap();
        let (real, link) = (place.path().join("real"), place.path().join("link"));
        fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        assert_eq!(name(&real), name(&link));
        assert_eq!(name(&real.join("a/b")), name(&link.join("./a/b/")));
        assert_ne!(name(&real.join("a")), name(&real.join("b")));
    }

    #[test]
    fn a_folder_is_claimed_once_and_free_afterwards() {
        let place = tempfile::tempdir().unwrap();
        let cache = Cache::new(place.path().join("cache"));
        let output = place.path().join("out");
        let take = |build| OutputLock::take(&cache, &output, build);
        let (lock, stale) = take("b1").unwrap();
        assert_eq!(stale, None);
        let error = take("b2").err().unwrap();
        assert_eq!(error.kind, ErrorKind::Conflict);
        assert!(error.message.starts_with("build b1 "), "{error}");
        drop(lock);
        let locks = fs::read_dir(place.path().join("cache/locks")).unwrap();
        assert_eq!(locks.count(), 0);

        // A process that was killed leaves the file, and no lock on it.
        let (lock, _) = take("b1").unwrap();
        let path = lock.path.clone();
        drop(lock);
        fs::write(&path, "b1").unwrap();
        let (_lock, stale) = take("b2").unwrap();
        assert_eq!(stale.as_deref(), Some("b1"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "b2");
    }
}
