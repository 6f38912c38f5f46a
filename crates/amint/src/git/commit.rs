//! The files of one revision.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use amint_recipe::FileError;

use super::error::GitError;
use super::objects::{Content, Kind, Objects};
use super::tree::{self, Entry, Mode, Tree};

/// How many symbolic links a path may lead through, as on Linux.
const MOST_LINKS: usize = 40;
/// The longest target of a symbolic link, in bytes, as on Linux.
const LONGEST_LINK: u64 = 4096;
/// The largest folder's object, in bytes.
const LARGEST_TREE: u64 = 64 << 20;
/// How many files are listed.
const MOST_FILES: usize = 200_000;

/// One revision.
#[derive(Debug)]
pub(crate) struct Commit {
    objects: Arc<Objects>,
    /// The working tree's root, for paths that are only shown.
    root: PathBuf,
    id: String,
    tree: String,
    /// Folders that were read, by id.
    known: Mutex<HashMap<String, Arc<Tree>>>,
}

/// What lies below some paths.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    /// Files and symbolic links by path.
    pub(crate) files: BTreeMap<String, Entry>,
    /// Other repositories' commits by path.
    pub(crate) submodules: BTreeMap<String, String>,
}

impl Commit {
    pub(super) fn new(objects: Arc<Objects>, root: PathBuf, id: String, tree: String) -> Self {
        Self {
            objects,
            root,
            id,
            tree,
            known: Mutex::default(),
        }
    }

    /// The commit's id, in hexadecimal digits.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The root of the working tree around it.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// What lies at a path or below it. Symbolic links are listed, not followed.
    ///
    /// # Errors
    /// When git goes away, a name is no text or there are too many.
    pub(crate) fn list(&self, path: &str) -> Result<Listed, GitError> {
        let mut listed = Listed::default();
        match self.entry(path)? {
            Some(entry) => self.collect(path, entry, &mut listed)?,
            None => return Ok(listed),
        }
        Ok(listed)
    }

    /// The entry at a path, itself and not what a symbolic link there or on the way means.
    ///
    /// # Errors
    /// When git goes away.
    pub(crate) fn entry(&self, path: &str) -> Result<Option<Entry>, GitError> {
        let mut entry = Entry {
            mode: Mode::Folder,
            id: self.tree.clone(),
        };
        for part in path.split('/').filter(|part| !part.is_empty()) {
            if entry.mode != Mode::Folder {
                return Ok(None);
            }
            match self.folder(&entry.id)?.get(part.as_bytes()) {
                Some(found) => entry = found.clone(),
                None => return Ok(None),
            }
        }
        Ok(Some(entry))
    }

    /// The id of the file that a path means, symbolic links followed; its own path must stay inside `within`.
    ///
    /// # Errors
    /// When there is no such file there.
    pub(crate) fn resolve(&self, path: &str, within: &str) -> Result<String, FileError> {
        let (at, file) = self.follow(path)?;
        let file = file.ok_or(FileError::NotAFile)?;
        let names = at.iter().map(|(name, _)| name.as_str());
        let inside = within.split('/').filter(|part| !part.is_empty());
        match names.take(inside.clone().count()).eq(inside) {
            true => Ok(file),
            false => Err(FileError::Outside),
        }
    }

    /// What a path means, symbolic links followed: the id of a file or of a folder; `None` when it leads nowhere in this
    /// revision.
    pub(crate) fn behind(&self, path: &str) -> Option<String> {
        let (at, file) = self.follow(path).ok()?;
        let folder = at.last().map(|(_, id)| id.clone());
        Some(file.or(folder).unwrap_or_else(|| self.tree.clone()))
    }

    /// The folders that lead to what a path means, by name and id, and the file's id if it is a file.
    #[allow(clippy::type_complexity, reason = "both are taken apart at once")]
    fn follow(&self, path: &str) -> Result<(Vec<(String, String)>, Option<String>), FileError> {
        let mut left: VecDeque<String> = path.split('/').map(str::to_owned).collect();
        let mut at: Vec<(String, String)> = Vec::new();
        let mut links = 0;
        while let Some(part) = left.pop_front() {
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    at.pop().ok_or(FileError::Outside)?;
                    continue;
                }
                _ => {}
            }
            let folder = at.last().map_or(&self.tree, |(_, id)| id);
            let folder = self.folder(folder).map_err(unreadable)?;
            let entry = folder.get(part.as_bytes()).ok_or(FileError::Missing)?;
            let last = left.iter().all(|part| part.is_empty() || part == ".");
            match entry.mode {
                Mode::Folder => at.push((part, entry.id.clone())),
                Mode::File if last => return Ok((at, Some(entry.id.clone()))),
                Mode::File => return Err(FileError::Missing),
                Mode::Submodule => return Err(FileError::NotAFile),
                Mode::Link => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(FileError::Missing);
                    }
                    let target = self.blob(&entry.id, LONGEST_LINK)?;
                    let target = String::from_utf8(target).map_err(|_| FileError::Missing)?;
                    if target.starts_with('/') {
                        return Err(FileError::Outside);
                    }
                    for part in target.rsplit('/') {
                        left.push_front(part.to_owned());
                    }
                }
            }
        }
        Ok((at, None))
    }

    /// A file's content by its id.
    ///
    /// # Errors
    /// When it has more than `most` bytes, or git goes away.
    pub(crate) fn blob(&self, id: &str, most: u64) -> Result<Vec<u8>, FileError> {
        match self.objects.read(id, Kind::Blob, most) {
            Ok(Content::Bytes(bytes)) => Ok(bytes),
            Ok(Content::TooLarge) => Err(FileError::TooLarge),
            Err(error) => Err(unreadable(error)),
        }
    }

    fn folder(&self, id: &str) -> Result<Arc<Tree>, GitError> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tree) = known().get(id) {
            return Ok(Arc::clone(tree));
        }
        let tree = match self.objects.read(id, Kind::Tree, LARGEST_TREE)? {
            Content::Bytes(bytes) => Arc::new(tree::parse(&bytes, id)?),
            Content::TooLarge => return Err(GitError::Corrupt(id.to_owned())),
        };
        known().insert(id.to_owned(), Arc::clone(&tree));
        Ok(tree)
    }

    fn collect(&self, path: &str, entry: Entry, listed: &mut Listed) -> Result<(), GitError> {
        let mut left = vec![(path.to_owned(), entry)];
        let mut seen = 0;
        while let Some((path, entry)) = left.pop() {
            // A few objects that name each other can say more paths than there are atoms.
            seen += 1;
            if seen + left.len() > MOST_FILES {
                return Err(GitError::TooManyFiles(MOST_FILES));
            }
            match entry.mode {
                Mode::File | Mode::Link => {
                    listed.files.insert(path, entry);
                }
                Mode::Submodule => {
                    listed.submodules.insert(path, entry.id);
                }
                Mode::Folder => {
                    for (name, entry) in self.folder(&entry.id)?.iter() {
                        let name = std::str::from_utf8(name).map_err(|_| {
                            GitError::Name(format!("{path}/{}", String::from_utf8_lossy(name)))
                        })?;
                        let path = match path.as_str() {
                            "" => name.to_owned(),
                            path => format!("{path}/{name}"),
                        };
                        left.push((path, entry.clone()));
                    }
                }
            }
        }
        Ok(())
    }
}

fn unreadable(error: GitError) -> FileError {
    FileError::Io(std::io::Error::other(error))
}
