//! Which blocks of the file system hold nothing: free ones and those of an empty journal.

use super::checksum::crc32c;
use super::group::{Group, descriptor_block};
use super::journal::Journal;
use super::superblock::{Checksums, Superblock};
use super::volume::Volume;
use crate::file_system::FileSystemError;
use crate::map::{FreeMap, MAX_EXTENTS};
use crate::source::{BlockSource, Extent};

/// Reads the map of the ext4 file system in `partition`.
///
/// # Errors
/// When there is none, when it is larger than the partition, when its metadata contradicts itself or
/// fails its checksums, and for bigalloc, whose bitmaps count clusters.
pub(crate) fn read(
    source: &dyn BlockSource,
    partition: Extent,
) -> Result<FreeMap, FileSystemError> {
    let volume = Volume::open(source, partition)?;
    if volume.superblock.bigalloc {
        return Err(FileSystemError::Unsupported("bigalloc".into()));
    }
    let free = free_blocks(&volume)?;
    let journal = match volume.superblock.journal_inode {
        Some(inode) => Journal::read(&volume, inode)?,
        None => Journal {
            data: Vec::new(),
            log: None,
        },
    };
    Ok(FreeMap {
        partition,
        free: free
            .into_iter()
            .map(|(first, end)| volume.extent(first, end - first))
            .collect(),
        journal: journal.data,
        journal_clean: journal.log.is_none(),
        clean: volume.superblock.clean,
    })
}

/// A half-open range of block numbers.
pub(super) type Range = (u64, u64);

/// All free blocks, ascending, adjacent ranges joined.
pub(super) fn free_blocks(volume: &Volume<'_>) -> Result<Vec<Range>, FileSystemError> {
    let metadata = metadata(volume)?;
    let mut free: Vec<Range> = Vec::new();
    for (group, number) in volume.groups.iter().zip(0..) {
        let start = volume.superblock.group_start(number);
        let end = start + volume.superblock.group_blocks(number);
        let ranges = match group.uninitialised {
            true => without((start, end), &metadata),
            false => bitmap(volume, group, number)?,
        };
        for (first, end) in ranges {
            match free.last_mut() {
                Some(last) if last.1 == first => last.1 = end,
                _ => free.push((first, end)),
            }
        }
        if free.len() > MAX_EXTENTS {
            return Err(FileSystemError::TooLarge {
                what: "the number of free extents".into(),
                limit: MAX_EXTENTS as u64,
            });
        }
    }
    match overlapping(&free, &metadata) {
        Some(block) => Err(FileSystemError::corrupt(format!(
            "block {block} is metadata but marked as free"
        ))),
        None => Ok(free),
    }
}

/// The free ranges of one group, by its bitmap: a bit a block, set when in use.
fn bitmap(volume: &Volume<'_>, group: &Group, number: u64) -> Result<Vec<Range>, FileSystemError> {
    let superblock = &volume.superblock;
    let block = volume.block(group.block_bitmap)?;
    if let Checksums::All(seed) = superblock.checksums {
        let summed = block
            .get(..(superblock.blocks_per_group / 8) as usize)
            .unwrap_or(&block);
        let mask = if group.wide { u32::MAX } else { 0xffff };
        if crc32c(seed, summed) & mask != group.bitmap_checksum {
            return Err(FileSystemError::Checksum(format!(
                "the block bitmap of group {number}"
            )));
        }
    }
    let (start, blocks) = (
        superblock.group_start(number),
        superblock.group_blocks(number),
    );
    let used = |index: u64| {
        block
            .get((index / 8) as usize)
            .is_none_or(|byte| byte >> (index % 8) & 1 == 1)
    };
    let (mut ranges, mut counted, mut index) = (Vec::new(), 0, 0);
    while index < blocks {
        if used(index) {
            index += 1;
            continue;
        }
        let first = index;
        while index < blocks && !used(index) {
            index += 1;
        }
        counted += index - first;
        ranges.push((start + first, start + index));
    }
    if counted != u64::from(group.free_blocks) {
        let claimed = group.free_blocks;
        return Err(FileSystemError::corrupt(format!(
            "group {number} has {counted} free blocks in its bitmap but claims {claimed}"
        )));
    }
    Ok(ranges)
}

