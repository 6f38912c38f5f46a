//! Where what an inode holds is on the disk: its list of extents, or its tree of them.
//!
//! A tree is entered where it is needed, and its leaves are followed from one to the next. Extents must ascend and no
//! leaf may be empty, so no leaf can come twice.

use super::inode::{Fork, Format, Inode};
use super::volume::{Expected, Header, Volume};
use crate::bytes::{u16_be, u32_be, u64_be};
use crate::file_system::FileSystemError;

const HEADER: Header = Header {
    checksum: 64,
    place: 24,
    uuid: 40,
    owner: 56,
    of_group: false,
};
/// Sizes of a block's header, in bytes.
const V4_HEADER: usize = 24;
const V5_HEADER: usize = 72;
/// Of version 4 and of version 5.
const MAGICS: [u32; 2] = [u32::from_be_bytes(*b"BMAP"), u32::from_be_bytes(*b"BMA3")];
/// Level and number of entries, in front of a root.
const ROOT_HEADER: usize = 4;
const EXTENT: usize = 16;
/// A key and a pointer.
const ENTRY: usize = 16;
/// `XFS_BM_MAXLEVELS` of the largest fork in the smallest blocks.
const MAX_LEVELS: u16 = 16;
/// No block of this number.
const NULL: u64 = u64::MAX;
/// A piece of a file that is read at once is in fewer pieces than this.
const MAX_RUNS: usize = 1 << 20;

/// Consecutive blocks of a fork. What lies between runs is a hole.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Run {
    /// Position in the fork, in blocks.
    pub(super) logical: u64,
    /// Position in the file system, in blocks.
    pub(super) physical: u64,
    /// Length in blocks.
    pub(super) blocks: u64,
    /// Reserved blocks that were never written read as zeros.
    pub(super) written: bool,
}

/// The runs of which a part is among the blocks from `from` to `end`, ascending; none outside the file system.
pub(super) fn runs(
    volume: &Volume<'_>,
    inode: &Inode,
    fork: &Fork,
    from: u64,
    end: u64,
) -> Result<Vec<Run>, FileSystemError> {
    let mut runs: Vec<Run> = Vec::new();
    each(volume, inode, fork, from, end, &mut |run| {
        let full = runs.len() == MAX_RUNS;
        match runs.last_mut() {
            Some(last)
                if last.written == run.written
                    && last.logical + last.blocks == run.logical
                    && last.physical + last.blocks == run.physical =>
            {
                last.blocks += run.blocks;
            }
            _ if full => {
                return Err(FileSystemError::TooLarge {
                    what: format!("the number of pieces of inode {}", inode.number),
                    limit: MAX_RUNS as u64,
                });
            }
            _ => runs.push(run),
        }
        Ok(())
    })?;
    Ok(runs)
}

/// Shows each extent of which a part is among the blocks from `from` to `end`.
pub(super) fn each(
    volume: &Volume<'_>,
    inode: &Inode,
    fork: &Fork,
    from: u64,
    end: u64,
    visit: &mut dyn FnMut(Run) -> Result<(), FileSystemError>,
) -> Result<(), FileSystemError> {
    let mut range = Range {
        volume,
        inode,
        from,
        end,
        position: 0,
    };
    match fork.format {
        Format::Extents => {
            let list = usize::try_from(fork.extents)
                .ok()
                .and_then(|count| count.checked_mul(EXTENT))
                .and_then(|length| fork.bytes.get(..length))
                .ok_or_else(|| inode.damaged("more extents than fit"))?;
            range.records(list, visit)?;
        }
        Format::Btree => {
            let Some((mut block, mut level)) = child(inode, &fork.bytes, ROOT_HEADER, from)? else {
                return Ok(());
            };
            while level > 0 {
                let node = node(volume, inode, block, level)?.1;
                let header = header(volume);
                let below = child(inode, &node, header, from)?;
                (block, level) = below.ok_or_else(|| inode.damaged("an empty extent node"))?;
            }
            while block != NULL {
                let leaf = node(volume, inode, block, 0)?.1;
                let count = usize::from(u16_be(&leaf, 6));
                let header = header(volume);
                let list = leaf.get(header..header + count * EXTENT);
                let list = list.filter(|list| !list.is_empty());
                let list = list.ok_or_else(|| inode.damaged("bad extent node"))?;
                if !range.records(list, visit)? {
                    break;
                }
                block = u64_be(&leaf, 16);
            }
        }
        Format::Device | Format::Local => {}
    }
    Ok(())
}

