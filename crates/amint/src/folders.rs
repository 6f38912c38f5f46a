//! The folders of this user that builds use, by the XDG Base Directory Specification.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::error::CommandError;

/// The longest path of a runtime folder, in bytes: what a socket's path may be (unix(7): `sun_path` holds
/// 108 with its NUL) without the build's id and the longest socket's name.
const MAX_RUNTIME_PATH: usize = 107 - "/01arz3ndektsv4rrffq69g5fav/console.sock".len();

/// Where base images and saved machines are kept between builds.
///
/// # Errors
/// When neither `XDG_CACHE_HOME` nor `HOME` is set.
pub(crate) fn cache() -> Result<PathBuf, CommandError> {
    absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .map(|cache| cache.join("amint"))
        .ok_or(CommandError::NoCacheFolder)
}

/// Where sockets of running machines are, for this user only. Made when missing.
///
/// # Errors
/// When it cannot be made, belongs to somebody else, or its path is too long for sockets.
pub(crate) fn runtime() -> Result<PathBuf, CommandError> {
    let user = rustix::process::getuid().as_raw();
    let folder = match absolute("XDG_RUNTIME_DIR").filter(|folder| folder.is_dir()) {
        Some(folder) => folder.join("amint"),
        None => std::env::temp_dir().join(format!("amint-{user}")),
    };
    make_private(&folder, user).map_err(|source| CommandError::RuntimeFolder {
        folder: folder.clone(),
        source,
    })?;
    Ok(folder)
}

/// The specification says that relative paths are invalid and to be ignored.
fn absolute(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
}

/// The temporary folder is shared: a folder that somebody else put there first is not to be trusted.
fn make_private(folder: &Path, user: u32) -> io::Result<()> {
    if folder.as_os_str().len() > MAX_RUNTIME_PATH {
        return Err(io::Error::other(format!(
            "its path is longer than {MAX_RUNTIME_PATH} bytes"
        )));
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let metadata = fs::symlink_metadata(folder)?;
    if metadata.is_dir() && metadata.uid() == user && metadata.mode() & 0o077 == 0 {
        Ok(())
    } else {
        Err(io::Error::other(
            "it is not a folder of this user's own with mode 0700",
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_private_folder_is_made_and_found_again() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("amint");
        let user = rustix::process::getuid().as_raw();
        make_private(&folder, user).unwrap();
        make_private(&folder, user).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_folder_that_others_can_enter_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert!(make_private(folder.path(), rustix::process::getuid().as_raw()).is_err());
    }

    #[test]
    fn a_path_too_long_for_sockets_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("x".repeat(MAX_RUNTIME_PATH));
        let error = make_private(&folder, rustix::process::getuid().as_raw()).unwrap_err();
        assert_eq!(error.to_string(), "its path is longer than 67 bytes");
        assert!(!folder.exists());
    }

    #[test]
    fn a_link_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let link = parent.path().join("amint");
        std::os::unix::fs::symlink(parent.path(), &link).unwrap();
        assert!(make_private(&link, rustix::process::getuid().as_raw()).is_err());
    }
}
