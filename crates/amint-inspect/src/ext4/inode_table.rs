//! Which inodes are in use, and where all of them are.

use super::checksum::crc32c;
use super::group::Group;
use super::superblock::Checksums;
use super::volume::Volume;
use crate::file_system::FileSystemError;

/// The inodes of one group.
pub(super) struct InodeTable {
    /// The number of the first one.
    pub(super) first: u32,
    /// Where it is, in bytes from the start of the file system.
    pub(super) offset: u64,
    /// How many there are, in use or not.
    pub(super) inodes: u32,
    /// A bit an inode, set when in use; empty when none is.
    bitmap: Vec<u8>,
}

impl InodeTable {
    /// Reads the inode bitmap of the group `number`, and checks it.
    pub(super) fn read(
        volume: &Volume<'_>,
        group: &Group,
        number: u32,
    ) -> Result<Self, FileSystemError> {
        let superblock = &volume.superblock;
        let inodes = superblock.inodes_per_group;
        let before = number.saturating_mul(inodes);
        let mut table = Self {
            first: before.saturating_add(1),
            offset: group.inode_table * superblock.block_size,
            inodes: inodes.min(superblock.inodes.saturating_sub(before)),
            bitmap: Vec::new(),
        };
        if group.without_inodes {
            return Ok(table);
        }
        table.bitmap = volume.block(group.inode_bitmap)?;
        if let Checksums::All(seed) = superblock.checksums {
            let summed = table
                .bitmap
                .get(..(inodes / 8) as usize)
                .unwrap_or(&table.bitmap);
            let mask = if group.wide { u32::MAX } else { 0xffff };
            if crc32c(seed, summed) & mask != group.inode_bitmap_checksum {
                return Err(FileSystemError::Checksum(format!(
                    "the inode bitmap of group {number}"
                )));
            }
        }
        let used = (0..table.inodes).filter(|index| table.is_used(*index));
        let (free, claimed) = (table.inodes - used.count() as u32, group.free_inodes);
        if free != claimed {
            return Err(FileSystemError::corrupt(format!(
                "group {number} has {free} free inodes in its bitmap but claims {claimed}"
            )));
        }
        Ok(table)
    }

    /// Whether the inode at `index`, counted from 0, is in use.
    pub(super) fn is_used(&self, index: u32) -> bool {
        let byte = self.bitmap.get((index / 8) as usize).copied();
        index < self.inodes && byte.unwrap_or(0) >> (index % 8) & 1 == 1
    }

    /// Whether any inode is.
    pub(super) fn is_in_use(&self) -> bool {
        !self.bitmap.is_empty()
    }
}
