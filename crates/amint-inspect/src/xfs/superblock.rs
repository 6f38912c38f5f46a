//! The superblock: geometry and features.

use super::checksum;
use crate::bytes::{u16_be, u32_be, u64_be};
use crate::file_system::FileSystemError;
use crate::probe::FileSystem;
use crate::source::BlockSource;
use crate::window::Window;

/// Smallest sector, and as much as all versions of the superblock fill.
const MIN_SECTOR: usize = 512;
const MAGIC: u32 = u32::from_be_bytes(*b"XFSB");
const CHECKSUM: usize = 224;
/// 16 TiB in groups of the smallest size, 1 EiB in those of the largest.
const MAX_GROUPS: u32 = 1 << 20;
/// Groups have at least this many blocks (`XFS_MIN_AG_BLOCKS`).
const MIN_GROUP_BLOCKS: u32 = 64;

/// Version 4's features, in the upper bits of the version number.
const V4_DIR_V2: u16 = 0x2000;
const V4_CASE_INSENSITIVE: u16 = 0x4000;
const V4_MORE: u16 = 0x8000;
/// Version 4's second set of features.
const V4_FILE_TYPE: u32 = 0x200;

const INCOMPAT_FILE_TYPE: u32 = 0x1;
const INCOMPAT_SPARSE_INODES: u32 = 0x2;
const INCOMPAT_META_UUID: u32 = 0x4;
const INCOMPAT_NEEDS_REPAIR: u32 = 0x10;

/// Incompatible features that change nothing for this reader or that it handles; others are refused by name.
const INCOMPAT: [(u32, &str, bool); 11] = [
    (INCOMPAT_FILE_TYPE, "ftype", true),
    (INCOMPAT_SPARSE_INODES, "sparse inodes", true),
    (INCOMPAT_META_UUID, "meta_uuid", true),
    (0x8, "bigtime", true),
    (INCOMPAT_NEEDS_REPAIR, "needsrepair", true),
    (0x20, "nrext64", true),
    (0x40, "exchange", true),
    (0x80, "parent pointers", true),
    (0x100, "metadata directories", false),
    (0x200, "zoned storage", false),
    (0x400, "gaps between zones", false),
];

const RO_COMPAT_FINOBT: u32 = 0x1;
const RO_COMPAT_RMAPBT: u32 = 0x2;
const RO_COMPAT_REFLINK: u32 = 0x4;

/// What a file system says about itself, checked for being possible.
pub(super) struct Superblock {
    /// Version 5: metadata has checksums and says where it is.
    pub(super) v5: bool,
    pub(super) block_size: u64,
    pub(super) block_log: u32,
    pub(super) sector_size: u64,
    pub(super) blocks: u64,
    pub(super) groups: u32,
    pub(super) group_blocks: u32,
    /// Bits of a block number that count within a group.
    pub(super) group_log: u32,
    pub(super) inode_size: usize,
    /// Bits of an inode number that count within a block.
    pub(super) inodes_per_block_log: u32,
    pub(super) root: u64,
    /// Bytes of one block of a directory: one or more blocks of the file system.
    pub(super) directory_block: usize,
    /// Directory entries have a file type.
    pub(super) file_type: bool,
    pub(super) free_inode_tree: bool,
    /// Chunks of inodes may have holes.
    pub(super) sparse_inodes: bool,
    pub(super) reverse_map: bool,
    pub(super) reflink: bool,
    /// Inodes that hold quotas, whether they exist or not.
    pub(super) quota_inodes: [u64; 3],
    /// First block of the log, in the file system's own numbers; 0 when it is on another device.
    pub(super) log_start: u64,
    pub(super) log_blocks: u64,
    /// When the superblock was last written, in the log's time.
    pub(super) lsn: u64,
    /// What metadata bears.
    pub(super) uuid: [u8; 16],
    /// mkfs or xfs_repair was cut off.
    pub(super) unfinished: bool,
}

impl Superblock {
    pub(super) fn read(window: &Window<'_>) -> Result<Self, FileSystemError> {
        let absent = || FileSystemError::Absent(FileSystem::Xfs);
        if window.size() < MIN_SECTOR as u64 {
            return Err(absent());
        }
        let mut bytes = vec![0; MIN_SECTOR];
        window.read_at(0, &mut bytes)?;
        if u32_be(&bytes, 0) != MAGIC {
            return Err(absent());
        }
        let sector_size = usize::from(u16_be(&bytes, 102));
        if !(MIN_SECTOR..=1 << 15).contains(&sector_size) || !sector_size.is_power_of_two() {
            return Err(FileSystemError::corrupt(format!(
                "sectors of {sector_size} bytes"
            )));
        }
        bytes.resize(sector_size, 0);
        if window.size() < sector_size as u64 {
            return Err(absent());
        }
        window.read_at(0, &mut bytes)?;
        let superblock = Self::parse(&bytes)?;
        let claimed = superblock.blocks.saturating_mul(superblock.block_size);
        match window.size() {
            available if claimed > available => {
                Err(FileSystemError::Truncated { claimed, available })
            }
            _ => Ok(superblock),
        }
    }

