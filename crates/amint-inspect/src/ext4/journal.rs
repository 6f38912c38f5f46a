//! The journal inside the file system (jbd2).

use super::inode::Inode;
use super::runs::{Run, runs};
use super::volume::Volume;
use crate::bytes::u32_be;
use crate::file_system::FileSystemError;
use crate::source::Extent;

pub(super) const MAGIC: u32 = 0xc03b_3998;
/// Block types of the two versions of the journal's superblock.
const SUPERBLOCK: [u32; 2] = [3, 4];
/// The largest journal that mke2fs makes, in blocks.
const MAX_BLOCKS: u64 = 10_240_000;

/// Where the journal is and whether anything in it still matters.
pub(super) struct Journal {
    /// All of it but its first block, which is its superblock.
    pub(super) data: Vec<Extent>,
    /// What waits to be replayed; `None` when it is clean.
    pub(super) log: Option<Log>,
}

/// The journal's circular log. Positions count blocks from the start of the journal.
pub(super) struct Log {
    runs: Vec<Run>,
    /// Where the log wraps around to.
    pub(super) first: u64,
    /// Where it wraps around.
    pub(super) end: u64,
    /// Where the oldest transaction is.
    pub(super) start: u64,
    /// Its number.
    pub(super) sequence: u32,
    /// Incompatible features.
    pub(super) features: u32,
    pub(super) uuid: [u8; 16],
}

impl Log {
    /// Where in the file system the block at `position` is.
    pub(super) fn block(&self, position: u64) -> Result<u64, FileSystemError> {
        let after = self.runs.partition_point(|run| run.logical <= position);
        let run = self.runs.get(..after).and_then(<[Run]>::last);
        run.filter(|run| position < run.logical + run.blocks)
            .map(|run| run.physical + (position - run.logical))
            .ok_or_else(|| FileSystemError::corrupt("the journal has a hole"))
    }
}

impl Journal {
    /// Reads the journal that `inode` holds.
    pub(super) fn read(volume: &Volume<'_>, inode: u32) -> Result<Self, FileSystemError> {
        let inode = Inode::read(volume, inode)?;
        let blocks = inode.size / volume.superblock.block_size;
        if blocks > MAX_BLOCKS {
            return Err(FileSystemError::TooLarge {
                what: "the journal".into(),
                limit: MAX_BLOCKS,
            });
        }
        let runs = runs(volume, &inode, blocks)?;
        let Some(head) = runs.first().filter(|run| run.logical == 0) else {
            return Err(FileSystemError::corrupt("the journal has no superblock"));
        };
        let superblock = volume.block(head.physical)?;
        if u32_be(&superblock, 0) != MAGIC || !SUPERBLOCK.contains(&u32_be(&superblock, 4)) {
            return Err(FileSystemError::corrupt("the journal has no superblock"));
        }
        let data = runs.iter().filter_map(|run| {
            let skipped = u64::from(run.logical == 0);
            let length = run.blocks.min(blocks.saturating_sub(run.logical)) - skipped;
            (length > 0).then(|| volume.extent(run.physical + skipped, length))
        });
        let data = data.collect();
        // The block of the oldest transaction; none when the journal is empty.
        let start = u64::from(u32_be(&superblock, 0x1c));
        let log = Log {
            first: u32_be(&superblock, 0x14).into(),
            end: blocks.min(u32_be(&superblock, 0x10).into()),
            start,
            sequence: u32_be(&superblock, 0x18),
            features: u32_be(&superblock, 0x28),
            uuid: std::array::from_fn(|index| superblock.get(0x30 + index).copied().unwrap_or(0)),
            runs,
        };
        if start != 0 && !(1..log.end).contains(&log.first.min(start)) {
            return Err(FileSystemError::corrupt(
                "the journal begins outside itself",
            ));
        }
        Ok(Self {
            data,
            log: (start != 0).then_some(log),
        })
    }
}
