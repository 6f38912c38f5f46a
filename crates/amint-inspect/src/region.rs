//! What a byte of a disk belongs to, as far as the metadata that was read can tell.

use std::fmt;

use crate::ext4::map::FreeMap;
use crate::partition::Layout;
use crate::source::Extent;

/// What a byte belongs to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Region {
    /// A block that belongs to no file: what was deleted lives on there.
    FreeBlock,
    /// The file system's journal.
    Journal,
    /// A file or metadata.
    InUse,
    /// A partition whose file system has no map.
    Unmapped,
    /// No partition.
    OutsidePartitions,
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Region::FreeBlock => "free block",
            Region::Journal => "file-system journal",
            Region::InUse => "in use",
            Region::Unmapped => "a partition without a block map",
            Region::OutsidePartitions => "outside any partition",
        })
    }
}

/// Tells regions apart by offset.
#[derive(Clone, Debug, Default)]
pub struct Regions {
    partitions: Vec<Extent>,
    mapped: Vec<Extent>,
    free: Vec<Extent>,
    journal: Vec<Extent>,
}

impl Regions {
    /// From the partitions of a disk and the maps of those that have one.
    pub fn new(layout: &Layout, maps: &[FreeMap]) -> Self {
        let sorted = |extents: &mut dyn Iterator<Item = Extent>| {
            let mut extents: Vec<Extent> = extents.collect();
            extents.sort();
            extents
        };
        Self {
            partitions: sorted(&mut layout.partitions.iter().map(|partition| partition.extent)),
            mapped: sorted(&mut maps.iter().map(|map| map.partition)),
            free: sorted(&mut maps.iter().flat_map(|map| map.free.iter().copied())),
            journal: sorted(&mut maps.iter().flat_map(|map| map.journal.iter().copied())),
        }
    }

    /// What the byte at `offset` of the disk belongs to.
    pub fn of(&self, offset: u64) -> Region {
        if contains(&self.free, offset) {
            Region::FreeBlock
        } else if contains(&self.journal, offset) {
            Region::Journal
        } else if contains(&self.mapped, offset) {
            Region::InUse
        } else if contains(&self.partitions, offset) {
            Region::Unmapped
        } else {
            Region::OutsidePartitions
        }
    }
}

/// Whether one of `extents` (ascending, not overlapping) holds `offset`.
fn contains(extents: &[Extent], offset: u64) -> bool {
    let after = extents.partition_point(|extent| extent.offset <= offset);
    extents
        .get(..after)
        .and_then(<[Extent]>::last)
        .is_some_and(|extent| extent.range().contains(&offset))
}
