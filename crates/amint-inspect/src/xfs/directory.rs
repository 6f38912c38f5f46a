//! Directories: names and the inodes that they stand for.
//!
//! Small ones are in the inode. Others keep their entries in blocks, which are read in order; what lies behind them
//! (hashes, and where there is room) is not needed.

use super::content::fill;
use super::fork::each;
use super::inode::{Format, Inode};
use super::volume::{Expected, Header, Volume};
use crate::bytes::{u16_be, u32_be, u64_be};
use crate::file_system::FileSystemError;
use crate::inodes::MAX_ENTRIES;

const HEADER: Header = Header {
    checksum: 4,
    place: 8,
    uuid: 24,
    owner: 40,
    of_group: false,
};
/// Sizes of a block's header, in bytes.
const V4_HEADER: usize = 16;
const V5_HEADER: usize = 64;
/// A block that is all of its directory: hashes follow its entries.
const BLOCK: [u32; 2] = [u32::from_be_bytes(*b"XD2B"), u32::from_be_bytes(*b"XDB3")];
/// One of several.
const DATA: [u32; 2] = [u32::from_be_bytes(*b"XD2D"), u32::from_be_bytes(*b"XDD3")];
/// Where a directory's entries end and its hashes begin, in bytes.
pub(super) const LEAVES: u64 = 1 << 35;
/// Marks room that no entry uses, where an entry has its inode.
const UNUSED: u16 = 0xffff;
/// More room than a million of the longest names need, in bytes.
const MAX_SIZE: u64 = 1 << 29;

/// A directory's entries, sorted by name, without `.` and `..`.
pub(super) struct Directory {
    entries: Vec<(Box<[u8]>, u64)>,
}

impl Directory {
    pub(super) fn read(volume: &Volume<'_>, inode: &Inode) -> Result<Self, FileSystemError> {
        let mut entries: Vec<(Box<[u8]>, u64)> = Vec::new();
        let mut push = |part: Part<'_>| {
            if let Part::Entry { name, inode, .. } = part
                && name != b"."
                && name != b".."
            {
                entries.push((name.into(), inode));
            }
            entries.len() <= MAX_ENTRIES
        };
        let mut whole = true;
        match inode.data.format {
            Format::Local => short(volume, inode, &mut |part| {
                push(part);
            })?,
            _ => each_block(volume, inode, &mut |block| {
                parts(volume, inode, block, &mut |_, part| whole &= push(part))?;
                Ok(whole)
            })?,
        }
        if !whole {
            let what = format!("the number of entries in directory inode {}", inode.number);
            return Err(FileSystemError::TooLarge {
                what,
                limit: MAX_ENTRIES as u64,
            });
        }
        entries.sort_unstable();
        Ok(Self { entries })
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (&[u8], u64)> {
        self.entries.iter().map(|(name, inode)| (&**name, *inode))
    }

    pub(super) fn entry(&self, index: usize) -> Option<(&[u8], u64)> {
        self.entries
            .get(index)
            .map(|(name, inode)| (&**name, *inode))
    }