/// Shows each block of the fork's tree of extents, numbered from the start of the file system.
pub(super) fn each_node(
    volume: &Volume<'_>,
    inode: &Inode,
    fork: &Fork,
    visit: &mut dyn FnMut(u64) -> Result<(), FileSystemError>,
) -> Result<(), FileSystemError> {
    if fork.format != Format::Btree {
        return Ok(());
    }
    let mut leftmost = child(inode, &fork.bytes, ROOT_HEADER, 0)?;
    while let Some((first, level)) = leftmost.take() {
        let (mut current, mut left) = (first, NULL);
        while current != NULL {
            let (number, block) = node(volume, inode, current, level)?;
            if u64_be(&block, 8) != left {
                return Err(inode.damaged("an extent node with a wrong sibling"));
            }
            visit(number)?;
            if leftmost.is_none() && level > 0 {
                leftmost = child(inode, &block, header(volume), 0)?;
            }
            (left, current) = (current, u64_be(&block, 16));
        }
    }
    Ok(())
}

fn header(volume: &Volume<'_>) -> usize {
    if volume.superblock.v5 {
        V5_HEADER
    } else {
        V4_HEADER
    }
}

/// The child of a node, or of a root, whose extents begin at or before block `from`, and its level. Levels and counts
/// are at the start of a root, behind the magic of a node.
fn child(
    inode: &Inode,
    node: &[u8],
    header: usize,
    from: u64,
) -> Result<Option<(u64, u16)>, FileSystemError> {
    let counts = if header == ROOT_HEADER { 0 } else { 4 };
    let (level, count) = (u16_be(node, counts), usize::from(u16_be(node, counts + 2)));
    let most = node.len().saturating_sub(header) / ENTRY;
    if level == 0 || level > MAX_LEVELS || count > most {
        return Err(inode.damaged("bad extent node"));
    }
    let after = (1..count).take_while(|index| u64_be(node, header + 8 * index) <= from);
    let index = after.last().unwrap_or(0);
    let block = u64_be(node, header + 8 * most + 8 * index);
    Ok((count > 0).then_some((block, level - 1)))
}

/// Reads the node that the disk calls `block`.
fn node(
    volume: &Volume<'_>,
    inode: &Inode,
    block: u64,
    level: u16,
) -> Result<(u64, Vec<u8>), FileSystemError> {
    let number = volume.block_of(block, 1)?;
    let bytes = volume.block(number)?;
    let magic = MAGICS[usize::from(volume.superblock.v5)];
    if u32_be(&bytes, 0) != magic || u16_be(&bytes, 4) != level {
        return Err(inode.damaged("bad extent node"));
    }
    let expected = Expected {
        what: &format!("an extent node of inode {}", inode.number),
        header: &HEADER,
        owner: inode.number,
    };
    volume.verify(&bytes, number, &expected)?;
    Ok((number, bytes))
}

/// What is asked for, and how far the extents have come.
struct Range<'a> {
    volume: &'a Volume<'a>,
    inode: &'a Inode,
    from: u64,
    end: u64,
    /// First logical block that the extents so far do not reach.
    position: u64,
}

impl Range<'_> {
    /// Goes through a list of extents; whether the next list may still matter.
    fn records(
        &mut self,
        list: &[u8],
        visit: &mut dyn FnMut(Run) -> Result<(), FileSystemError>,
    ) -> Result<bool, FileSystemError> {
        for record in list.chunks_exact(EXTENT) {
            let (high, low) = (u64_be(record, 0), u64_be(record, 8));
            let (logical, blocks) = (high << 1 >> 10, low & 0x1f_ffff);
            let end = logical + blocks;
            // Positions in bytes must be numbers.
            let limit = i64::MAX as u64 >> self.volume.superblock.block_log;
            if blocks == 0 || logical < self.position || end > limit {
                return Err(self.inode.damaged("extents out of order"));
            }
            self.position = end;
            if logical >= self.end {
                return Ok(false);
            }
            if end > self.from {
                let number = (high & 0x1ff) << 43 | low >> 21;
                visit(Run {
                    logical,
                    physical: self.volume.block_of(number, blocks)?,
                    blocks,
                    written: high >> 63 == 0,
                })?;
            }
        }
        Ok(true)
    }
}
