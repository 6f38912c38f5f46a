//! Directories: names and the inodes that they stand for.
//!
//! Blocks are read in order; those of a hash tree that hold no names are only verified.

use super::checksum::crc32c;
use super::content::content;
use super::inline;
use super::inode::{Inode, flag};
use super::superblock::Checksums;
use super::used::{Block, HEADER, Role, Roles, TAIL, TAIL_SUM, entry_length, has_tail};
use super::volume::Volume;
use crate::bytes::u32_le;
use crate::file_system::FileSystemError;
use crate::inodes::{MAX_CONTENT, MAX_ENTRIES};

/// A directory's entries, sorted by name, without `.` and `..`.
pub(super) struct Directory {
    entries: Vec<(Box<[u8]>, u32)>,
}

impl Directory {
    pub(super) fn read(volume: &Volume<'_>, inode: &Inode) -> Result<Self, FileSystemError> {
        let mut entries = Vec::new();
        if inode.has(flag::INLINE_DATA) {
            if inode.has(flag::ENCRYPTED) {
                return Err(FileSystemError::Encrypted);
            }
            for place in inline::places(inode)? {
                let part = inode.bytes.get(place).unwrap_or_default();
                parse(inode, part, &mut entries)?;
            }
            entries.sort();
            return Ok(Self { entries });
        }
        let bytes = content(volume, inode, MAX_CONTENT + 1)?;
        let superblock = &volume.superblock;
        let size = superblock.block_size as usize;
        let roles = Roles::of(superblock, inode, &mut |logical| {
            let block = bytes.chunks(size).nth(logical as usize);
            Ok(block.unwrap_or_default().to_vec())
        })?;
        for (block, logical) in bytes.chunks(size).zip(0..) {
            match roles.role(logical) {
                Role::Leaf => {
                    verify(volume, inode, block)?;
                    parse(inode, block, &mut entries)?;
                }
                // No names; and what was a leaf before may still look as if it ended in a leaf's checksum.
                role => Block::parse(superblock, role, block)?.verify(inode.seed, block)?,
            }
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

    /// Names and the inodes that they stand for.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&[u8], u32)> {
        self.entries.iter().map(|(name, inode)| (&**name, *inode))
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
        let length = entry_length(rest).ok_or_else(damaged)?;
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
    match volume.superblock.checksums {
        Checksums::All(_)
            if has_tail(block) && crc32c(inode.seed, summed) != u32_le(tail, TAIL_SUM) =>
        {
            Err(FileSystemError::Checksum(format!(
                "directory inode {}",
                inode.number
            )))
        }
        _ => Ok(()),
    }
}