    pub(super) fn inode_of(&self, name: &[u8]) -> Option<u64> {
        let index = self
            .entries
            .binary_search_by(|(entry, _)| (**entry).cmp(name))
            .ok()?;
        self.entry(index).map(|(_, inode)| inode)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

/// What the bytes of a directory's block are.
pub(super) enum Part<'a> {
    /// A name that is in use.
    Entry { name: &'a [u8], inode: u64 },
    /// Room that no name uses.
    Unused,
}

/// The entries of a directory that is in its inode.
fn short(
    volume: &Volume<'_>,
    inode: &Inode,
    visit: &mut dyn FnMut(Part<'_>),
) -> Result<(), FileSystemError> {
    let used = short_size(inode)?;
    let byte = |at: usize| used.get(at).copied().unwrap_or(0);
    let (count, wide) = (byte(0), byte(1) != 0);
    let number = |at: usize| match wide {
        true => u64_be(used, at),
        false => u32_be(used, at).into(),
    };
    let width = if wide { 8 } else { 4 };
    // The parent comes first.
    let mut at = 2 + width;
    for _ in 0..count {
        let name_at = at + 3;
        let end = name_at + usize::from(byte(at));
        let inode_at = end + usize::from(volume.superblock.file_type);
        let name = used
            .get(name_at..end)
            .filter(|name| is_name(name) && inode_at + width <= used.len());
        let name = name.ok_or_else(|| inode.damaged("bad directory entry"))?;
        visit(Part::Entry {
            name,
            inode: number(inode_at),
        });
        at = inode_at + width;
    }
    Ok(())
}

/// What of the inode a directory that is in it uses.
pub(super) fn short_size(inode: &Inode) -> Result<&[u8], FileSystemError> {
    usize::try_from(inode.size)
        .ok()
        .and_then(|size| inode.data.bytes.get(..size))
        .ok_or_else(|| inode.damaged("a directory that is larger than its inode"))
}

/// Shows each block of entries until `visit` has had enough.
fn each_block(
    volume: &Volume<'_>,
    inode: &Inode,
    visit: &mut dyn FnMut(&[u8]) -> Result<bool, FileSystemError>,
) -> Result<(), FileSystemError> {
    let size = volume.superblock.directory_block as u64;
    let (block_size, per_block) = (
        volume.superblock.block_size,
        size / volume.superblock.block_size,
    );
    let end = inode.size.min(LEAVES).div_ceil(block_size);
    let mut block = vec![0; volume.superblock.directory_block];
    // The first block that was not shown yet, in directory blocks; how much was shown.
    let (mut next, mut shown, mut more) = (0, 0, true);
    each(volume, inode, &inode.data, 0, end, &mut |run| {
        let last = (run.logical + run.blocks).min(end).div_ceil(per_block);
        for index in next.max(run.logical / per_block)..last {
            if !more {
                break;
            }
            shown += size;
            if shown > MAX_SIZE {
                return Err(FileSystemError::TooLarge {
                    what: format!("directory inode {}", inode.number),
                    limit: MAX_SIZE,
                });
            }
            fill(volume, inode, &inode.data, index * size, &mut block)?;
            verify(
                volume,
                inode,
                run.physical,
                (run.logical, index * per_block),
                &block,
            )?;
            more = visit(&block)?;
        }
        next = last.max(next);
        Ok(())
    })
}

/// Checks a block whose first part, or one behind it, is at `physical`.
fn verify(
    volume: &Volume<'_>,
    inode: &Inode,
    physical: u64,
    (logical, first): (u64, u64),
    block: &[u8],
) -> Result<(), FileSystemError> {
    let place = (physical + first).checked_sub(logical);
    let place = place.ok_or_else(|| inode.damaged("a directory block with a hole"))?;
    let expected = Expected {
        what: &format!("directory inode {}", inode.number),
        header: &HEADER,
        owner: inode.number,
    };
    volume.verify(block, place, &expected)
}

/// Where a block's entries begin and end, in bytes.
fn bounds(
    volume: &Volume<'_>,
    inode: &Inode,
    block: &[u8],
) -> Result<(usize, usize), FileSystemError> {
    let version = usize::from(volume.superblock.v5);
    let start = if volume.superblock.v5 {
        V5_HEADER
    } else {
        V4_HEADER
    };
    match u32_be(block, 0) {
        magic if magic == DATA[version] => Ok((start, block.len())),
        magic if magic == BLOCK[version] => {
            // Hashes of eight bytes, their number and that of the stale ones.
            let hashes = u64::from(u32_be(block, block.len() - 8)) * 8 + 8;
            let end = (block.len() as u64).checked_sub(hashes);
            let end = end.filter(|end| *end >= start as u64);
            let end = end.ok_or_else(|| inode.damaged("bad directory block"))?;
            Ok((start, end as usize))
        }
        _ => Err(inode.damaged("bad directory block")),
    }
}

/// Shows what `block` is made of, and where each part begins and ends in it; the last one ends where hashes begin.
pub(super) fn parts(
    volume: &Volume<'_>,
    inode: &Inode,
    block: &[u8],
    visit: &mut dyn FnMut(std::ops::Range<usize>, Part<'_>),
) -> Result<(), FileSystemError> {
    let damaged = || inode.damaged("bad directory entry");
    let (mut at, end) = bounds(volume, inode, block)?;
    while at < end {
        let (length, part) = if u16_be(block, at) == UNUSED {
            (usize::from(u16_be(block, at + 2)), Part::Unused)
        } else {
            let name_length = usize::from(block.get(at + 8).copied().unwrap_or(0));
            let name = block.get(at + 9..at + 9 + name_length);
            let name = name.filter(|name| is_name(name)).ok_or_else(damaged)?;
            // The inode, a length, the name, its type, where the entry begins; all of it in units of eight bytes.
            let length = 8 + 1 + name_length + usize::from(volume.superblock.file_type) + 2;
            let inode = u64_be(block, at);
            (length.next_multiple_of(8), Part::Entry { name, inode })
        };
        // What an entry ends with says where it begins.
        let tag_at = (at + length).saturating_sub(2);
        let whole = length >= 8 && length % 8 == 0 && at + length <= end;
        if !whole || usize::from(u16_be(block, tag_at)) != at {
            return Err(damaged());
        }
        visit(at..at + length, part);
        at += length;
    }
    Ok(())
}

fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && !name.contains(&b'/') && !name.contains(&0)
}
