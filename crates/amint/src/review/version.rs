//! A version of recipes: a revision, or the working tree.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use amint_recipe::source::MAX_RECIPE_BYTES;
use amint_recipe::{Beside, FileError, Files, ReadError, Source};
use sha2::{Digest, Sha256};

use super::error::ReviewError;
use crate::git::{Commit, Entry, Mode};

/// One version of a repository's files.
#[derive(Debug)]
pub(crate) enum Version {
    /// As it was committed.
    Commit(Commit),
    /// As it lies in the working tree with this root.
    Folder(PathBuf),
}

/// Files by path, as far as they can be told without reading them.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// `None`: in a working tree, which does not know.
    pub(crate) files: BTreeMap<String, Option<Entry>>,
    /// Other repositories' commits by path.
    pub(crate) submodules: BTreeMap<String, String>,
}

/// One recipe's text and the files beside it.
pub(crate) struct Text<'a> {
    pub(crate) source: Source,
    pub(crate) files: Box<dyn Files + Send + Sync + 'a>,
}

impl Text<'_> {
    /// A recipe's text in the working folder, by itself.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn of_file(path: &Path) -> Result<Self, ReadError> {
        let source = Source::read(path)?;
        let files = Box::new(Beside::new(&source));
        Ok(Self { source, files })
    }

    /// Its path, as it is shown.
    pub(crate) fn path(&self) -> String {
        self.source.path.to_string_lossy().into_owned()
    }
}

impl Version {
    /// What lies at some paths or below them.
    ///
    /// # Errors
    /// When it cannot be listed.
    pub(crate) fn list(&self, paths: &[String]) -> Result<Listing, ReviewError> {
        let mut listing = Listing::default();
        for path in paths {
            match self {
                Self::Commit(commit) => {
                    let listed = commit.list(path)?;
                    let files = listed.files.into_iter();
                    let files = files.map(|(path, entry)| (path, Some(entry)));
                    listing.files.extend(files);
                    listing.submodules.extend(listed.submodules);
                }
                Self::Folder(root) => walk(root, path, &mut listing)?,
            }
        }
        Ok(listing)
    }

    /// A recipe's text; symbolic links are followed, as a build would.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn read(&self, path: &str) -> Result<Source, ReadError> {
        let shown = PathBuf::from(path);
        match self {
            Self::Commit(commit) => {
                let bytes = commit.resolve(path, "");
                let bytes = bytes.and_then(|id| commit.blob(&id, MAX_RECIPE_BYTES));
                let bytes = bytes.map_err(|error| unread(&shown, error))?;
                match String::from_utf8(bytes) {
                    Ok(text) => Ok(Source { path: shown, text }),
                    Err(error) => Err(ReadError::NotText {
                        path: shown,
                        offset: error.utf8_error().valid_up_to(),
                    }),
                }
            }
            Self::Folder(root) => {
                let read = Source::read(root.join(path))?;
                Ok(Source {
                    path: shown,
                    ..read
                })
            }
        }
    }

    /// The files beside a recipe.
    pub(crate) fn beside<'a>(&'a self, path: &str) -> Box<dyn Files + Send + Sync + 'a> {
        match self {
            Self::Commit(commit) => Box::new(Committed {
                commit,
                folder: folder_of(path).to_owned(),
            }),
            Self::Folder(root) => Box::new(Beside::new(&Source {
                path: root.join(path),
                text: String::new(),
            })),
        }
    }

    /// The symbolic link that a path leads through, if there is one.
    ///
    /// # Errors
    /// When git goes away.
    pub(crate) fn link_above(&self, path: &str) -> Result<Option<String>, ReviewError> {
        let Self::Commit(commit) = self else {
            return Ok(None);
        };
        for (end, _) in path.match_indices('/') {
            let above = &path[..end];
            if commit
                .entry(above)?
                .is_some_and(|entry| entry.mode == Mode::Link)
            {
                return Ok(Some(above.to_owned()));
            }
        }
        Ok(None)
    }

    /// Whether a symbolic link that is no file leads to the very same in another version.
    fn leads_as_in(&self, other: &Version, path: &str) -> bool {
        match (self, other) {
            (Self::Commit(this), Self::Commit(other)) => this.behind(path) == other.behind(path),
            // In a working tree it leads wherever its user wants it to.
            _ => true,
        }
    }

    /// Whether a path is a symbolic link to something that can't be compared, a folder or a place outside, which was not there
    /// or led elsewhere before.
    pub(crate) fn hides_more_than(
        &self,
        before: &Version,
        path: &str,
        (was, is): (Option<&Entry>, Option<&Entry>),
    ) -> bool {
        if is.is_none_or(|entry| entry.mode != Mode::Link) {
            return false;
        }
        let is_file = match self {
            Self::Commit(commit) => commit.resolve(path, "").is_ok(),
            Self::Folder(_) => true,
        };
        !is_file && (was != is || !self.leads_as_in(before, path))
    }

    /// Whether a recipe's folder, with all that is in it, is the very same in another version.
    pub(crate) fn has_same_folder(&self, other: &Version, path: &str) -> Result<bool, ReviewError> {
        let (Self::Commit(this), Self::Commit(other)) = (self, other) else {
            return Ok(false);
        };
        let folder = folder_of(path);
        Ok(this.entry(folder)? == other.entry(folder)?)
    }
}

