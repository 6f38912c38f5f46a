//! Inodes: a file's attributes and the root of its block map.

use super::checksum::crc32c;
use super::superblock::Checksums;
use super::volume::Volume;
use crate::bytes::{u16_le, u32_le};
use crate::file_system::FileSystemError;

/// The root directory's inode.
pub(super) const ROOT: u32 = 2;

const CHECKSUM_LOW: usize = 0x7c;
const CHECKSUM_HIGH: usize = 0x82;
/// Offset of `i_extra_isize`, the size of what follows the first 128 bytes.
const EXTRA_SIZE: usize = 0x80;
const FLAG_ENCRYPTED: u32 = 0x800;
const FLAG_EXTENTS: u32 = 0x8_0000;

/// The file type bits of a mode.
pub(super) mod kind {
    pub(in crate::ext4) const MASK: u16 = 0xf000;
    pub(in crate::ext4) const DIRECTORY: u16 = 0x4000;
    pub(in crate::ext4) const FILE: u16 = 0x8000;
    pub(in crate::ext4) const SYMLINK: u16 = 0xa000;
}

/// One inode.
pub(crate) struct Inode {
    pub(super) number: u32,
    pub(super) mode: u16,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) size: u64,
    /// Block map, extent tree root or a short symbolic link's target.
    pub(super) root: [u8; 60],
    pub(super) encrypted: bool,
    pub(super) extents: bool,
    /// Seed for the checksums of what belongs to this inode.
    pub(super) seed: u32,
}

impl Inode {
    pub(super) fn read(volume: &Volume<'_>, number: u32) -> Result<Self, FileSystemError> {
        let superblock = &volume.superblock;
        let index = number
            .checked_sub(1)
            .filter(|_| number <= superblock.inodes);
        let group = index.and_then(|index| {
            volume
                .groups
                .get((index / superblock.inodes_per_group) as usize)
        });
        let (Some(index), Some(group)) = (index, group) else {
            return Err(FileSystemError::corrupt(format!(
                "inode {number} does not exist"
            )));
        };
        let position =
            u64::from(index % superblock.inodes_per_group) * u64::from(superblock.inode_size);
        let mut bytes = vec![0; superblock.inode_size.into()];
        let block = group.inode_table + position / superblock.block_size;
        volume.read(block, position % superblock.block_size, &mut bytes)?;
        let inode = Self::parse(volume, number, &bytes);
        inode.verify(volume, &bytes)?;
        Ok(inode)
    }

    fn parse(volume: &Volume<'_>, number: u32, bytes: &[u8]) -> Self {
        let flags = u32_le(bytes, 0x20);
        let seed = match volume.superblock.checksums {
            Checksums::All(seed) => crc32c(
                crc32c(seed, &number.to_le_bytes()),
                &u32_le(bytes, 0x64).to_le_bytes(),
            ),
            _ => 0,
        };
        Self {
            number,
            mode: u16_le(bytes, 0x0),
            uid: u32::from(u16_le(bytes, 0x2)) | u32::from(u16_le(bytes, 0x78)) << 16,
            gid: u32::from(u16_le(bytes, 0x18)) | u32::from(u16_le(bytes, 0x7a)) << 16,
            size: u64::from(u32_le(bytes, 0x4)) | u64::from(u32_le(bytes, 0x6c)) << 32,
            root: std::array::from_fn(|index| bytes.get(0x28 + index).copied().unwrap_or(0)),
            encrypted: flags & FLAG_ENCRYPTED != 0,
            extents: flags & FLAG_EXTENTS != 0,
            seed,
        }
    }

    fn verify(&self, volume: &Volume<'_>, bytes: &[u8]) -> Result<(), FileSystemError> {
        if !matches!(volume.superblock.checksums, Checksums::All(_)) {
            return Ok(());
        }
        let has_high = bytes.len() > EXTRA_SIZE && u16_le(bytes, EXTRA_SIZE) >= 4;
        let mut blanked = bytes.to_vec();
        let fields: &[usize] = if has_high {
            &[CHECKSUM_LOW, CHECKSUM_HIGH]
        } else {
            &[CHECKSUM_LOW]
        };
        for field in fields {
            if let Some(run) = blanked.get_mut(*field..*field + 2) {
                run.fill(0);
            }
        }
        let sum = crc32c(self.seed, &blanked);
        let stored = u32::from(u16_le(bytes, CHECKSUM_LOW));
        let matches = match has_high {
            true => sum == stored | u32::from(u16_le(bytes, CHECKSUM_HIGH)) << 16,
            false => sum & 0xffff == stored,
        };
        if matches {
            Ok(())
        } else {
            Err(FileSystemError::Checksum(format!("inode {}", self.number)))
        }
    }

    pub(super) fn is(&self, kind: u16) -> bool {
        self.mode & kind::MASK == kind
    }
}
