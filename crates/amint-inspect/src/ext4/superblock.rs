//! The superblock: geometry, features and state.

use super::checksum::{START, crc32c};
use crate::bytes::{u16_le, u32_le, u64_le};
use crate::file_system::FileSystemError;
use crate::source::BlockSource;
use crate::window::Window;

const OFFSET: u64 = 1024;
const SIZE: usize = 1024;
const CHECKSUM: usize = 0x3fc;
const MAGIC: u16 = 0xef53;
/// Linux mounts up to 64 KiB.
const MAX_LOG_BLOCK_SIZE: u32 = 6;
/// 128 TiB in the usual geometry. Bounds the memory that descriptors take.
const MAX_GROUPS: u64 = 1 << 20;

const COMPAT_JOURNAL: u32 = 0x4;
const COMPAT_DIR_INDEX: u32 = 0x20;
const COMPAT_SPARSE_SUPER2: u32 = 0x200;
const INCOMPAT_RECOVER: u32 = 0x4;
const INCOMPAT_META_BG: u32 = 0x10;
const INCOMPAT_64BIT: u32 = 0x80;
const INCOMPAT_CSUM_SEED: u32 = 0x2000;
const RO_COMPAT_SPARSE_SUPER: u32 = 0x1;
const RO_COMPAT_GDT_CSUM: u32 = 0x10;
const RO_COMPAT_BIGALLOC: u32 = 0x200;
const RO_COMPAT_METADATA_CSUM: u32 = 0x400;
const RO_COMPAT_ORPHAN_PRESENT: u32 = 0x10000;

/// Incompatible features that change nothing for this reader or that it handles; others are refused by name.
const INCOMPAT: [(u32, &str, bool); 16] = [
    (0x1, "compression", false),
    (0x2, "filetype", true),
    (INCOMPAT_RECOVER, "needs_recovery", true),
    (0x8, "a separate journal device", false),
    (INCOMPAT_META_BG, "meta_bg", true),
    (0x40, "extents", true),
    (INCOMPAT_64BIT, "64bit", true),
    (0x100, "mmp", true),
    (0x200, "flex_bg", true),
    (0x400, "ea_inode", true),
    (0x1000, "dirdata", false),
    (INCOMPAT_CSUM_SEED, "metadata_csum_seed", true),
    (0x4000, "large_dir", true),
    (0x8000, "inline_data", true),
    (0x10000, "encrypt", true),
    (0x20000, "casefold", true),
];

/// The first inode of an ordinary file where the superblock is too old to say.
const OLD_FIRST_INODE: u32 = 11;

const STATE_VALID: u16 = 1;
const STATE_ERROR: u16 = 2;

/// What a file system says about itself, checked for being possible.
pub(super) struct Superblock {
    pub(super) block_size: u64,
    pub(super) blocks: u64,
    pub(super) first_data_block: u64,
    pub(super) blocks_per_group: u64,
    pub(super) inodes: u32,
    pub(super) inodes_per_group: u32,
    pub(super) inode_size: u16,
    pub(super) descriptor_size: u16,
    pub(super) reserved_gdt_blocks: u64,
    pub(super) first_meta_bg: Option<u64>,
    /// The journal's inode, when the journal is inside.
    pub(super) journal_inode: Option<u32>,
    /// Cleanly unmounted: valid, no errors, nothing to recover, no orphans.
    pub(super) clean: bool,
    pub(super) needs_recovery: bool,
    pub(super) bigalloc: bool,
    /// Whether block numbers have 64 bits.
    pub(super) wide: bool,
    /// Whether directories may have hash trees.
    pub(super) hashed: bool,
    /// The first inode that an ordinary file may have.
    pub(super) first_inode: u32,
    /// The inodes of quotas and of the list of orphans, which have no name; 0 for those that are not there.
    pub(super) nameless: [u32; 4],
    /// The block against mounting twice; 0 when there is none.
    pub(super) mmp_block: u64,
    /// Features that only matter to who writes.
    pub(super) ro_compat: u32,
    pub(super) checksums: Checksums,
    pub(super) uuid: [u8; 16],
    backups: Backups,
}

/// Which metadata carries checksums.
#[derive(Clone, Copy)]
pub(super) enum Checksums {
    None,
    /// Group descriptors only (`uninit_bg`).
    Groups,
    /// All metadata, from this seed (`metadata_csum`).
    All(u32),
}