/// A recipe's folder; empty at the root.
fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn unread(path: &Path, error: FileError) -> ReadError {
    let path = path.to_owned();
    match error {
        FileError::Missing => ReadError::Missing { path },
        FileError::TooLarge => ReadError::TooLarge { path },
        FileError::Io(source) => ReadError::Io { path, source },
        error => ReadError::Io {
            path,
            source: io::Error::other(error),
        },
    }
}

/// The files beside a recipe in a revision.
struct Committed<'a> {
    commit: &'a Commit,
    folder: String,
}

impl Files for Committed<'_> {
    fn read(&self, relative: &str) -> Result<Vec<u8>, FileError> {
        let mut parts = relative.split('/');
        // As `Beside` has it: no path goes up, even if it came back.
        if relative.starts_with('/') || parts.any(|part| part == "..") {
            return Err(FileError::Outside);
        }
        let path = format!("{}/{relative}", self.folder);
        let id = self.commit.resolve(&path, &self.folder)?;
        self.commit.blob(&id, amint_recipe::files::MAX_FILE_BYTES)
    }

    fn locate(&self, path: &str) -> PathBuf {
        self.commit.root().join(&self.folder).join(path)
    }
}

/// Files, and the names of those that were asked for.
pub(crate) struct Recorded<'a> {
    files: &'a (dyn Files + Send + Sync),
    /// By name, what the answer was.
    asked: Mutex<BTreeMap<String, [u8; 32]>>,
}

impl<'a> Recorded<'a> {
    pub(crate) fn new(files: &'a (dyn Files + Send + Sync)) -> Self {
        Self {
            files,
            asked: Mutex::default(),
        }
    }

    /// Whether all that was asked for is the same elsewhere.
    pub(crate) fn are_same_in(self, other: &dyn Files) -> bool {
        let asked = self
            .asked
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        asked
            .iter()
            .all(|(name, answer)| fingerprint(&other.read(name)) == *answer)
    }
}

impl Files for Recorded<'_> {
    fn read(&self, relative: &str) -> Result<Vec<u8>, FileError> {
        let answer = self.files.read(relative);
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.insert(relative.to_owned(), fingerprint(&answer));
        answer
    }

    fn locate(&self, path: &str) -> PathBuf {
        self.files.locate(path)
    }
}

fn fingerprint(answer: &Result<Vec<u8>, FileError>) -> [u8; 32] {
    match answer {
        Ok(bytes) => Sha256::digest(bytes).into(),
        // No file has this digest.
        Err(_) => [0; 32],
    }
}

/// Files of a working tree; what git keeps for itself is none.
fn walk(root: &Path, path: &str, listing: &mut Listing) -> Result<(), ReviewError> {
    let mut left = vec![path.to_owned()];
    while let Some(path) = left.pop() {
        let whole = root.join(&path);
        let cannot = |source| ReviewError::List {
            path: whole.clone(),
            source,
        };
        let kind = match fs::symlink_metadata(&whole) {
            Ok(metadata) => metadata.file_type(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(cannot(error)),
        };
        if !kind.is_dir() {
            if kind.is_file() || kind.is_symlink() {
                listing.files.insert(path, None);
            }
            continue;
        }
        for entry in fs::read_dir(&whole).map_err(cannot)? {
            let name = entry.map_err(cannot)?.file_name();
            let name = name.to_str().ok_or_else(|| {
                crate::git::GitError::Name(whole.join(&name).display().to_string())
            })?;
            match (path.as_str(), name) {
                (_, ".git") => {}
                ("", name) => left.push(name.to_owned()),
                (path, name) => left.push(format!("{path}/{name}")),
            }
        }
    }
    Ok(())
}

/// Whether two entries are the same ordinary file, told without reading it. What a link means depends on more.
pub(crate) fn is_same_file(old: Option<&Entry>, new: Option<&Entry>) -> bool {
    matches!((old, new), (Some(old), Some(new)) if old == new && old.mode == Mode::File)
}
