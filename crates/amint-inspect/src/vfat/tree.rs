//! The file tree of a FAT file system.

use std::sync::{Arc, Mutex, PoisonError};

use super::directory::{Named, Node};
use super::owners::owners;
use super::volume::{Runs, Volume};
use crate::file_system::{FileSystem, FileSystemError};
use crate::inodes::{self, Inodes};
use crate::name;
use crate::probe;
use crate::region::Region;
use crate::source::{BlockSource, Extent};
use crate::tree::{Attribute, EntryKind, Metadata, TreeError};

/// A read-only view of a FAT file system's files.
///
/// FAT has no owners and no permissions: files belong to root with the modes that Linux gives them by default. Names
/// are found in any case, as Linux finds them.
pub struct VfatTree<'a> {
    volume: Volume<'a>,
    partition: Extent,
    /// The clusters of the file that was read last, by its first one: large files are read in pieces.
    last: Mutex<Option<(u32, Arc<Runs>)>>,
}

impl<'a> VfatTree<'a> {
    /// Opens the file system in `partition` of `source`.
    ///
    /// # Errors
    /// When there is none, when it is larger than the partition, or damaged.
    pub fn open(source: &'a dyn BlockSource, partition: Extent) -> Result<Self, FileSystemError> {
        let volume = Volume::open(source, partition)?;
        volume.directory(&volume.root())?;
        Ok(Self {
            volume,
            partition,
            last: Mutex::default(),
        })
    }

    fn runs(&self, first: u32) -> Result<Arc<Runs>, FileSystemError> {
        let lock = || self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, runs)) = lock().as_ref().filter(|(cached, _)| *cached == first) {
            return Ok(Arc::clone(runs));
        }
        let runs = Arc::new(self.volume.chain(first)?);
        *lock() = Some((first, Arc::clone(&runs)));
        Ok(runs)
    }
}

impl Inodes for VfatTree<'_> {
    type Inode = Node;

    fn root(&self) -> Result<Node, FileSystemError> {
        Ok(self.volume.root())
    }

    fn metadata(&self, node: &Node) -> Metadata {
        Metadata {
            kind: match node.directory {
                true => EntryKind::Directory,
                false => EntryKind::File,
            },
            size: node.size,
            mode: if node.read_only { 0o555 } else { 0o755 },
            uid: 0,
            gid: 0,
        }
    }

    fn lookup(&self, directory: &Node, wanted: &[u8]) -> Result<Option<Node>, FileSystemError> {
        let folded = fold(wanted);
        let is_it = |one: &Named| fold(&one.name) == folded || fold(&one.short) == folded;
        let mut entries = self.volume.directory(directory)?.into_iter();
        Ok(entries.find(is_it).map(|named| named.node))
    }

    fn names(&self, directory: &Node) -> Result<Vec<Vec<u8>>, FileSystemError> {
        let entries = self.volume.directory(directory)?;
        let mut names: Vec<_> = entries.into_iter().map(|named| named.name).collect();
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    fn target(&self, _link: &Node) -> Result<Vec<u8>, FileSystemError> {
        Err(FileSystemError::corrupt("FAT has no symbolic links"))
    }

    fn fill(&self, file: &Node, offset: u64, buffer: &mut [u8]) -> Result<(), FileSystemError> {
        // An empty file has no clusters.
        match buffer.is_empty() {
            true => Ok(()),
            false => self.volume.fill(&*self.runs(file.first)?, offset, buffer),
        }
    }

    fn attributes(&self, _node: &Node) -> Result<Vec<Attribute>, FileSystemError> {
        Ok(Vec::new())
    }
}

/// A name without its case.
fn fold(text: &[u8]) -> String {
    name::text(text).to_lowercase()
}

impl FileSystem for VfatTree<'_> {
    fn kind(&self) -> probe::FileSystem {
        probe::FileSystem::Vfat
    }

    fn is_clean(&self) -> bool {
        self.volume.is_clean()
    }

    fn needs_recovery(&self) -> bool {
        false
    }

    fn owners(&self, offsets: &[u64]) -> Result<Vec<Region>, TreeError> {
        let start = self.partition.offset;
        let inside: Vec<u64> = offsets
            .iter()
            .map(|offset| offset.saturating_sub(start))
            .collect();
        owners(&self.volume, &inside).map_err(|error| inodes::at("/", &error))
    }
}
