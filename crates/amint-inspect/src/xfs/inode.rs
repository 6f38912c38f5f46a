//! Inodes: a file's attributes and the roots of what it holds.

use super::checksum;
use super::volume::Volume;
use crate::bytes::{u16_be, u32_be, u64_be};
use crate::file_system::FileSystemError;

const MAGIC: u16 = u16::from_be_bytes(*b"IN");
const CHECKSUM: usize = 100;
/// Bytes before what an inode holds itself.
const V2_CORE: usize = 100;
const V3_CORE: usize = 176;
const FLAG_REALTIME: u16 = 0x1;
/// Version 3: extents are counted in wider fields.
const FLAG2_WIDE_COUNTS: u64 = 0x10;

/// The file type bits of a mode.
pub(super) mod kind {
    pub(in crate::xfs) const MASK: u16 = 0xf000;
    pub(in crate::xfs) const DIRECTORY: u16 = 0x4000;
    pub(in crate::xfs) const FILE: u16 = 0x8000;
    pub(in crate::xfs) const SYMLINK: u16 = 0xa000;
}

/// How a fork keeps what it has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Format {
    /// A device number.
    Device,
    /// In the inode itself.
    Local,
    /// A list of extents in the inode.
    Extents,
    /// The root of a tree of extents.
    Btree,
}

/// One of the two things that an inode can hold: its data and its extended attributes.
pub(super) struct Fork {
    pub(super) format: Format,
    /// What is in the inode.
    pub(super) bytes: Vec<u8>,
    /// How many extents it says it has.
    pub(super) extents: u64,
    /// Where its bytes begin in the inode.
    pub(super) offset: usize,
}

/// One inode.
pub(crate) struct Inode {
    pub(super) number: u64,
    pub(super) mode: u16,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) links: u32,
    pub(super) size: u64,
    pub(super) realtime: bool,
    /// Counted in its group; the next one without a name, for one that has none.
    pub(super) next_unlinked: u32,
    pub(super) data: Fork,
    pub(super) attributes: Option<Fork>,
}

impl Inode {
    pub(super) fn read(volume: &Volume<'_>, number: u64) -> Result<Self, FileSystemError> {
        let mut bytes = vec![0; volume.superblock.inode_size];
        let (block, offset) = place(volume, number)?;
        volume.read(block, offset, &mut bytes)?;
        Self::parse(volume, number, &bytes)
    }

    fn parse(volume: &Volume<'_>, number: u64, bytes: &[u8]) -> Result<Self, FileSystemError> {
        let damaged = |what| FileSystemError::corrupt(format!("inode {number}: {what}"));
        let version = bytes.get(4).copied().unwrap_or(0);
        let v3 = version == 3;
        if u16_be(bytes, 0) != MAGIC || version == 0 || v3 != volume.superblock.v5 || version > 3 {
            return Err(damaged("bad inode"));
        }
        if v3 && !checksum::holds(bytes, CHECKSUM) {
            return Err(FileSystemError::Checksum(format!("inode {number}")));
        }
        if v3 && (u64_be(bytes, 152) != number || !volume.bears(bytes, 160)) {
            return Err(damaged("it says that it is another one"));
        }
        let mode = u16_be(bytes, 2);
        if mode == 0 {
            return Err(damaged("it is free"));
        }
        let wide = v3 && u64_be(bytes, 120) & FLAG2_WIDE_COUNTS != 0;
        let (data_extents, attribute_extents) = match wide {
            true => (u64_be(bytes, 24), u32_be(bytes, 76).into()),
            false => (u32_be(bytes, 76).into(), u16_be(bytes, 80).into()),
        };
        let literal = bytes
            .get(if v3 { V3_CORE } else { V2_CORE }..)
            .unwrap_or_default();
        let core = bytes.len() - literal.len();
        // In units of eight bytes; 0 when there are no attributes.
        let split = usize::from(bytes.get(82).copied().unwrap_or(0)) * 8;
        let at = if split == 0 { literal.len() } else { split };
        let (data, attributes) = literal
            .split_at_checked(at)
            .ok_or_else(|| damaged("its attributes are outside it"))?;
        let fork = |format, bytes: &[u8], extents, offset| -> Result<Fork, FileSystemError> {
            Ok(Fork {
                format: Format::of(format).ok_or_else(|| damaged("unknown format"))?,
                bytes: bytes.to_vec(),
                extents,
                offset,
            })
        };
        let format = |at: usize| bytes.get(at).copied().unwrap_or(u8::MAX);
        Ok(Self {
            number,
            mode,
            uid: u32_be(bytes, 8),
            gid: u32_be(bytes, 12),
            links: match version {
                1 => u16_be(bytes, 6).into(),
                _ => u32_be(bytes, 16),
            },
            size: u64_be(bytes, 56),
            realtime: u16_be(bytes, 90) & FLAG_REALTIME != 0,
            next_unlinked: u32_be(bytes, 96),
            data: fork(format(5), data, data_extents, core)?,
            attributes: match split {
                0 => None,
                _ => Some(fork(format(83), attributes, attribute_extents, core + at)?),
            },
        })
    }

    pub(super) fn is(&self, kind: u16) -> bool {
        self.mode & kind::MASK == kind
    }

    pub(super) fn damaged(&self, what: &str) -> FileSystemError {
        FileSystemError::corrupt(format!("inode {}: {what}", self.number))
    }
}

impl Format {
    fn of(number: u8) -> Option<Self> {
        match number {
            0 => Some(Format::Device),
            1 => Some(Format::Local),
            2 => Some(Format::Extents),
            3 => Some(Format::Btree),
            _ => None,
        }
    }
}

/// Where an inode is: its block, and the offset in it.
pub(super) fn place(volume: &Volume<'_>, number: u64) -> Result<(u64, u64), FileSystemError> {
    let superblock = &volume.superblock;
    let log = superblock.inodes_per_block_log;
    let index = number & ((1 << log) - 1);
    let block = volume.block_of(number >> log, 1);
    let block =
        block.map_err(|_| FileSystemError::corrupt(format!("inode {number} does not exist")))?;
    Ok((block, index * superblock.inode_size as u64))
}

/// The number of an inode of which its `group` knows the number within.
pub(super) fn number(volume: &Volume<'_>, group: u32, within: u32) -> u64 {
    let superblock = &volume.superblock;
    let log = superblock.group_log + superblock.inodes_per_block_log;
    u64::from(group) << log | u64::from(within)
}
