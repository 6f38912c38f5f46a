//! What a byte of a disk belongs to, as far as its metadata can tell.

use std::fmt;

use crate::file_system::{self, FileSystemError};
use crate::partition::Layout;
use crate::probe::{FileSystem, probe};
use crate::source::{BlockSource, Extent, ReadError};

/// What a byte belongs to.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Region {
    /// The content of the file at this path: what every instance sees.
    File(String),
    /// Behind the end of the file at this path, in its last block or in blocks that were reserved for it.
    FileSlack(String),
    /// The target of the symbolic link at this path.
    Link(String),
    /// Extended attributes of the file at this path.
    Attributes(String),
    /// A name in the directory at this path that is in use.
    Directory(String),
    /// What removed names left in the directory at this path.
    DirectorySlack(String),
    /// A file that is in use and has no name any more (ext4: an orphan).
    Unlinked,
    /// The file system's own tables.
    Metadata,
    /// Inodes that belong to no file.
    FreeInode,
    /// A block that belongs to no file: what was deleted lives on there.
    FreeBlock,
    /// The file system's journal.
    Journal,
    /// Swap space.
    Swap,
    /// In use, and not known by whom: the file system could not be walked, or is damaged there.
    InUse,
    /// A partition whose file system has no reader or cannot be read, or what is behind a file system in its
    /// partition.
    Unmapped,
    /// No partition.
    OutsidePartitions,
}

impl Region {
    /// The same, its path that of a file system that is mounted at `place`, which has no slash at its end.
    #[must_use]
    pub fn below(self, place: &str) -> Self {
        let below = |path: String| format!("{place}{path}");
        match self {
            Region::File(path) => Region::File(below(path)),
            Region::FileSlack(path) => Region::FileSlack(below(path)),
            Region::Link(path) => Region::Link(below(path)),
            Region::Attributes(path) => Region::Attributes(below(path)),
            Region::Directory(path) => Region::Directory(below(path)),
            Region::DirectorySlack(path) => Region::DirectorySlack(below(path)),
            other => other,
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Region::File(path) => f.write_str(path),
            Region::FileSlack(path) => write!(f, "behind the end of {path}"),
            Region::Link(path) => write!(f, "the target of the link {path}"),
            Region::Attributes(path) => write!(f, "an extended attribute of {path}"),
            Region::Directory(path) => write!(f, "a name in the directory {path}"),
            Region::DirectorySlack(path) => write!(f, "a removed name in the directory {path}"),
            Region::Unlinked => f.write_str("a file without a name"),
            Region::Metadata => f.write_str("the file system's own tables"),
            Region::FreeInode => f.write_str("an inode of no file"),
            Region::FreeBlock => f.write_str("free block"),
            Region::Journal => f.write_str("file-system journal"),
            Region::Swap => f.write_str("swap space"),
            Region::InUse => f.write_str("in use"),
            Region::Unmapped => f.write_str("a partition that is not read"),
            Region::OutsidePartitions => f.write_str("outside any partition"),
        }
    }
}

/// What the bytes at `offsets` of the disk belong to, one answer each, in their order. Each file system that any
/// of them is in is walked once.
///
/// A file system that cannot be read is [`Region::Unmapped`]; where it can be read but not walked, [`Region::InUse`].
///
/// # Errors
/// When the source does not hand out its bytes.
pub fn attribute(
    source: &dyn BlockSource,
    layout: &Layout,
    offsets: &[u64],
) -> Result<Vec<Region>, ReadError> {
    let mut regions = vec![Region::OutsidePartitions; offsets.len()];
    for partition in &layout.partitions {
        let range = partition.extent.range();
        let (places, inside): (Vec<usize>, Vec<u64>) = offsets
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, offset)| range.contains(offset))
            .unzip();
        if inside.is_empty() {
            continue;
        }
        let found = in_partition(source, partition.extent, &inside)?;
        for (place, region) in places.into_iter().zip(found) {
            if let Some(slot) = regions.get_mut(place) {
                *slot = region;
            }
        }
    }
    Ok(regions)
}

fn in_partition(
    source: &dyn BlockSource,
    partition: Extent,
    offsets: &[u64],
) -> Result<Vec<Region>, ReadError> {
    let all = |region| Ok(vec![region; offsets.len()]);
    if probe(source, partition)? == FileSystem::Swap {
        return all(Region::Swap);
    }
    match file_system::open(source, partition) {
        Ok(Some(files)) => match files.owners(offsets) {
            Ok(regions) => Ok(regions),
            Err(_) => all(Region::InUse),
        },
        Err(FileSystemError::Read(error @ ReadError::Io { .. })) => Err(error),
        Ok(None) | Err(_) => all(Region::Unmapped),
    }
}
