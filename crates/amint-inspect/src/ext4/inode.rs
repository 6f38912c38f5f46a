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
/// The size of an inode's first part; what follows is not in all file systems.
const OLD_SIZE: usize = 128;

/// Where the block map is.
pub(super) const ROOT_AT: usize = 0x28;
/// How long it is.
pub(super) const ROOT_SIZE: usize = 60;

/// Bits of an inode's flags.
pub(super) mod flag {
    pub(in crate::ext4) const ENCRYPTED: u32 = 0x800;
    /// A directory with a hash tree.
    pub(in crate::ext4) const INDEX: u32 = 0x1000;
    pub(in crate::ext4) const EXTENTS: u32 = 0x8_0000;
    /// A Merkle tree follows the content (fs-verity).
    pub(in crate::ext4) const VERITY: u32 = 0x10_0000;
    /// The value of an extended attribute.
    pub(in crate::ext4) const EA_INODE: u32 = 0x20_0000;
    /// The content is in the inode itself.
    pub(in crate::ext4) const INLINE_DATA: u32 = 0x1000_0000;
}

/// The file type bits of a mode.
pub(super) mod kind {
    pub(in crate::ext4) const MASK: u16 = 0xf000;
    pub(in crate::ext4) const DIRECTORY: u16 = 0x4000;
    pub(in crate::ext4) const FILE: u16 = 0x8000;
    pub(in crate::ext4) const SYMLINK: u16 = 0xa000;
}

/// Targets of symbolic links that are shorter than this are in the inode itself.
pub(super) const INLINE_TARGET: u64 = 60;

/// One inode.
pub(crate) struct Inode {
    pub(super) number: u32,
    pub(super) mode: u16,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) size: u64,
    /// Block map, extent tree root or a short symbolic link's target.
    pub(super) root: [u8; ROOT_SIZE],
    /// See [`flag`].
    pub(super) flags: u32,
    /// The block of extended attributes; 0 when there is none.
    pub(super) attribute_block: u64,
    /// All of the inode, as it is on the disk.
    pub(super) bytes: Vec<u8>,
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
        Self::check(volume, number, bytes)
    }

    /// The inode that `bytes` of an inode table are.
    pub(super) fn check(
        volume: &Volume<'_>,
        number: u32,
        bytes: Vec<u8>,
    ) -> Result<Self, FileSystemError> {
        let inode = Self::parse(volume, number, bytes);
        inode.verify(volume)?;
        Ok(inode)
    }

    fn parse(volume: &Volume<'_>, number: u32, slot: Vec<u8>) -> Self {
        let bytes = slot.as_slice();
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
            root: std::array::from_fn(|index| bytes.get(ROOT_AT + index).copied().unwrap_or(0)),
            flags: u32_le(bytes, 0x20),
            attribute_block: u64::from(u32_le(bytes, 0x68))
                | match volume.superblock.wide {
                    true => u64::from(u16_le(bytes, 0x76)) << 32,
                    false => 0,
                },
            seed,
            bytes: slot,
        }
    }

    fn verify(&self, volume: &Volume<'_>) -> Result<(), FileSystemError> {
        if !matches!(volume.superblock.checksums, Checksums::All(_)) {
            return Ok(());
        }
        let bytes = &self.bytes;
        let sum = self.checksum();
        let stored = u32::from(u16_le(bytes, CHECKSUM_LOW));
        let matches = match self.has_wide_checksum() {
            true => sum == stored | u32::from(u16_le(bytes, CHECKSUM_HIGH)) << 16,
            false => sum & 0xffff == stored,
        };
        if matches {
            Ok(())
        } else {
            Err(FileSystemError::Checksum(format!("inode {}", self.number)))
        }
    }

    /// Makes the checksum of the inode `number` right, whose bytes have been changed.
    pub(super) fn seal(volume: &Volume<'_>, number: u32, slot: &mut [u8]) {
        if !matches!(volume.superblock.checksums, Checksums::All(_)) {
            return;
        }
        let inode = Self::parse(volume, number, slot.to_vec());
        let sum = inode.checksum().to_le_bytes();
        let (low, high) = sum.split_at(2);
        if let Some(field) = slot.get_mut(CHECKSUM_LOW..CHECKSUM_LOW + 2) {
            field.copy_from_slice(low);
        }
        if let Some(field) = slot.get_mut(CHECKSUM_HIGH..CHECKSUM_HIGH + 2)
            && inode.has_wide_checksum()
        {
            field.copy_from_slice(high);
        }
    }

    fn has_wide_checksum(&self) -> bool {
        self.bytes.len() > EXTRA_SIZE && u16_le(&self.bytes, EXTRA_SIZE) >= 4
    }

    fn checksum(&self) -> u32 {
        let mut blanked = self.bytes.clone();
        let fields: &[usize] = match self.has_wide_checksum() {
            true => &[CHECKSUM_LOW, CHECKSUM_HIGH],
            false => &[CHECKSUM_LOW],
        };
        for field in fields {
            if let Some(run) = blanked.get_mut(*field..*field + 2) {
                run.fill(0);
            }
        }
        crc32c(self.seed, &blanked)
    }

    /// Where the extended attributes in the inode begin; nothing is there in small inodes.
    pub(super) fn extra(&self) -> usize {
        match self.bytes.len() > EXTRA_SIZE {
            true => OLD_SIZE + usize::from(u16_le(&self.bytes, EXTRA_SIZE)),
            false => OLD_SIZE,
        }
    }

    pub(super) fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// Whether blocks hold its content: a short link's target is in the inode, and a device has none.
    pub(super) fn has_blocks(&self) -> bool {
        match self.mode & kind::MASK {
            _ if self.has(flag::INLINE_DATA) => false,
            kind::FILE | kind::DIRECTORY => true,
            kind::SYMLINK => self.size >= INLINE_TARGET,
            _ => false,
        }
    }

    pub(super) fn is(&self, kind: u16) -> bool {
        self.mode & kind::MASK == kind
    }
}