/// Which groups hold a copy of the superblock.
enum Backups {
    Every,
    Sparse,
    Listed([u32; 2]),
}

impl Superblock {
    pub(super) fn read(window: &Window<'_>) -> Result<Self, FileSystemError> {
        if window.size() < OFFSET + SIZE as u64 {
            return Err(FileSystemError::Absent(crate::probe::FileSystem::Ext));
        }
        let mut bytes = [0; SIZE];
        window.read_at(OFFSET, &mut bytes)?;
        let superblock = Self::parse(&bytes)?;
        let claimed = superblock.blocks.saturating_mul(superblock.block_size);
        match window.size() {
            available if claimed > available => {
                Err(FileSystemError::Truncated { claimed, available })
            }
            _ => Ok(superblock),
        }
    }

    fn parse(bytes: &[u8; SIZE]) -> Result<Self, FileSystemError> {
        if u16_le(bytes, 0x38) != MAGIC {
            return Err(FileSystemError::Absent(crate::probe::FileSystem::Ext));
        }
        let (compat, incompat, ro_compat) = (
            u32_le(bytes, 0x5c),
            u32_le(bytes, 0x60),
            u32_le(bytes, 0x64),
        );
        let uuid: [u8; 16] = std::array::from_fn(|index| bytes[0x68 + index]);
        if ro_compat & RO_COMPAT_METADATA_CSUM != 0
            && crc32c(START, &bytes[..CHECKSUM]) != u32_le(bytes, CHECKSUM)
        {
            return Err(FileSystemError::Checksum("the superblock".into()));
        }
        refuse_unknown(incompat)?;

        let log_block_size = u32_le(bytes, 0x18);
        if log_block_size > MAX_LOG_BLOCK_SIZE {
            return Err(FileSystemError::corrupt(format!(
                "block size 2^{}",
                u64::from(log_block_size) + 10
            )));
        }
        let wide = incompat & INCOMPAT_64BIT != 0;
        let high_blocks = if wide {
            u64::from(u32_le(bytes, 0x150))
        } else {
            0
        };
        let old_revision = u32_le(bytes, 0x4c) == 0;
        let state = u16_le(bytes, 0x3a);
        let needs_recovery = incompat & INCOMPAT_RECOVER != 0;
        let orphans = u32_le(bytes, 0xe8) != 0 || ro_compat & RO_COMPAT_ORPHAN_PRESENT != 0;
        let superblock = Self {
            block_size: 1024 << log_block_size,
            blocks: u64::from(u32_le(bytes, 0x4)) | high_blocks << 32,
            first_data_block: u32_le(bytes, 0x14).into(),
            blocks_per_group: u32_le(bytes, 0x20).into(),
            inodes: u32_le(bytes, 0x0),
            inodes_per_group: u32_le(bytes, 0x28),
            inode_size: if old_revision {
                128
            } else {
                u16_le(bytes, 0x58)
            },
            descriptor_size: if wide { u16_le(bytes, 0xfe) } else { 32 },
            reserved_gdt_blocks: u16_le(bytes, 0xce).into(),
            first_meta_bg: (incompat & INCOMPAT_META_BG != 0).then(|| u32_le(bytes, 0x104).into()),
            journal_inode: (compat & COMPAT_JOURNAL != 0).then(|| u32_le(bytes, 0xe0)),
            clean: state & (STATE_VALID | STATE_ERROR) == STATE_VALID
                && !needs_recovery
                && !orphans,
            needs_recovery,
            bigalloc: ro_compat & RO_COMPAT_BIGALLOC != 0,
            wide,
            hashed: compat & COMPAT_DIR_INDEX != 0,
            first_inode: if old_revision {
                OLD_FIRST_INODE
            } else {
                u32_le(bytes, 0x54)
            },
            nameless: [0x240, 0x244, 0x26c, 0x280].map(|field| u32_le(bytes, field)),
            mmp_block: u64_le(bytes, 0x168),
            ro_compat,
            checksums: match ro_compat {
                _ if ro_compat & RO_COMPAT_METADATA_CSUM != 0 => {
                    Checksums::All(match incompat & INCOMPAT_CSUM_SEED {
                        0 => crc32c(START, &uuid),
                        _ => u32_le(bytes, 0x270),
                    })
                }
                _ if ro_compat & RO_COMPAT_GDT_CSUM != 0 => Checksums::Groups,
                _ => Checksums::None,
            },
            uuid,
            backups: match compat {
                _ if compat & COMPAT_SPARSE_SUPER2 != 0 => {
                    Backups::Listed([u32_le(bytes, 0x24c), u32_le(bytes, 0x250)])
                }
                _ if ro_compat & RO_COMPAT_SPARSE_SUPER != 0 => Backups::Sparse,
                _ => Backups::Every,
            },
        };
        superblock.check_geometry()?;
        Ok(superblock)
    }

