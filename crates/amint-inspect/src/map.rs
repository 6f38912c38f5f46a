//! Which bytes of a file system hold nothing: free blocks and those of an empty journal.

use crate::file_system::FileSystemError;
use crate::probe::{FileSystem, probe};
use crate::source::{BlockSource, Extent};
use crate::{ext4, vfat, xfs};

/// Bounds the memory of a map; a 3 GiB disk cannot have more than a fifth of this.
pub(crate) const MAX_EXTENTS: usize = 1 << 21;

/// What a file system does not use. Offsets count from the start of the disk.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FreeMap {
    /// The file system's own extent.
    pub partition: Extent,
    /// Blocks that belong to no file and to no metadata, ascending, adjacent ones joined.
    pub free: Vec<Extent>,
    /// The journal inside the file system, without what must stay for it to be one (ext4: its superblock; XFS: the
    /// first bytes of each sector, and the record of the unmount). Ascending
    /// in the journal's own order. Empty when there is none, or when none of it may go.
    pub journal: Vec<Extent>,
    /// Nothing in the journal waits to be replayed; true when there is no journal.
    pub journal_clean: bool,
    /// Cleanly unmounted: valid state, no error recorded, no recovery needed, no orphaned inodes. Unless it
    /// is, this map may be older than the files, and must not be used to discard anything.
    pub clean: bool,
}

impl FreeMap {
    /// Reads the map of the file system in `partition`; `None` when what is there has no reader.
    ///
    /// # Errors
    /// When it is larger than the partition, when its metadata contradicts itself or fails its checksums, and for
    /// features that its reader does not know.
    pub fn read(
        source: &dyn BlockSource,
        partition: Extent,
    ) -> Result<Option<Self>, FileSystemError> {
        Ok(match probe(source, partition)? {
            FileSystem::Ext => Some(ext4::map::read(source, partition)?),
            FileSystem::Xfs => Some(xfs::map::read(source, partition)?),
            FileSystem::Vfat => Some(vfat::map::read(source, partition)?),
            _ => None,
        })
    }

    /// What may be discarded from outside: free blocks, and the journal when it is clean. Nothing unless
    /// the file system is clean.
    pub fn scrubbable(&self) -> impl Iterator<Item = Extent> + '_ {
        let free = self.free.iter().filter(|_| self.clean);
        let journal = self
            .journal
            .iter()
            .filter(|_| self.clean && self.journal_clean);
        free.chain(journal).copied()
    }
}
