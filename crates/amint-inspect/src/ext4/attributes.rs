//! Extended attributes: in the inode's extra space, in a block of their own, and values in inodes of their own.
//!
//! The layout is that of the kernel's `Documentation/filesystems/ext4/attributes.rst`.

use std::ops::Range;

use super::acl;
use super::checksum::crc32c;
use super::content::content;
use super::inline;
use super::inode::{Inode, flag};
use super::superblock::Checksums;
use super::volume::Volume;
use crate::bytes::{u16_le, u32_le};
use crate::file_system::FileSystemError;
use crate::name;
use crate::tree::Attribute;

const MAGIC: u32 = 0xea02_0000;
/// Bytes before the first entry, in an inode and in a block.
const INODE_HEADER: usize = 4;
const BLOCK_HEADER: usize = 32;
const BLOCK_CHECKSUM: usize = 0x10;
/// Bytes of an entry before its name.
const ENTRY: usize = 16;
/// The largest value that Linux takes (`XATTR_SIZE_MAX`).
const MAX_VALUE: u64 = 1 << 16;

const ACCESS_ACL: u8 = 2;
const DEFAULT_ACL: u8 = 3;
/// What only the file system itself sees.
pub(super) const SYSTEM: u8 = 7;

/// One attribute as it is stored.
pub(super) struct Entry<'a> {
    /// Which prefix its name has.
    pub(super) index: u8,
    pub(super) name: &'a [u8],
    pub(super) value: Value<'a>,
    /// Where a value that is here begins, from where its offset counts.
    at: usize,
}

/// Where a value is.
pub(super) enum Value<'a> {
    Here(&'a [u8]),
    /// In this inode, which has so many bytes.
    Inode(u32, u32),
}

/// All attributes of `inode`, by their full names, sorted. A list for access control is as getxattr(2) shows it.
pub(super) fn read(volume: &Volume<'_>, inode: &Inode) -> Result<Vec<Attribute>, FileSystemError> {
    let block = block(volume, inode)?;
    let mut entries = in_inode(inode)?;
    if let Some(block) = &block {
        entries.extend(in_block(inode, block)?);
    }
    let mut attributes = Vec::with_capacity(entries.len());
    for entry in entries {
        if entry.index == SYSTEM && entry.name == inline::NAME {
            continue;
        }
        let value = match entry.value {
            Value::Here(value) => value.to_vec(),
            Value::Inode(number, size) => stored_apart(volume, inode, number, size)?,
        };
        let value = match entry.index {
            ACCESS_ACL | DEFAULT_ACL => acl::shown(&value).unwrap_or(value),
            _ => value,
        };
        let name = full_name(entry.index, entry.name);
        attributes.push(Attribute { name, value });
    }
    // Stable: of two with the same name, the kernel sees the one in the inode.
    attributes.sort_by(|one, other| one.name.cmp(&other.name));
    attributes.dedup_by(|next, first| next.name == first.name);
    Ok(attributes)
}

/// The attributes in the inode's extra space.
pub(super) fn in_inode(inode: &Inode) -> Result<Vec<Entry<'_>>, FileSystemError> {
    match inode.bytes.get(inode.extra()..) {
        Some(area) if u32_le(area, 0) == MAGIC => {
            let values = area.get(INODE_HEADER..).unwrap_or_default();
            entries(inode, area, INODE_HEADER, values)
        }
        _ => Ok(Vec::new()),
    }
}

/// Where in its inode the value of an entry of [`in_inode`] is; nowhere when it is in another one.
pub(super) fn place(inode: &Inode, entry: &Entry<'_>) -> Range<usize> {
    let start = inode.extra() + INODE_HEADER + entry.at;
    match entry.value {
        Value::Here(value) => start..start + value.len(),
        Value::Inode(..) => 0..0,
    }
}

/// The attributes in the block that [`block`] read.
pub(super) fn in_block<'a>(
    inode: &Inode,
    block: &'a [u8],
) -> Result<Vec<Entry<'a>>, FileSystemError> {
    entries(inode, block, BLOCK_HEADER, block)
}

/// The block of attributes of `inode`, verified.
pub(super) fn block(
    volume: &Volume<'_>,
    inode: &Inode,
) -> Result<Option<Vec<u8>>, FileSystemError> {
    let number = inode.attribute_block;
    if number == 0 {
        return Ok(None);
    }
    let block = volume.block(number)?;
    if u32_le(&block, 0) != MAGIC || number <= volume.superblock.first_data_block {
        return Err(damaged(inode));
    }
    if let Checksums::All(seed) = volume.superblock.checksums {
        let (before, rest) = block.split_at(BLOCK_CHECKSUM);
        let after = rest.get(4..).unwrap_or_default();
        let seed = crc32c(seed, &number.to_le_bytes());
        if crc32c(crc32c(crc32c(seed, before), &[0; 4]), after) != u32_le(rest, 0) {
            let what = format!("the attributes of inode {}", inode.number);
            return Err(FileSystemError::Checksum(what));
        }
    }
    Ok(Some(block))
}

/// The entries from `first` of `area` on; offsets of values count from the start of `values`.
fn entries<'a>(
    inode: &Inode,
    area: &'a [u8],
    first: usize,
    values: &'a [u8],
) -> Result<Vec<Entry<'a>>, FileSystemError> {
    let mut entries = Vec::new();
    let mut rest = area.get(first..).unwrap_or_default();
    // Four zeros end the list.
    while rest.len() >= ENTRY && u32_le(rest, 0) != 0 {
        let length = usize::from(rest[0]);
        let name = rest
            .get(ENTRY..ENTRY + length)
            .ok_or_else(|| damaged(inode))?;
        let (at, size) = (usize::from(u16_le(rest, 2)), u32_le(rest, 8));
        let value = match u32_le(rest, 4) {
            0 => at
                .checked_add(size as usize)
                .and_then(|end| values.get(at..end))
                .map(Value::Here)
                .ok_or_else(|| damaged(inode))?,
            number => Value::Inode(number, size),
        };
        entries.push(Entry {
            index: rest[1],
            name,
            value,
            at,
        });
        let next = (ENTRY + length).next_multiple_of(4);
        rest = rest.get(next..).unwrap_or_default();
    }
    Ok(entries)
}

fn stored_apart(
    volume: &Volume<'_>,
    owner: &Inode,
    number: u32,
    size: u32,
) -> Result<Vec<u8>, FileSystemError> {
    let inode = Inode::read(volume, number)?;
    if !inode.has(flag::EA_INODE) || inode.size != u64::from(size) {
        return Err(damaged(owner));
    }
    if inode.size > MAX_VALUE {
        return Err(FileSystemError::TooLarge {
            what: format!("an attribute of inode {}", owner.number),
            limit: MAX_VALUE,
        });
    }
    content(volume, &inode, MAX_VALUE)
}

fn full_name(index: u8, name: &[u8]) -> String {
    let prefix = match index {
        0 => "",
        1 => "user.",
        ACCESS_ACL => "system.posix_acl_access",
        DEFAULT_ACL => "system.posix_acl_default",
        4 => "trusted.",
        6 => "security.",
        SYSTEM => "system.",
        8 => "system.richacl",
        9 => "encryption.",
        10 => "gnu.",
        other => return format!("index-{other}.{}", name::text(name)),
    };
    prefix.to_owned() + &name::text(name)
}

fn damaged(inode: &Inode) -> FileSystemError {
    FileSystemError::corrupt(format!("inode {}: bad extended attribute", inode.number))
}