    /// The limits that the kernel and mke2fs hold; everything after this may divide and shift in peace.
    fn check_geometry(&self) -> Result<(), FileSystemError> {
        let bits = self.block_size * 8;
        let inode_size = u64::from(self.inode_size);
        let descriptor_size = u64::from(self.descriptor_size);
        let facts = [
            (
                self.first_data_block == u64::from(self.block_size == 1024)
                    || self.first_data_block == 0,
                "first data block",
            ),
            (self.blocks > self.first_data_block, "block count"),
            (
                self.blocks_per_group >= 256 && (self.bigalloc || self.blocks_per_group <= bits),
                "blocks per group",
            ),
            (
                self.inodes_per_group >= 1 && u64::from(self.inodes_per_group) <= bits,
                "inodes per group",
            ),
            (
                inode_size >= 128 && inode_size <= self.block_size && inode_size.is_power_of_two(),
                "inode size",
            ),
            (
                descriptor_size >= 32
                    && descriptor_size <= self.block_size
                    && descriptor_size.is_power_of_two(),
                "descriptor size",
            ),
            (
                self.reserved_gdt_blocks <= self.block_size / 4,
                "reserved descriptor blocks",
            ),
        ];
        if let Some((_, what)) = facts.iter().find(|(holds, _)| !holds) {
            return Err(FileSystemError::corrupt(format!(
                "impossible {what} in the superblock"
            )));
        }
        if self.groups() > MAX_GROUPS {
            return Err(FileSystemError::TooLarge {
                what: "the number of block groups".into(),
                limit: MAX_GROUPS,
            });
        }
        if u64::from(self.inodes) > self.groups() * u64::from(self.inodes_per_group) {
            return Err(FileSystemError::corrupt(
                "impossible inode count in the superblock",
            ));
        }
        Ok(())
    }

    pub(super) fn groups(&self) -> u64 {
        (self.blocks - self.first_data_block).div_ceil(self.blocks_per_group)
    }

    /// The first block of `group`.
    pub(super) fn group_start(&self, group: u64) -> u64 {
        self.first_data_block + group * self.blocks_per_group
    }

    /// How many blocks `group` has; the last one may be short.
    pub(super) fn group_blocks(&self, group: u64) -> u64 {
        self.blocks_per_group
            .min(self.blocks.saturating_sub(self.group_start(group)))
    }

    pub(super) fn descriptors_per_block(&self) -> u64 {
        self.block_size / u64::from(self.descriptor_size)
    }

    /// How many blocks all group descriptors fill.
    pub(super) fn descriptor_blocks(&self) -> u64 {
        self.groups().div_ceil(self.descriptors_per_block())
    }

    /// Whether `group` holds a copy of the superblock.
    pub(super) fn has_superblock(&self, group: u64) -> bool {
        match self.backups {
            _ if group == 0 => true,
            Backups::Every => true,
            Backups::Listed(groups) => groups.iter().any(|listed| u64::from(*listed) == group),
            Backups::Sparse => group == 1 || [3, 5, 7].iter().any(|base| is_power(group, *base)),
        }
    }
}

fn refuse_unknown(incompat: u32) -> Result<(), FileSystemError> {
    let known = INCOMPAT.iter().fold(0, |mask, (bit, _, _)| mask | bit);
    let refused = INCOMPAT
        .iter()
        .find(|(bit, _, supported)| incompat & bit != 0 && !supported);
    match refused {
        Some((_, name, _)) => Err(FileSystemError::Unsupported((*name).into())),
        None if incompat & !known != 0 => Err(FileSystemError::Unsupported(format!(
            "feature bits {:#x}",
            incompat & !known
        ))),
        None => Ok(()),
    }
}

fn is_power(mut number: u64, base: u64) -> bool {
    while number > 1 && number.is_multiple_of(base) {
        number /= base;
    }
    number == 1
}
