//! Block group descriptors: where a group's bitmaps and inodes are.

use super::checksum::{crc16, crc32c};
use super::superblock::{Checksums, Superblock};
use super::volume::Volume;
use crate::bytes::{u16_le, u32_le};
use crate::file_system::FileSystemError;

const CHECKSUM: usize = 0x1e;
/// Descriptors from this size on have high halves.
const WIDE: usize = 64;
const FLAG_INODE_UNINIT: u16 = 0x1;
const FLAG_BLOCK_UNINIT: u16 = 0x2;

/// One block group. Block numbers count from the start of the file system.
pub(super) struct Group {
    pub(super) block_bitmap: u64,
    pub(super) inode_bitmap: u64,
    pub(super) inode_table: u64,
    pub(super) free_blocks: u32,
    /// The block bitmap was never written: only metadata is in use.
    pub(super) uninitialised: bool,
    pub(super) bitmap_checksum: u32,
    pub(super) free_inodes: u32,
    /// The inode bitmap was never written: no inode is in use.
    pub(super) without_inodes: bool,
    pub(super) inode_bitmap_checksum: u32,
    /// Whether the checksum has its upper 16 bits.
    pub(super) wide: bool,
}

/// Reads all descriptors, block by block.
pub(super) fn read_all(volume: &Volume<'_>) -> Result<Vec<Group>, FileSystemError> {
    let superblock = &volume.superblock;
    let size = usize::from(superblock.descriptor_size);
    let mut groups = Vec::new();
    let mut block = vec![0; superblock.block_size as usize];
    for index in 0..superblock.descriptor_blocks() {
        let number = descriptor_block(superblock, index);
        if number >= superblock.blocks {
            return Err(FileSystemError::corrupt("group descriptors past the end"));
        }
        volume.read(number, 0, &mut block)?;
        let missing = superblock.groups() - groups.len() as u64;
        for bytes in block.chunks_exact(size).take(missing as usize) {
            groups.push(parse(superblock, groups.len() as u32, bytes)?);
        }
    }
    Ok(groups)
}

/// Where the `index`th block of descriptors is (the kernel's `descriptor_loc`).
pub(super) fn descriptor_block(superblock: &Superblock, index: u64) -> u64 {
    if superblock.first_meta_bg.is_none_or(|first| index < first) {
        // The superblock is always at byte 1024; with bigalloc, blocks of 1 KiB count from the boot block.
        return 1024 / superblock.block_size + 1 + index;
    }
    let group = index * superblock.descriptors_per_block();
    // With 1 KiB blocks counted from 0, the boot block comes first.
    let boot_block =
        superblock.block_size == 1024 && index == 0 && superblock.first_data_block == 0;
    superblock.group_start(group)
        + u64::from(superblock.has_superblock(group))
        + u64::from(boot_block)
}

fn parse(superblock: &Superblock, number: u32, bytes: &[u8]) -> Result<Group, FileSystemError> {
    let stored = u16_le(bytes, CHECKSUM);
    let (before, after) = bytes.split_at(CHECKSUM);
    let after = after.get(2..).unwrap_or_default();
    let matches = match superblock.checksums {
        Checksums::None => true,
        Checksums::Groups => {
            crc16(&[&superblock.uuid, &number.to_le_bytes(), before, after]) == stored
        }
        Checksums::All(seed) => {
            let seed = crc32c(seed, &number.to_le_bytes());
            (crc32c(crc32c(crc32c(seed, before), &[0; 2]), after) & 0xffff) as u16 == stored
        }
    };
    if !matches {
        return Err(FileSystemError::Checksum(format!(
            "block group descriptor {number}"
        )));
    }
    let wide = bytes.len() >= WIDE;
    let high = |offset| {
        if wide {
            u64::from(u32_le(bytes, offset)) << 32
        } else {
            0
        }
    };
    let high16 = |offset| {
        if wide {
            u32::from(u16_le(bytes, offset)) << 16
        } else {
            0
        }
    };
    let has_flags = !matches!(superblock.checksums, Checksums::None);
    let group = Group {
        block_bitmap: u64::from(u32_le(bytes, 0x0)) | high(0x20),
        inode_bitmap: u64::from(u32_le(bytes, 0x4)) | high(0x24),
        inode_table: u64::from(u32_le(bytes, 0x8)) | high(0x28),
        free_blocks: u32::from(u16_le(bytes, 0xc)) | high16(0x2c),
        // Without checksums the flags were never defined.
        uninitialised: has_flags && u16_le(bytes, 0x12) & FLAG_BLOCK_UNINIT != 0,
        bitmap_checksum: u32::from(u16_le(bytes, 0x18)) | high16(0x38),
        free_inodes: u32::from(u16_le(bytes, 0xe)) | high16(0x2e),
        without_inodes: has_flags && u16_le(bytes, 0x12) & FLAG_INODE_UNINIT != 0,
        inode_bitmap_checksum: u32::from(u16_le(bytes, 0x1a)) | high16(0x3a),
        wide,
    };
    let inside = [group.block_bitmap, group.inode_bitmap, group.inode_table]
        .iter()
        .all(|block| (superblock.first_data_block.max(1)..superblock.blocks).contains(block));
    if inside {
        Ok(group)
    } else {
        Err(FileSystemError::corrupt(format!(
            "block group {number} has metadata outside the file system"
        )))
    }
}
