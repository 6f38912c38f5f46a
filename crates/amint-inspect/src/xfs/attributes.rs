//! Extended attributes: in the inode, in leaves, or as values in blocks of their own.

use super::acl;
use super::content::fill;
use super::fork::runs;
use super::inode::{Fork, Format, Inode};
use super::link::{REMOTE_SIZE, remote};
use super::volume::{Expected, Header, Volume};
use crate::bytes::{u16_be, u32_be};
use crate::file_system::FileSystemError;
use crate::inodes::{MAX_CONTENT, MAX_ENTRIES};
use crate::name;
use crate::tree::Attribute;

const HEADER: Header = Header {
    checksum: 12,
    place: 16,
    uuid: 32,
    owner: 48,
    of_group: false,
};
/// Of version 4 and of version 5.
const LEAF: [u16; 2] = [0xfbee, 0x3bee];
const NODE: [u16; 2] = [0xfebe, 0x3ebe];
const VALUE: u32 = u32::from_be_bytes(*b"XARM");
/// As high as a tree of attributes gets.
const MAX_DEPTH: u16 = 5;
/// The kernel's own limit of a value, in bytes.
const MAX_VALUE: usize = 1 << 16;

const LOCAL: u8 = 0x1;
const ROOT: u8 = 0x2;
const SECURE: u8 = 0x4;
/// A directory that names the file: not an attribute that anybody sees.
const PARENT: u8 = 0x8;
/// It was being changed when the machine stopped.
const INCOMPLETE: u8 = 0x80;

/// All extended attributes of `inode` that the kernel would show to root, sorted by name.
pub(super) fn attributes(
    volume: &Volume<'_>,
    inode: &Inode,
) -> Result<Vec<Attribute>, FileSystemError> {
    let mut found = Found::default();
    match &inode.attributes {
        None => {}
        Some(fork) if fork.format == Format::Local => short(inode, fork, &mut found)?,
        Some(fork) => leaves(volume, inode, fork, &mut found)?,
    }
    found.attributes.sort_unstable();
    Ok(found.attributes)
}

#[derive(Default)]
struct Found {
    attributes: Vec<Attribute>,
    /// Bytes of their values.
    size: u64,
}

impl Found {
    fn push(&mut self, flags: u8, name: &[u8], value: Vec<u8>) -> Result<(), FileSystemError> {
        if flags & (PARENT | INCOMPLETE) != 0 {
            return Ok(());
        }
        let prefix = match flags {
            _ if flags & ROOT != 0 => "trusted.",
            _ if flags & SECURE != 0 => "security.",
            _ => "user.",
        };
        self.size += value.len() as u64;
        if self.size > MAX_CONTENT || self.attributes.len() >= MAX_ENTRIES {
            return Err(FileSystemError::TooLarge {
                what: "the extended attributes of a file".into(),
                limit: MAX_CONTENT,
            });
        }
        if let Some(acl) = acl::attribute(name, &value).filter(|_| flags & ROOT != 0) {
            self.attributes.push(acl);
        }
        self.attributes.push(Attribute {
            name: format!("{prefix}{}", name::text(name)),
            value,
        });
        Ok(())
    }
}

/// Attributes in the inode: their size and number, then one after the other.
fn short(inode: &Inode, fork: &Fork, found: &mut Found) -> Result<(), FileSystemError> {
    let damaged = || inode.damaged("bad attributes");
    let used = fork.bytes.get(..u16_be(&fork.bytes, 0).into());
    let used = used.ok_or_else(damaged)?;
    let byte = |at: usize| used.get(at).copied().unwrap_or(0);
    let mut at = 4;
    for _ in 0..byte(2) {
        let (name_at, value_at) = (at + 3, at + 3 + usize::from(byte(at)));
        let end = value_at + usize::from(byte(at + 1));
        let (Some(name), Some(value)) = (used.get(name_at..value_at), used.get(value_at..end))
        else {
            return Err(damaged());
        };
        found.push(byte(at + 2), name, value.to_vec())?;
        at = end;
    }
    Ok(())
}

