//! Directories: names and the inodes that they stand for.
//!
//! Blocks are read in order. The nodes of a hashed directory look like one large unused entry, which is
//! what they were made to look like.

use super::checksum::crc32c;
use super::content::content;
use super::inode::Inode;
use super::superblock::Checksums;
use super::volume::Volume;
use crate::bytes::{u16_le, u32_le};
use crate::file_system::FileSystemError;
use crate::inodes::{MAX_CONTENT, MAX_ENTRIES};

const HEADER: usize = 8;
const TAIL: usize = 12;
/// File type of the fake entry that holds a block's checksum.
const TAIL_TYPE: u8 = 0xde;

/// A directory's entries, sorted by name, without `.` and `..`.
pub(super) struct Directory {
    entries: Vec<(Box<[u8]>, u32)>,
}

impl Directory {
    pub(super) fn read(volume: &Volume<'_>, inode: &Inode) -> Result<Self, FileSystemError> {
        let bytes = content(volume, inode, MAX_CONTENT + 1)?;
        let mut entries = Vec::new();
        for block in bytes.chunks(volume.superblock.block_size as usize) {
            verify(volume, inode, block)?;
            parse(inode, block, &mut entries)?;
            if entries.len() > MAX_ENTRIES {
                let what = format!("the number of entries in directory inode {}", inode.number);
                return Err(FileSystemError::TooLarge {
                    what,
                    limit: MAX_ENTRIES as u64,
                });
            }
        }
        entries.sort();
        Ok(Self { entries })
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().map(|(name, _)| &**name)
    }

    pub(super) fn inode_of(&self, name: &[u8]) -> Option<u32> {
        let index = self
            .entries
            .binary_search_by(|(entry, _)| (**entry).cmp(name))
            .ok()?;
        self.entries.get(index).map(|(_, inode)| *inode)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

fn parse(
    inode: &Inode,
    block: &[u8],
    entries: &mut Vec<(Box<[u8]>, u32)>,
) -> Result<(), FileSystemError> {
    let damaged =
        || FileSystemError::corrupt(format!("directory inode {}: bad entry", inode.number));
    let mut rest = block;
    while rest.len() >= HEADER {
        let length = match u16_le(rest, 4) {
            // A whole block of 64 KiB does not fit into the field.
            0 | u16::MAX if rest.len() == 1 << 16 => rest.len(),
            length => length.into(),
        };
        if length < HEADER || length > rest.len() {
            return Err(damaged());
        }
        let (entry, next) = rest.split_at(length);
        rest = next;
        let (target, name_length) = (u32_le(entry, 0), usize::from(entry[6]));
        if target == 0 {
            continue;
        }
        let name = entry
            .get(HEADER..HEADER + name_length)
            .filter(|name| !name.is_empty())
            .ok_or_else(damaged)?;
        if name.contains(&b'/') || name.contains(&0) {
            return Err(damaged());
        }
        if name != b"." && name != b".." {
            entries.push((name.into(), target));
        }
    }
    Ok(())
}

/// A leaf block's last entry is a fake one with the block's checksum.
fn verify(volume: &Volume<'_>, inode: &Inode, block: &[u8]) -> Result<(), FileSystemError> {
    let Some((summed, tail)) = block.split_last_chunk::<TAIL>() else {
        return Ok(());
    };
    let is_tail = u32_le(tail, 0) == 0
        && u16_le(tail, 4) == TAIL as u16
        && tail[6] == 0
        && tail[7] == TAIL_TYPE;
    match volume.superblock.checksums {
        Checksums::All(_) if is_tail && crc32c(inode.seed, summed) != u32_le(tail, 8) => Err(
            FileSystemError::Checksum(format!("directory inode {}", inode.number)),
        ),
        _ => Ok(()),
    }
}
