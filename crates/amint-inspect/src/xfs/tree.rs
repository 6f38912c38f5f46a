//! The file tree of an XFS file system.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::attributes::attributes;
use super::content::fill;
use super::directory::Directory;
use super::inode::{Inode, kind};
use super::log::Log;
use super::volume::Volume;
use super::{link, map, owners};
use crate::file_system::{FileSystem, FileSystemError};
use crate::inodes::{self, Inodes, MAX_ENTRIES};
use crate::probe;
use crate::region::Region;
use crate::source::{BlockSource, Extent};
use crate::tree::{Attribute, EntryKind, Metadata, TreeError};

/// A read-only view of an XFS file system's files.
///
/// At most 64 MiB of one file and 1,000,000 entries of one directory are read; what is larger is an error. Changes
/// that wait in the log are not shown: when [`FileSystem::needs_recovery`] says so, this is what lies on the disk.
pub struct XfsTree<'a> {
    volume: Volume<'a>,
    clean: bool,
    needs_recovery: bool,
    /// Directories that were read, by inode. Emptied when it holds too many names.
    directories: Mutex<HashMap<u64, Arc<Directory>>>,
}

impl<'a> XfsTree<'a> {
    /// Opens the file system in `partition` of `source`.
    ///
    /// # Errors
    /// When there is none, when it is larger than the partition, damaged or uses an unsupported feature.
    pub fn open(source: &'a dyn BlockSource, partition: Extent) -> Result<Self, FileSystemError> {
        let volume = Volume::open(source, partition)?;
        let root = Inode::read(&volume, volume.superblock.root)?;
        if !root.is(kind::DIRECTORY) {
            return Err(FileSystemError::corrupt("the root is not a directory"));
        }
        let log = Log::read(&volume)?;
        Ok(Self {
            clean: map::is_clean(&volume, &log)?,
            needs_recovery: !log.is_clean(),
            volume,
            directories: Mutex::default(),
        })
    }

    fn directory(&self, inode: &Inode) -> Result<Arc<Directory>, FileSystemError> {
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
}

impl Inodes for XfsTree<'_> {
    type Inode = Inode;

    fn root(&self) -> Result<Inode, FileSystemError> {
        Inode::read(&self.volume, self.volume.superblock.root)
    }

    fn metadata(&self, inode: &Inode) -> Metadata {
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

    fn lookup(&self, directory: &Inode, name: &[u8]) -> Result<Option<Inode>, FileSystemError> {
        let number = self.directory(directory)?.inode_of(name);
        number
            .map(|number| Inode::read(&self.volume, number))
            .transpose()
    }

    fn names(&self, directory: &Inode) -> Result<Vec<Vec<u8>>, FileSystemError> {
        let directory = self.directory(directory)?;
        Ok(directory.entries().map(|(name, _)| name.to_vec()).collect())
    }

    fn target(&self, link: &Inode) -> Result<Vec<u8>, FileSystemError> {
        link::target(&self.volume, link)
    }

    fn fill(&self, file: &Inode, offset: u64, buffer: &mut [u8]) -> Result<(), FileSystemError> {
        fill(&self.volume, file, &file.data, offset, buffer)
    }

    fn attributes(&self, inode: &Inode) -> Result<Vec<Attribute>, FileSystemError> {
        attributes(&self.volume, inode)
    }
}

impl FileSystem for XfsTree<'_> {
    fn kind(&self) -> probe::FileSystem {
        probe::FileSystem::Xfs
    }

    fn is_clean(&self) -> bool {
        self.clean
    }

    fn needs_recovery(&self) -> bool {
        self.needs_recovery
    }

    fn owners(&self, offsets: &[u64]) -> Result<Vec<Region>, TreeError> {
        owners::owners(&self.volume, offsets).map_err(|error| inodes::at("/", &error))
    }
}
