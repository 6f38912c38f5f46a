//! Which blocks of the file system hold nothing: free ones, and what a clean log can spare.

use super::btree::Seen;
use super::group::{Inodes, Space, header_blocks};
use super::log::Log;
use super::volume::Volume;
use crate::bytes::u32_be;
use crate::file_system::FileSystemError;
use crate::map::{FreeMap, MAX_EXTENTS};
use crate::source::{BlockSource, Extent};

/// Reads the map of the XFS file system in `partition`.
///
/// # Errors
/// When there is none, when it is larger than the partition, when its metadata contradicts itself or fails its
/// checksums, and for features that are not known, a log on another device among them.
pub(crate) fn read(
    source: &dyn BlockSource,
    partition: Extent,
) -> Result<FreeMap, FileSystemError> {
    let volume = Volume::open(source, partition)?;
    let log = Log::read(&volume)?;
    let dispensable = log.dispensable(&volume)?;
    let journal_clean = log.is_clean() && dispensable.is_some();
    let free = free_blocks(&volume, &log)?;
    Ok(FreeMap {
        partition,
        free: free
            .into_iter()
            .map(|(first, end)| volume.extent(first, end - first))
            .collect(),
        journal: dispensable.unwrap_or_default(),
        journal_clean,
        clean: journal_clean && is_clean(&volume, &log)?,
    })
}

/// Whether the file system was left in order: nothing in the log, no file without a name, no repair cut off.
pub(super) fn is_clean(volume: &Volume<'_>, log: &Log) -> Result<bool, FileSystemError> {
    let superblock = &volume.superblock;
    if !log.is_clean() || log.is_behind(superblock.lsn) || superblock.unfinished {
        return Ok(false);
    }
    for group in 0..superblock.groups {
        if Inodes::read(volume, group)?.has_unlinked() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A half-open range of block numbers.
pub(super) type Range = (u64, u64);

/// All free blocks, ascending, adjacent ranges joined.
pub(super) fn free_blocks(volume: &Volume<'_>, log: &Log) -> Result<Vec<Range>, FileSystemError> {
    let superblock = &volume.superblock;
    let (mut free, mut metadata) = (Vec::new(), Vec::new());
    for group in 0..superblock.groups {
        let before = free.len();
        let start = volume.block_in(group, 0, 1)?;
        let header = header_blocks(volume).min(superblock.blocks_in(group).into());
        metadata.clear();
        metadata.extend([log_blocks(volume)?, (start, start + header)]);
        // What waits in the log can change the one and not yet the other.
        free_in(volume, group, log.is_clean(), &mut free, &mut metadata)?;
        if free.len() > MAX_EXTENTS {
            return Err(FileSystemError::TooLarge {
                what: "the number of free extents".into(),
                limit: MAX_EXTENTS as u64,
            });
        }
        let of_group = free.get_mut(before..).unwrap_or_default();
        of_group.sort_unstable();
        if let Some(pair) = of_group.windows(2).find(|pair| pair[0].1 > pair[1].0) {
            return Err(FileSystemError::corrupt(format!(
                "block {} is free twice",
                pair[1].0
            )));
        }
        if let Some(block) = overlapping(of_group, &metadata) {
            return Err(metadata_is_free(block));
        }
    }
    free.dedup_by(|next, last| {
        let joined = next.0 == last.1;
        if joined {
            last.1 = next.1;
        }
        joined
    });
    Ok(free)
}

fn log_blocks(volume: &Volume<'_>) -> Result<Range, FileSystemError> {
    let superblock = &volume.superblock;
    let first = volume.block_of(superblock.log_start, superblock.log_blocks)?;
    Ok((first, first + superblock.log_blocks))
}

/// The free blocks of one group, by its tree and its reserve.
fn free_in(
    volume: &Volume<'_>,
    group: u32,
    strict: bool,
    free: &mut Vec<Range>,
    metadata: &mut Vec<Range>,
) -> Result<(), FileSystemError> {
    let space = Space::read(volume, group)?;
    let damaged = |what: String| FileSystemError::corrupt(format!("group {group} {what}"));
    let (mut counted, mut longest, mut position) = (0, 0, 0);
    space.by_block.walk(volume, &mut |seen| {
        match seen {
            Seen::Node(block) => metadata.push((block, block + 1)),
            Seen::Record(record) => {
                let (first, count) = (u64::from(u32_be(record, 0)), u64::from(u32_be(record, 4)));
                if count == 0 || first < position {
                    return Err(damaged("has free space out of order".into()));
                }
                let start = volume.block_in(group, first, count)?;
                if first < header_blocks(volume) {
                    return Err(metadata_is_free(start));
                }
                (counted, longest) = (counted + count, count.max(longest));
                position = first + count;
                free.push((start, start + count));
            }
        }
        match free.len() + metadata.len() > 2 * MAX_EXTENTS {
            true => Err(damaged("has too much metadata".into())),
            false => Ok(()),
        }
    })?;
    let claimed = u64::from(space.free);
    if strict && (counted != claimed || longest != u64::from(space.longest)) {
        return Err(damaged(format!(
            "has {counted} free blocks in its tree but claims {claimed}"
        )));
    }
    for tree in &space.others {
        metadata.push((tree.root(volume)?, tree.root(volume)? + 1));
    }
    let inodes = Inodes::read(volume, group)?;
    for tree in std::iter::once(&inodes.tree).chain(&inodes.free_tree) {
        metadata.push((tree.root(volume)?, tree.root(volume)? + 1));
    }
    for block in space.reserve(volume, group)? {
        let block = volume.block_in(group, block.into(), 1)?;
        free.push((block, block + 1));
    }
    Ok(())
}

fn metadata_is_free(block: u64) -> FileSystemError {
    FileSystemError::corrupt(format!("block {block} is metadata but marked as free"))
}

/// The first block of `metadata` that is in `free` (ascending, not overlapping).
fn overlapping(free: &[Range], metadata: &[Range]) -> Option<u64> {
    metadata.iter().find_map(|(first, end)| {
        let next = free.partition_point(|(_, after)| after <= first);
        free.get(next)
            .filter(|(start, _)| start < end)
            .map(|(start, _)| *start.max(first))
    })
}
