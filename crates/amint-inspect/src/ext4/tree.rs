//! The file tree of an ext4 file system.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::attributes;
use super::content::{content, fill};
use super::directory::Directory;
use super::inode::{INLINE_TARGET, Inode, ROOT, flag, kind};
use super::owners::owners;
use super::volume::Volume;
use crate::file_system::FileSystem;
use crate::file_system::FileSystemError;
use crate::inodes::{self, Inodes, MAX_ENTRIES, MAX_TARGET};
use crate::probe;
use crate::region::Region;
use crate::source::{BlockSource, Extent};
use crate::tree::{Attribute, EntryKind, Metadata, TreeError};

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
    pub fn open(source: &'a dyn BlockSource, partition: Extent) -> Result<Self, FileSystemError> {
        let volume = Volume::recovered(source, partition)?;
        let root = Inode::read(&volume, ROOT)?;
        if !root.is(kind::DIRECTORY) {
            return Err(FileSystemError::corrupt("the root is not a directory"));
        }
        Ok(Self {
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

    fn link_target(&self, link: &Inode) -> Result<Vec<u8>, FileSystemError> {
        match link.size {
            0 => Err(FileSystemError::corrupt(format!(
                "symbolic link inode {} is empty",
                link.number
            ))),
            _ if link.has(flag::ENCRYPTED) => Err(FileSystemError::Encrypted),
            size if size < INLINE_TARGET => {
                Ok(link.root.iter().copied().take(size as usize).collect())
            }
            size if size <= MAX_TARGET => content(&self.volume, link, size),
            _ => Err(FileSystemError::corrupt(format!(
                "symbolic link inode {} is too long",
                link.number
            ))),
        }
    }
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

impl Inodes for Ext4Tree<'_> {
    type Inode = Inode;

    fn root(&self) -> Result<Inode, FileSystemError> {
        Inode::read(&self.volume, ROOT)
    }

    fn metadata(&self, inode: &Inode) -> Metadata {
        metadata(inode)
    }

    fn lookup(&self, directory: &Inode, name: &[u8]) -> Result<Option<Inode>, FileSystemError> {
        let number = self.directory(directory)?.inode_of(name);
        number
            .map(|number| Inode::read(&self.volume, number))
            .transpose()
    }

    fn names(&self, directory: &Inode) -> Result<Vec<Vec<u8>>, FileSystemError> {
        let directory = self.directory(directory)?;
        Ok(directory.names().map(<[u8]>::to_vec).collect())
    }

    fn target(&self, link: &Inode) -> Result<Vec<u8>, FileSystemError> {
        self.link_target(link)
    }

    fn fill(&self, file: &Inode, offset: u64, buffer: &mut [u8]) -> Result<(), FileSystemError> {
        fill(&self.volume, file, offset, buffer)
    }

    fn attributes(&self, inode: &Inode) -> Result<Vec<Attribute>, FileSystemError> {
        attributes::read(&self.volume, inode)
    }
}

impl FileSystem for Ext4Tree<'_> {
    fn kind(&self) -> probe::FileSystem {
        probe::FileSystem::Ext
    }

    fn is_clean(&self) -> bool {
        self.volume.superblock.clean
    }

    fn needs_recovery(&self) -> bool {
        self.volume.superblock.needs_recovery
    }

    fn owners(&self, offsets: &[u64]) -> Result<Vec<Region>, TreeError> {
        owners(&self.volume, offsets).map_err(|error| inodes::at("/", &error))
    }
}
