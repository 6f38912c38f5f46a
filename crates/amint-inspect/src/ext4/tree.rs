//! The file tree of an ext4 file system.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::content::content;
use super::directory::{Directory, MAX_ENTRIES};
use super::error::Ext4Error;
use super::inode::{Inode, ROOT, kind};
use super::volume::Volume;
use crate::name;
use crate::source::{BlockSource, Extent};
use crate::tree::{EntryKind, Metadata, Tree, TreeError};

/// Links that one path may lead through, as on Linux (path_resolution(7)).
const MAX_SYMLINKS: usize = 40;
/// Longest target of a symbolic link (`PATH_MAX` without its terminator).
const MAX_TARGET: u64 = 4095;
/// Targets shorter than this are in the inode itself.
const INLINE_TARGET: u64 = 60;
/// Components that one path may lead through, links included.
const MAX_COMPONENTS: usize = 10_000;

/// A read-only view of an ext4 file system's files.
///
/// At most 64 MiB of one file and 1,000,000 entries of one directory are read; what is larger is an error.
/// Changes that wait in the journal are shown as if they had been carried out.
pub struct Ext4Tree<'a> {
    volume: Volume<'a>,
    /// Directories that were read, by inode. Emptied when it holds too many names.
    directories: Mutex<HashMap<u32, Arc<Directory>>>,
}

impl<'a> Ext4Tree<'a> {
    /// Opens the file system in `partition` of `source`.
    ///
    /// # Errors
    /// When there is none, when it is larger than the partition, damaged or uses an unsupported feature.
    pub fn open(source: &'a dyn BlockSource, partition: Extent) -> Result<Self, Ext4Error> {
        let volume = Volume::recovered(source, partition)?;
        let root = Inode::read(&volume, ROOT)?;
        if !root.is(kind::DIRECTORY) {
            return Err(Ext4Error::corrupt("the root is not a directory"));
        }
        Ok(Self {
            volume,
            directories: Mutex::default(),
        })
    }

    /// Whether it was cleanly unmounted: no error recorded, nothing to recover, no orphaned inodes.
    pub fn is_clean(&self) -> bool {
        self.volume.superblock.clean
    }

    /// Whether it was cut off while in use, so that its journal has to be replayed before it can be changed.
    pub fn needs_recovery(&self) -> bool {
        self.volume.superblock.needs_recovery
    }

    fn directory(&self, inode: &Inode) -> Result<Arc<Directory>, Ext4Error> {
        let lock = || {
            self.directories
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(directory) = lock().get(&inode.number) {
            return Ok(Arc::clone(directory));
        }
        let directory = Arc::new(Directory::read(&self.volume, inode)?);
        let mut directories = lock();
        let names: usize = directories.values().map(|cached| cached.len() + 1).sum();
        if names + directory.len() > MAX_ENTRIES {
            directories.clear();
        }
        directories.insert(inode.number, Arc::clone(&directory));
        Ok(directory)
    }

    fn target(&self, link: &Inode) -> Result<Vec<u8>, Ext4Error> {
        match link.size {
            0 => Err(Ext4Error::corrupt(format!(
                "symbolic link inode {} is empty",
                link.number
            ))),
            _ if link.encrypted => Err(Ext4Error::Encrypted),
            size if size < INLINE_TARGET => {
                Ok(link.root.iter().copied().take(size as usize).collect())
            }
            size if size <= MAX_TARGET => content(&self.volume, link, size),
            _ => Err(Ext4Error::corrupt(format!(
                "symbolic link inode {} is too long",
                link.number
            ))),
        }
    }

    /// Walks `path` from the root; `None` when it leads nowhere.
    fn resolve(&self, path: &str, follow_last: bool) -> Result<Option<Inode>, Ext4Error> {
        let mut above = Vec::new();
        let mut current = Inode::read(&self.volume, ROOT)?;
        let mut ahead = Vec::new();
        push_components(&mut ahead, &name::bytes(path));
        let (mut links, mut steps) = (0, 0);
        while let Some(component) = ahead.pop() {
            steps += 1;
            if steps > MAX_COMPONENTS {
                return Err(Ext4Error::SymlinkLoop);
            }
            if !current.is(kind::DIRECTORY) {
                return Ok(None);
            }
            if component == b".." {
                // At the root, `..` is the root.
                current = above.pop().unwrap_or(current);
                continue;
            }
            let Some(number) = self.directory(&current)?.inode_of(&component) else {
                return Ok(None);
            };
            let child = Inode::read(&self.volume, number)?;
            if child.is(kind::SYMLINK) && (follow_last || !ahead.is_empty()) {
                links += 1;
                if links > MAX_SYMLINKS {
                    return Err(Ext4Error::SymlinkLoop);
                }
                let target = self.target(&child)?;
                push_components(&mut ahead, &target);
                if target.starts_with(b"/") {
                    above.clear();
                    current = Inode::read(&self.volume, ROOT)?;
                }
                continue;
            }
            above.push(std::mem::replace(&mut current, child));
        }
        Ok(Some(current))
    }
}

/// Puts the components of `path` in front of what is `ahead`, whose last element comes next.
fn push_components(ahead: &mut Vec<Vec<u8>>, path: &[u8]) {
    let components = path
        .split(|byte| *byte == b'/')
        .filter(|component| !matches!(*component, b"" | b"."));
    ahead.extend(components.rev().map(<[u8]>::to_vec));
}

fn metadata(inode: &Inode) -> Metadata {
    let kind = match inode.mode & kind::MASK {
        kind::FILE => EntryKind::File,
        kind::DIRECTORY => EntryKind::Directory,
        kind::SYMLINK => EntryKind::Symlink,
        _ => EntryKind::Special,
    };
    Metadata {
        kind,
        size: inode.size,
        mode: inode.mode & 0o7777,
        uid: inode.uid,
        gid: inode.gid,
    }
}

impl Tree for Ext4Tree<'_> {
    fn metadata(&self, path: &str) -> Result<Option<Metadata>, TreeError> {
        let inode = self
            .resolve(path, false)
            .map_err(|error| at(path, &error))?;
        Ok(inode.as_ref().map(metadata))
    }

    fn read(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, TreeError> {
        let limit = limit as u64;
        let read = || match self.resolve(path, true)? {
            Some(inode) if inode.is(kind::FILE) => content(&self.volume, &inode, limit).map(Some),
            _ => Ok(None),
        };
        read().map_err(|error| at(path, &error))
    }

    fn list(&self, path: &str) -> Result<Vec<String>, TreeError> {
        let list = || match self.resolve(path, true)? {
            Some(inode) if inode.is(kind::DIRECTORY) => {
                let directory = self.directory(&inode)?;
                Ok(directory.names().map(name::text).collect())
            }
            _ => Ok(Vec::new()),
        };
        list().map_err(|error| at(path, &error))
    }
}

/// The error at `path`, its causes joined: a [`TreeError`] keeps words only.
fn at(path: &str, error: &Ext4Error) -> TreeError {
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
