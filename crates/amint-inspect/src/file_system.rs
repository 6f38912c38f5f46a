//! A file system of whichever kind, opened read-only.

use crate::ext4::Ext4Tree;
use crate::probe::{self, probe};
use crate::region::Region;
use crate::source::{BlockSource, Extent, ReadError};
use crate::tree::{Tree, TreeError};
use crate::vfat::VfatTree;
use crate::xfs::XfsTree;

/// A file tree, and what is known about the blocks that it is kept in.
pub trait FileSystem: Tree + Send + Sync {
    /// Which kind it is.
    fn kind(&self) -> probe::FileSystem;

    /// Whether it was cleanly unmounted: no error recorded, nothing to recover.
    fn is_clean(&self) -> bool;

    /// Whether it was cut off while in use, so that its journal has to be replayed before it can be changed.
    fn needs_recovery(&self) -> bool;

    /// What the bytes at `offsets` belong to, one answer each, in their order. Offsets count from the start of the
    /// disk; they are inside the file system's partition and may be in any order.
    ///
    /// One walk over all that is in use, however many are asked about; so ask once.
    ///
    /// # Errors
    /// When the file system is too damaged to be walked.
    fn owners(&self, offsets: &[u64]) -> Result<Vec<Region>, TreeError>;
}

/// Opens the file system in `partition` of `source`; `None` when what is there has no reader.
///
/// # Errors
/// When it is larger than the partition, damaged, or uses a feature that its reader does not know.
pub fn open<'a>(
    source: &'a dyn BlockSource,
    partition: Extent,
) -> Result<Option<Box<dyn FileSystem + 'a>>, FileSystemError> {
    Ok(match probe(source, partition)? {
        probe::FileSystem::Ext => Some(Box::new(Ext4Tree::open(source, partition)?)),
        probe::FileSystem::Xfs => Some(Box::new(XfsTree::open(source, partition)?)),
        probe::FileSystem::Vfat => Some(Box::new(VfatTree::open(source, partition)?)),
        _ => None,
    })
}

/// Why a file system, or a part of one, could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FileSystemError {
    /// The disk could not be read.
    #[error("cannot read the file system")]
    Read(#[from] ReadError),
    /// No superblock of this kind.
    #[error("there is no {0} file system here")]
    Absent(probe::FileSystem),
    /// The file system is larger than what holds it.
    #[error(
        "the file system has {claimed} bytes but its partition only {available}: the disk is truncated"
    )]
    Truncated {
        /// What the superblock says.
        claimed: u64,
        /// What is there.
        available: u64,
    },
    /// A feature that this reader does not know.
    #[error("the file system uses {0}, which is not supported")]
    Unsupported(String),
    /// A checksum does not match.
    #[error("the checksum of {0} is wrong")]
    Checksum(String),
    /// Something contradicts itself.
    #[error("the file system is damaged: {0}")]
    Corrupt(String),
    /// Larger than what this reader is willing to hold.
    #[error("{what} is too large: more than {limit}")]
    TooLarge {
        /// What is too large.
        what: String,
        /// How much would be allowed.
        limit: u64,
    },
    /// It is in use, was cut off while it was, or has recorded errors.
    #[error("the file system was not cleanly unmounted")]
    NotClean,
    /// Encrypted by the file system (fscrypt).
    #[error("it is encrypted")]
    Encrypted,
    /// A path leads through more symbolic links than Linux follows.
    #[error("too many levels of symbolic links")]
    SymlinkLoop,
}

impl FileSystemError {
    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        FileSystemError::Corrupt(what.into())
    }
}