/// Every block of fixed metadata, ascending, joined: superblocks, descriptors, bitmaps, inode tables.
pub(super) fn metadata(volume: &Volume<'_>) -> Result<Vec<Range>, FileSystemError> {
    let superblock = &volume.superblock;
    let table = inode_table_blocks(superblock);
    let mut ranges = Vec::with_capacity(4 * volume.groups.len());
    for (group, number) in volume.groups.iter().zip(0..) {
        ranges.push((group.block_bitmap, group.block_bitmap + 1));
        ranges.push((group.inode_bitmap, group.inode_bitmap + 1));
        ranges.push((group.inode_table, group.inode_table + table));
        if superblock.has_superblock(number) {
            let start = superblock.group_start(number);
            // Without meta_bg, every copy of the superblock has all descriptors and room to grow behind it.
            let behind = match superblock.first_meta_bg {
                None => superblock.descriptor_blocks() + superblock.reserved_gdt_blocks,
                Some(first) => {
                    first.min(superblock.descriptor_blocks()) + superblock.reserved_gdt_blocks
                }
            };
            ranges.push((start, start + 1 + behind));
        }
    }
    if let Some(first) = superblock.first_meta_bg {
        ranges.extend(
            (first..superblock.descriptor_blocks())
                .flat_map(|index| meta_descriptors(volume, index)),
        );
    }
    if ranges.iter().any(|(_, end)| *end > superblock.blocks) {
        return Err(FileSystemError::corrupt(
            "metadata past the end of the file system",
        ));
    }
    ranges.sort_unstable();
    ranges.dedup_by(|next, last| {
        let joined = next.0 <= last.1;
        if joined {
            last.1 = last.1.max(next.1);
        }
        joined
    });
    Ok(ranges)
}

/// How many blocks a group's inodes fill.
pub(super) fn inode_table_blocks(superblock: &Superblock) -> u64 {
    (u64::from(superblock.inodes_per_group) * u64::from(superblock.inode_size))
        .div_ceil(superblock.block_size)
}

/// With meta_bg, a block of descriptors is in the first, second and last of the groups that it describes.
fn meta_descriptors(volume: &Volume<'_>, index: u64) -> impl Iterator<Item = Range> {
    let superblock = &volume.superblock;
    let per_block = superblock.descriptors_per_block();
    let first = index * per_block;
    let copies = [first + 1, first + per_block - 1]
        .into_iter()
        .filter(|group| *group < superblock.groups());
    let copies = copies
        .map(|group| superblock.group_start(group) + u64::from(superblock.has_superblock(group)));
    std::iter::once(descriptor_block(superblock, index))
        .chain(copies)
        .map(|block| (block, block + 1))
}

/// What of `range` no member of `taken` (ascending, joined) covers.
pub(super) fn without(range: Range, taken: &[Range]) -> Vec<Range> {
    let (mut position, end) = range;
    let mut left = Vec::new();
    let from = taken.partition_point(|(_, taken_end)| *taken_end <= position);
    for (first, after) in taken
        .iter()
        .skip(from)
        .take_while(|(first, _)| *first < end)
    {
        if *first > position {
            left.push((position, *first));
        }
        position = position.max(*after);
    }
    if position < end {
        left.push((position, end));
    }
    left
}

/// The first block that is in both lists (each ascending, joined).
fn overlapping(free: &[Range], metadata: &[Range]) -> Option<u64> {
    free.iter().find_map(|(first, end)| {
        let next = metadata.partition_point(|(_, after)| after <= first);
        metadata
            .get(next)
            .filter(|(start, _)| start < end)
            .map(|(start, _)| *start.max(first))
    })
}