/// Goes to the first leaf, and then from each to the next. A leaf must name the one before it, and the first one
/// none, so none can come twice.
fn leaves(
    volume: &Volume<'_>,
    inode: &Inode,
    fork: &Fork,
    found: &mut Found,
) -> Result<(), FileSystemError> {
    if fork.extents == 0 {
        return Ok(());
    }
    let version = usize::from(volume.superblock.v5);
    let (counts, entries) = if volume.superblock.v5 {
        (56, 64)
    } else {
        (12, 16)
    };
    let (mut current, mut left, mut depth) = (0, 0, None);
    loop {
        let block = block(volume, inode, fork, current)?;
        let magic = u16_be(&block, 8);
        if magic == NODE[version] {
            let level = u16_be(&block, counts + 2);
            let goes_down = depth.map_or(level <= MAX_DEPTH, |above| level < above);
            if level == 0 || !goes_down || u16_be(&block, counts) == 0 {
                return Err(inode.damaged("bad attribute node"));
            }
            depth = Some(level);
            current = u32_be(&block, entries + 4);
            continue;
        }
        if magic != LEAF[version] || u32_be(&block, 4) != left {
            return Err(inode.damaged("bad attribute leaf"));
        }
        // A leaf ends the way down.
        depth = Some(0);
        leaf(volume, inode, fork, &block, found)?;
        (left, current) = (current, u32_be(&block, 0));
        if current == 0 {
            return Ok(());
        }
    }
}

/// Block `logical` of the attributes.
fn block(
    volume: &Volume<'_>,
    inode: &Inode,
    fork: &Fork,
    logical: u32,
) -> Result<Vec<u8>, FileSystemError> {
    let logical = u64::from(logical);
    let runs = runs(volume, inode, fork, logical, logical + 1)?;
    let run = runs.first();
    let run = run.ok_or_else(|| inode.damaged("a hole in its attributes"))?;
    let number = run.physical + (logical - run.logical);
    let bytes = volume.block(number)?;
    let expected = Expected {
        what: &format!("an attribute block of inode {}", inode.number),
        header: &HEADER,
        owner: inode.number,
    };
    volume.verify(&bytes, number, &expected)?;
    Ok(bytes)
}

fn leaf(
    volume: &Volume<'_>,
    inode: &Inode,
    fork: &Fork,
    block: &[u8],
    found: &mut Found,
) -> Result<(), FileSystemError> {
    let damaged = || inode.damaged("bad attribute leaf");
    let (count, header) = match volume.superblock.v5 {
        true => (u16_be(block, 56), 80),
        false => (u16_be(block, 12), 32),
    };
    let entries = block.get(header..header + 8 * usize::from(count));
    for entry in entries.ok_or_else(damaged)?.chunks_exact(8) {
        let (at, flags) = (usize::from(u16_be(entry, 4)), entry[6]);
        let name = |length: usize, from: usize| {
            let length = usize::from(block.get(at + length).copied().unwrap_or(0));
            block.get(at + from..at + from + length)
        };
        if flags & LOCAL != 0 {
            let name = name(2, 3).ok_or_else(damaged)?;
            let value_at = at + 3 + name.len();
            let value = block.get(value_at..value_at + usize::from(u16_be(block, at)));
            found.push(flags, name, value.ok_or_else(damaged)?.to_vec())?;
            continue;
        }
        let name = name(8, 9).ok_or_else(damaged)?;
        if flags & (PARENT | INCOMPLETE) != 0 {
            continue;
        }
        let (first, length) = (u32_be(block, at), u32_be(block, at + 4) as usize);
        let value = value(volume, inode, fork, first.into(), length)?;
        found.push(flags, name, value)?;
    }
    Ok(())
}

/// A value of `length` bytes in blocks of its own, from block `first` of the attributes on.
fn value(
    volume: &Volume<'_>,
    inode: &Inode,
    fork: &Fork,
    first: u64,
    length: usize,
) -> Result<Vec<u8>, FileSystemError> {
    if length > MAX_VALUE {
        return Err(inode.damaged("an attribute that is too long"));
    }
    let size = volume.superblock.block_size;
    if !volume.superblock.v5 {
        let mut value = vec![0; length];
        fill(volume, inode, fork, first * size, &mut value)?;
        return Ok(value);
    }
    let blocks = length.div_ceil(size as usize - REMOTE_SIZE) as u64;
    let mut value = Vec::with_capacity(length);
    for run in runs(volume, inode, fork, first, first + blocks)? {
        let (start, end) = (
            run.logical.max(first),
            (run.logical + run.blocks).min(first + blocks),
        );
        for logical in start..end {
            let number = run.physical + (logical - run.logical);
            let block = volume.block(number)?;
            let part = remote(volume, inode, &block, number, (VALUE, value.len()))?;
            value.extend_from_slice(part);
        }
    }
    match value.len() == length {
        true => Ok(value),
        false => Err(inode.damaged("an attribute with a hole")),
    }
}
