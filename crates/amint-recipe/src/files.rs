//! Files beside the recipe.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use crate::source::Source;

/// The largest file that a recipe can name, in bytes (64 MiB).
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// Where [`crate::parse`] gets the files that a recipe names.
pub trait Files {
    /// The content of a file, by its path relative to the recipe.
    ///
    /// # Errors
    /// When it is missing, lies outside the recipe's folder, is too large or cannot be read.
    fn read(&self, relative: &str) -> Result<Vec<u8>, FileError>;

    /// The absolute path that a path in the recipe means.
    fn locate(&self, path: &str) -> PathBuf;
}

/// Why a file beside the recipe could not be had.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is no such file.
    #[error("there is no such file")]
    Missing,
    /// The path, or the target of a symbolic link on it, leaves the recipe's folder.
    #[error("it lies outside the recipe's folder")]
    Outside,
    /// It is larger than [`MAX_FILE_BYTES`].
    #[error("it is larger than 64 MiB")]
    TooLarge,
    /// It is a folder, a device or a pipe.
    #[error("it is not an ordinary file")]
    NotAFile,
    /// The system refused.
    #[error("it cannot be read")]
    Io(#[source] io::Error),
}

/// The files in the folder that the recipe lies in, and below.
#[derive(Clone, Debug)]
pub struct Beside {
    folder: PathBuf,
}

impl Beside {
    /// The files beside a recipe.
    pub fn new(source: &Source) -> Beside {
        Beside {
            folder: source.folder().to_owned(),
        }
    }
}

impl Files for Beside {
    fn read(&self, relative: &str) -> Result<Vec<u8>, FileError> {
        let relative = Path::new(relative);
        let stays = relative
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !stays {
            return Err(FileError::Outside);
        }
        let folder = self.folder.canonicalize().map_err(from_io)?;
        let path = folder.join(relative).canonicalize().map_err(from_io)?;
        if !path.starts_with(&folder) {
            return Err(FileError::Outside);
        }
        // Looked at before it is opened: opening a pipe waits for a writer.
        let metadata = path.metadata().map_err(from_io)?;
        if !metadata.is_file() {
            return Err(FileError::NotAFile);
        }
        if metadata.len() > MAX_FILE_BYTES {
            return Err(FileError::TooLarge);
        }
        let mut content = Vec::new();
        let length = File::open(&path)
            .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut content))
            .map_err(from_io)?;
        if length as u64 > MAX_FILE_BYTES {
            return Err(FileError::TooLarge);
        }
        Ok(content)
    }

    fn locate(&self, path: &str) -> PathBuf {
        let joined = self.folder.join(path);
        std::path::absolute(&joined).unwrap_or(joined)
    }
}

fn from_io(error: io::Error) -> FileError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FileError::Missing,
        _ => FileError::Io(error),
    }
}

/// Files in memory, for tests: path to content.
impl Files for BTreeMap<String, Vec<u8>> {
    fn read(&self, relative: &str) -> Result<Vec<u8>, FileError> {
        self.get(relative).cloned().ok_or(FileError::Missing)
    }

    fn locate(&self, path: &str) -> PathBuf {
        Path::new("/").join(path)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::{Beside, FileError, Files};
    use crate::source::Source;

    #[test]
    fn only_ordinary_files_inside_the_folder_are_read() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("recipes");
        fs::create_dir_all(folder.join("files")).unwrap();
        fs::write(root.path().join("secret"), "x").unwrap();
        fs::write(folder.join("files/a"), b"\xff\x00").unwrap();
        symlink("../secret", folder.join("out")).unwrap();
        symlink("files/a", folder.join("in")).unwrap();
        let large = fs::File::create(folder.join("large")).unwrap();
        large.set_len(super::MAX_FILE_BYTES + 1).unwrap();
        let beside = Beside::new(&Source {
            path: folder.join("r.yaml"),
            text: String::new(),
        });

        assert_eq!(beside.read("files/a").unwrap(), b"\xff\x00");
        assert_eq!(beside.read("./in").unwrap(), b"\xff\x00");
        assert!(matches!(beside.read("../secret"), Err(FileError::Outside)));
        assert!(matches!(
            beside.read("files/../in"),
            Err(FileError::Outside)
        ));
        assert!(matches!(
            beside.read("/etc/passwd"),
            Err(FileError::Outside)
        ));
        assert!(matches!(beside.read("out"), Err(FileError::Outside)));
        assert!(matches!(beside.read("files"), Err(FileError::NotAFile)));
        assert!(matches!(beside.read("files/a/b"), Err(FileError::Missing)));
        assert!(matches!(beside.read("none"), Err(FileError::Missing)));
        assert!(matches!(beside.read("large"), Err(FileError::TooLarge)));
        assert!(beside.locate("disk.raw").is_absolute());
    }
}