    fn parse(bytes: &[u8]) -> Result<Self, FileSystemError> {
        let version = u16_be(bytes, 100);
        let v5 = match version & 0xf {
            5 => true,
            4 => false,
            other => {
                return Err(FileSystemError::Unsupported(format!(
                    "version {other} of XFS"
                )));
            }
        };
        if v5 && !checksum::holds(bytes, CHECKSUM) {
            return Err(FileSystemError::Checksum("the superblock".into()));
        }
        if !v5 {
            refuse_old(version)?;
        }
        let (ro_compat, incompat) = match v5 {
            true => (u32_be(bytes, 212), u32_be(bytes, 216)),
            false => (0, 0),
        };
        refuse_unknown(incompat)?;
        let log = |offset: usize| u32::from(bytes.get(offset).copied().unwrap_or(u8::MAX));
        let block_size = u64::from(u32_be(bytes, 4));
        let superblock = Self {
            v5,
            block_size,
            block_log: log(120),
            sector_size: u16_be(bytes, 102).into(),
            blocks: u64_be(bytes, 8),
            groups: u32_be(bytes, 88),
            group_blocks: u32_be(bytes, 84),
            group_log: log(124),
            inode_size: u16_be(bytes, 104).into(),
            inodes_per_block_log: log(123),
            root: u64_be(bytes, 56),
            directory_block: (block_size as usize).checked_shl(log(192)).unwrap_or(0),
            file_type: match v5 {
                true => incompat & INCOMPAT_FILE_TYPE != 0,
                false => version & V4_MORE != 0 && u32_be(bytes, 200) & V4_FILE_TYPE != 0,
            },
            free_inode_tree: ro_compat & RO_COMPAT_FINOBT != 0,
            sparse_inodes: incompat & INCOMPAT_SPARSE_INODES != 0,
            reverse_map: ro_compat & RO_COMPAT_RMAPBT != 0,
            reflink: ro_compat & RO_COMPAT_REFLINK != 0,
            quota_inodes: [u64_be(bytes, 160), u64_be(bytes, 168), u64_be(bytes, 232)],
            log_start: u64_be(bytes, 48),
            log_blocks: u32_be(bytes, 96).into(),
            lsn: if v5 { u64_be(bytes, 240) } else { 0 },
            uuid: {
                let at = if incompat & INCOMPAT_META_UUID != 0 {
                    248
                } else {
                    32
                };
                std::array::from_fn(|index| bytes.get(at + index).copied().unwrap_or(0))
            },
            unfinished: log(126) != 0 || incompat & INCOMPAT_NEEDS_REPAIR != 0,
        };
        superblock.check_geometry(log(122), log(192))?;
        Ok(superblock)
    }

    /// The limits that the kernel holds; everything after this may divide and shift in peace.
    fn check_geometry(&self, inode_log: u32, directory_log: u32) -> Result<(), FileSystemError> {
        let inode_size = self.inode_size as u64;
        let least = u64::from(self.groups.saturating_sub(1)) * u64::from(self.group_blocks);
        let most = u64::from(self.groups) * u64::from(self.group_blocks);
        let facts = [
            (
                (9..=16).contains(&self.block_log) && self.block_size == 1 << self.block_log,
                "block size",
            ),
            (self.sector_size <= self.block_size, "sector size"),
            (
                (8..=11).contains(&inode_log)
                    && inode_size == 1 << inode_log
                    && inode_size <= self.block_size
                    && self.inodes_per_block_log + inode_log == self.block_log
                    && (!self.v5 || inode_size >= 512),
                "inode size",
            ),
            (
                self.group_blocks >= MIN_GROUP_BLOCKS && self.group_blocks <= 1 << 31,
                "group size",
            ),
            (
                self.group_log <= 31
                    && u64::from(self.group_blocks).next_power_of_two() == 1 << self.group_log,
                "group size",
            ),
            (
                self.groups >= 1 && self.blocks > least && self.blocks <= most,
                "block count",
            ),
            (directory_log + self.block_log <= 16, "directory block size"),
        ];
        if let Some((_, what)) = facts.iter().find(|(holds, _)| !holds) {
            return Err(FileSystemError::corrupt(format!(
                "impossible {what} in the superblock"
            )));
        }
        if self.groups > MAX_GROUPS {
            return Err(FileSystemError::TooLarge {
                what: "the number of allocation groups".into(),
                limit: MAX_GROUPS.into(),
            });
        }
        Ok(())
    }

    /// How many blocks `group` has; the last one may be short.
    pub(super) fn blocks_in(&self, group: u32) -> u32 {
        let start = u64::from(group) * u64::from(self.group_blocks);
        // Fits: at most a group's size.
        self.blocks
            .saturating_sub(start)
            .min(self.group_blocks.into()) as u32
    }
}

fn refuse_old(version: u16) -> Result<(), FileSystemError> {
    let unsupported = |what: &str| Err(FileSystemError::Unsupported(what.into()));
    match version {
        _ if version & V4_DIR_V2 == 0 => unsupported("directories of version 1"),
        _ if version & V4_CASE_INSENSITIVE != 0 => unsupported("names without case"),
        _ => Ok(()),
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
