//! Which file system an extent holds, told from its magic.

use std::fmt;

use crate::bytes::u64_le;
use crate::source::{BlockSource, Extent, ReadError};
use crate::window::Window;

/// What an extent holds.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
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
    /// An encrypted volume (BitLocker).
    Bitlocker,
    /// A member of a Linux RAID (md).
    Raid,
    /// A bcache or bcachefs device.
    Bcache,
    /// A member of a ZFS pool.
    Zfs,
    /// NTFS.
    Ntfs,
    /// exFAT.
    Exfat,
    /// F2FS.
    F2fs,
    /// EROFS.
    Erofs,
    /// ISO 9660.
    Iso9660,
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
            FileSystem::Bitlocker => "bitlocker",
            FileSystem::Raid => "raid member",
            FileSystem::Bcache => "bcache",
            FileSystem::Zfs => "zfs",
            FileSystem::Ntfs => "ntfs",
            FileSystem::Exfat => "exfat",
            FileSystem::F2fs => "f2fs",
            FileSystem::Erofs => "erofs",
            FileSystem::Iso9660 => "iso9660",
            FileSystem::Unknown => "unknown",
        })
    }
}

/// Offsets and magics, as libblkid knows them. What wraps other file systems comes first: an older file system may
/// still show through it.
const MAGICS: [(u64, &[u8], FileSystem); 28] = [
    (0, b"LUKS\xba\xbe", FileSystem::Luks),
    (3, b"-FVE-FS-", FileSystem::Bitlocker),
    (0, LVM, FileSystem::Lvm),
    (512, LVM, FileSystem::Lvm),
    (1024, LVM, FileSystem::Lvm),
    (1536, LVM, FileSystem::Lvm),
    (
        4096 + 24,
        b"\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81",
        FileSystem::Bcache,
    ),
    (
        4096 + 24,
        b"\xc6\x85\x73\xf6\x66\xce\x90\xa9\xd9\x6a\x60\xcf\x80\x3d\xf7\xef",
        FileSystem::Bcache,
    ),
    (1080, b"\x53\xef", FileSystem::Ext),
    (0, b"XFSB", FileSystem::Xfs),
    (82, b"FAT32   ", FileSystem::Vfat),
    (54, b"FAT1", FileSystem::Vfat),
    (54, b"FAT     ", FileSystem::Vfat),
    (0x10040, b"_BHRfS_M", FileSystem::Btrfs),
    (0, b"hsqs", FileSystem::Squashfs),
    (3, b"NTFS    ", FileSystem::Ntfs),
    (3, b"EXFAT   ", FileSystem::Exfat),
    (1024, b"\x10\x20\xf5\xf2", FileSystem::F2fs),
    (1024, b"\xe2\xe1\xf5\xe0", FileSystem::Erofs),
    (0x8001, b"CD001", FileSystem::Iso9660),
    // At the end of a page, whose size depends on the machine.
    (0x1000 - 10, SWAP, FileSystem::Swap),
    (0x2000 - 10, SWAP, FileSystem::Swap),
    (0x4000 - 10, SWAP, FileSystem::Swap),
    (0x10000 - 10, SWAP, FileSystem::Swap),
    // Swap space that a suspended machine's memory is in.
    (0x1000 - 10, b"S1SUSPEND", FileSystem::Swap),
    (0x1000 - 10, b"S2SUSPEND", FileSystem::Swap),
    // Version 1.1 and 1.2; 1.0 and 0.90 are at the end, and what they hold is read as it is.
    (0, MD, FileSystem::Raid),
    (4096, MD, FileSystem::Raid),
];

const LVM: &[u8] = b"LABELONE";
const SWAP: &[u8] = b"SWAPSPACE2";
const MD: &[u8] = b"\xfc\x4e\x2b\xa9";
/// A ring of blocks with this magic, in either order of bytes, is in each label of a ZFS pool's member.
const ZFS_RING: u64 = 128 << 10;
const ZFS_BLOCK: usize = 1024;
const ZFS_BLOCKS: usize = 128;
const ZFS: u64 = 0x00ba_b10c;

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
    if is_raid(&window)? {
        return Ok(FileSystem::Raid);
    }
    Ok(match is_zfs(&window)? {
        true => FileSystem::Zfs,
        false => FileSystem::Unknown,
    })
}

/// Whether a RAID's superblock is at the end: version 1.0, or 0.90 in either order of bytes.
fn is_raid(window: &Window<'_>) -> Result<bool, ReadError> {
    let size = window.size();
    let newer = size.checked_sub(8 << 10).map(|at| at & !0xfff);
    let older = (size & !0xffff).checked_sub(64 << 10);
    for at in [newer, older].into_iter().flatten() {
        let mut found = [0; 4];
        window.read_at(at, &mut found)?;
        if found == *MD || (Some(at) == older && found.iter().rev().eq(MD)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_zfs(window: &Window<'_>) -> Result<bool, ReadError> {
    if window.size() < ZFS_RING * 2 {
        return Ok(false);
    }
    let mut ring = vec![0; ZFS_BLOCK * ZFS_BLOCKS];
    window.read_at(ZFS_RING, &mut ring)?;
    Ok(ring.chunks_exact(ZFS_BLOCK).any(|block| {
        let magic = u64_le(block, 0);
        magic == ZFS || magic.swap_bytes() == ZFS
    }))
}
