//! Which file system an extent holds, told from its magic.

use std::fmt;

use crate::source::{BlockSource, Extent, ReadError};
use crate::window::Window;

/// What an extent holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FileSystem {
    /// ext2, ext3 or ext4.
    Ext,
    /// XFS.
    Xfs,
    /// FAT in any width, such as an EFI system partition.
    Vfat,
    /// Btrfs.
    Btrfs,
    /// SquashFS.
    Squashfs,
    /// Linux swap space.
    Swap,
    /// An LVM physical volume.
    Lvm,
    /// An encrypted volume (LUKS).
    Luks,
    /// Nothing that is known.
    Unknown,
}

impl fmt::Display for FileSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FileSystem::Ext => "ext4",
            FileSystem::Xfs => "xfs",
            FileSystem::Vfat => "vfat",
            FileSystem::Btrfs => "btrfs",
            FileSystem::Squashfs => "squashfs",
            FileSystem::Swap => "swap",
            FileSystem::Lvm => "lvm",
            FileSystem::Luks => "luks",
            FileSystem::Unknown => "unknown",
        })
    }
}

/// Offsets and magics, as libblkid knows them.
const MAGICS: [(u64, &[u8], FileSystem); 9] = [
    (1080, b"\x53\xef", FileSystem::Ext),
    (0, b"XFSB", FileSystem::Xfs),
    (82, b"FAT32   ", FileSystem::Vfat),
    (54, b"FAT1", FileSystem::Vfat),
    (0x10040, b"_BHRfS_M", FileSystem::Btrfs),
    (0, b"hsqs", FileSystem::Squashfs),
    (4086, b"SWAPSPACE2", FileSystem::Swap),
    (512, b"LABELONE", FileSystem::Lvm),
    (0, b"LUKS\xba\xbe", FileSystem::Luks),
];

/// Tells which file system `extent` of `source` holds.
///
/// # Errors
/// When the disk cannot be read there; an extent too short for a magic merely does not match it.
pub fn probe(source: &dyn BlockSource, extent: Extent) -> Result<FileSystem, ReadError> {
    let window = Window::new(source, extent)?;
    for (offset, magic, kind) in MAGICS {
        let mut found = vec![0; magic.len()];
        if offset + magic.len() as u64 <= extent.length {
            window.read_at(offset, &mut found)?;
            if found == magic {
                return Ok(kind);
            }
        }
    }
    Ok(FileSystem::Unknown)
}
