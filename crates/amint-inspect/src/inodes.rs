//! What the readers of file systems have in common: inodes are found by path, and seen through [`Tree`]'s eyes.

use crate::file_system::FileSystemError;
use crate::name;
use crate::tree::{Attribute, EntryKind, Metadata, Tree, TreeError};

/// Links that one path may lead through, as on Linux (path_resolution(7)).
const MAX_SYMLINKS: usize = 40;
/// Components that one path may lead through, links included.
const MAX_COMPONENTS: usize = 10_000;
/// The most that is read of one file into memory at once, in bytes.
pub(crate) const MAX_CONTENT: u64 = 64 << 20;
/// More names than any directory in an image has.
pub(crate) const MAX_ENTRIES: usize = 1_000_000;
/// Longest target of a symbolic link (`PATH_MAX` without its terminator).
pub(crate) const MAX_TARGET: u64 = 4095;

/// A file system's own way to its inodes.
pub(crate) trait Inodes {
    /// One inode, read and checked.
    type Inode;

    /// The root directory.
    fn root(&self) -> Result<Self::Inode, FileSystemError>;
    /// Attributes.
    fn metadata(&self, inode: &Self::Inode) -> Metadata;
    /// What `name` stands for in a directory.
    fn lookup(
        &self,
        directory: &Self::Inode,
        name: &[u8],
    ) -> Result<Option<Self::Inode>, FileSystemError>;
    /// The names in a directory, sorted by byte, without `.` and `..`.
    fn names(&self, directory: &Self::Inode) -> Result<Vec<Vec<u8>>, FileSystemError>;
    /// Where a symbolic link leads; never empty.
    fn target(&self, link: &Self::Inode) -> Result<Vec<u8>, FileSystemError>;
    /// Fills `buffer` from `offset` of a regular file on, which reaches that far. Holes are zeros.
    fn fill(
        &self,
        file: &Self::Inode,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<(), FileSystemError>;
    /// Extended attributes, sorted by name.
    fn attributes(&self, inode: &Self::Inode) -> Result<Vec<Attribute>, FileSystemError>;
}

/// Walks `path` from the root; `None` when it leads nowhere. Links never leave the tree.
pub(crate) fn resolve<F: Inodes>(
    files: &F,
    path: &str,
    follow_last: bool,
) -> Result<Option<F::Inode>, FileSystemError> {
    let mut above = Vec::new();
    let mut current = files.root()?;
    let mut ahead = Vec::new();
    push_components(&mut ahead, &name::bytes(path));
    let (mut links, mut steps) = (0, 0);
    while let Some(component) = ahead.pop() {
        steps += 1;
        if steps > MAX_COMPONENTS {
            return Err(FileSystemError::SymlinkLoop);
        }
        if files.metadata(&current).kind != EntryKind::Directory {
            return Ok(None);
        }
        if component == b".." {
            // At the root, `..` is the root.
            current = above.pop().unwrap_or(current);
            continue;
        }
        let Some(child) = files.lookup(&current, &component)? else {
            return Ok(None);
        };
        let is_link = files.metadata(&child).kind == EntryKind::Symlink;
        if is_link && (follow_last || !ahead.is_empty()) {
            links += 1;
            if links > MAX_SYMLINKS {
                return Err(FileSystemError::SymlinkLoop);
            }
            let target = files.target(&child)?;
            push_components(&mut ahead, &target);
            if target.starts_with(b"/") {
                above.clear();
                current = files.root()?;
            }
            continue;
        }
        above.push(std::mem::replace(&mut current, child));
    }
    Ok(Some(current))
}

/// Puts the components of `path` in front of what is `ahead`, whose last element comes next.
fn push_components(ahead: &mut Vec<Vec<u8>>, path: &[u8]) {
    let components = path
        .split(|byte| *byte == b'/')
        .filter(|component| !matches!(*component, b"" | b"."));
    ahead.extend(components.rev().map(<[u8]>::to_vec));
}

impl<F: Inodes> Tree for F {
    fn metadata(&self, path: &str) -> Result<Option<Metadata>, TreeError> {
        let inode = resolve(self, path, false).map_err(|error| at(path, &error))?;
        Ok(inode.map(|inode| Inodes::metadata(self, &inode)))
    }

    fn read(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, TreeError> {
        let read = || {
            let Some((inode, size)) = file(self, path)? else {
                return Ok(None);
            };
            let length = size.min(limit as u64);
            if length > MAX_CONTENT {
                return Err(FileSystemError::TooLarge {
                    what: "the file".to_owned(),
                    limit: MAX_CONTENT,
                });
            }
            let mut content = vec![0; length as usize];
            Inodes::fill(self, &inode, 0, &mut content)?;
            Ok(Some(content))
        };
        read().map_err(|error| at(path, &error))
    }

    fn read_at(
        &self,
        path: &str,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<Option<usize>, TreeError> {
        let mut read = || {
            let Some((inode, size)) = file(self, path)? else {
                return Ok(None);
            };
            let length = size.saturating_sub(offset).min(buffer.len() as u64) as usize;
            if let Some(part) = buffer.get_mut(..length).filter(|part| !part.is_empty()) {
                Inodes::fill(self, &inode, offset, part)?;
            }
            Ok(Some(length))
        };
        read().map_err(|error| at(path, &error))
    }

    fn list(&self, path: &str) -> Result<Vec<String>, TreeError> {
        let list = || match resolve(self, path, true)? {
            Some(inode) if Inodes::metadata(self, &inode).kind == EntryKind::Directory => {
                let names = Inodes::names(self, &inode)?;
                Ok(names.iter().map(|name| name::text(name)).collect())
            }
            _ => Ok(Vec::new()),
        };
        list().map_err(|error| at(path, &error))
    }

    fn target(&self, path: &str) -> Result<Option<String>, TreeError> {
        let read = || match resolve(self, path, false)? {
            Some(inode) if Inodes::metadata(self, &inode).kind == EntryKind::Symlink => {
                Ok(Some(name::text(&Inodes::target(self, &inode)?)))
            }
            _ => Ok(None),
        };
        read().map_err(|error| at(path, &error))
    }

    fn attributes(&self, path: &str) -> Result<Vec<Attribute>, TreeError> {
        let read = || match resolve(self, path, false)? {
            Some(inode) => Inodes::attributes(self, &inode),
            None => Ok(Vec::new()),
        };
        read().map_err(|error| at(path, &error))
    }
}

/// The regular file at `path`, links followed, and its size.
fn file<F: Inodes>(files: &F, path: &str) -> Result<Option<(F::Inode, u64)>, FileSystemError> {
    let Some(inode) = resolve(files, path, true)? else {
        return Ok(None);
    };
    let metadata = files.metadata(&inode);
    Ok((metadata.kind == EntryKind::File).then_some((inode, metadata.size)))
}

/// The error at `path`, its causes joined: a [`TreeError`] keeps words only.
pub(crate) fn at(path: &str, error: &FileSystemError) -> TreeError {
    let mut reason = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        reason = format!("{reason}: {cause}");
        source = cause.source();
    }
    TreeError {
        path: path.to_owned(),
        reason,
    }
}
