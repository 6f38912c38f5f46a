//! A recipe's text, and where it came from.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The largest recipe that is read, in bytes (1 MiB).
pub const MAX_RECIPE_BYTES: u64 = 1 << 20;

/// A recipe's text and the path that it is known by.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Source {
    /// The path as the user gave it; diagnostics show it.
    pub path: PathBuf,
    /// The whole text.
    pub text: String,
}

/// Why a recipe's text could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no such file.
    #[error("there is no recipe at {path}")]
    Missing {
        /// The path as the user gave it.
        path: PathBuf,
    },
    /// It could not be opened or read.
    #[error("cannot read recipe {path}")]
    Io {
        /// The path as the user gave it.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is larger than [`MAX_RECIPE_BYTES`].
    #[error("recipe {path} is larger than 1 MiB")]
    TooLarge {
        /// The path as the user gave it.
        path: PathBuf,
    },
    /// It is not UTF-8 text.
    #[error("recipe {path} is not UTF-8 text (byte {offset} is the first that is wrong)")]
    NotText {
        /// The path as the user gave it.
        path: PathBuf,
        /// The first wrong byte, from 0.
        offset: usize,
    },
}

impl ReadError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            ReadError::Missing { .. } => "give the path of a recipe, such as recipes/demo.yaml",
            ReadError::Io { .. } => "check the path and its permissions",
            ReadError::TooLarge { .. } => {
                "move long content to files beside the recipe and name them with `from:`"
            }
            ReadError::NotText { .. } => "save the recipe as UTF-8",
        }
    }
}

impl Source {
    /// Reads a recipe from a file.
    ///
    /// # Errors
    /// When the file is missing, unreadable, larger than [`MAX_RECIPE_BYTES`] or not UTF-8.
    pub fn read(path: impl Into<PathBuf>) -> Result<Source, ReadError> {
        let path = path.into();
        let mut bytes = Vec::new();
        // The limit is applied while reading: a pipe has no size, and a device never ends.
        let read = File::open(&path)
            .and_then(|file| file.take(MAX_RECIPE_BYTES + 1).read_to_end(&mut bytes));
        match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ReadError::Missing { path });
            }
            Err(source) => return Err(ReadError::Io { path, source }),
            Ok(length) if length as u64 > MAX_RECIPE_BYTES => {
                return Err(ReadError::TooLarge { path });
            }
            Ok(_) => {}
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Source { path, text }),
            Err(error) => Err(ReadError::NotText {
                path,
                offset: error.utf8_error().valid_up_to(),
            }),
        }
    }

    /// The folder that the recipe lies in; `.` when the path is a bare file name.
    pub fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    /// The file's name without its folder.
    pub fn file_name(&self) -> String {
        match self.path.file_name() {
            Some(name) => name.to_string_lossy().into_owned(),
            None => self.path.to_string_lossy().into_owned(),
        }
    }
}

/// The largest character boundary that is not past `offset`.
pub(crate) fn floor_char_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}
