//! Which bytes of a directory's blocks are in use. All others are what removed names left, or were always zero.

use std::collections::HashSet;
use std::ops::Range;

use super::checksum::crc32c;
use super::inode::{Inode, flag};
use super::superblock::{Checksums, Superblock};
use crate::bytes::{u16_le, u32_le};
use crate::file_system::FileSystemError;

/// An entry's inode, length, name's length and type.
pub(super) const HEADER: usize = 8;
/// Of an entry that stands for nothing, only its place and its length matter.
const DEAD_HEADER: usize = 6;
/// The fake entry with a leaf's checksum.
pub(super) const TAIL: usize = 12;
/// Where in it the checksum is.
pub(super) const TAIL_SUM: usize = 8;
/// Its file type.
const TAIL_TYPE: u8 = 0xde;

/// In the root of a hash tree: where `..` is, what is known about the tree, and where its entries begin.
const ROOT_PARENT: usize = 12;
const ROOT_INFO: usize = 24;
const ROOT_ENTRIES: usize = 32;
const INFO_LENGTH: u8 = 8;
/// In the other nodes, entries follow one fake directory entry.
const NODE_ENTRIES: usize = 8;
const NODE_ENTRY: usize = 8;
/// The checksum of a node follows its last possible entry.
const NODE_TAIL: usize = 8;
/// Levels below the root, with `large_dir`.
const MAX_LEVELS: u8 = 2;

/// What a block of a directory is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Role {
    /// Names, one after the other.
    Leaf,
    /// The first block of a hash tree.
    Root,
    /// Any other block of a hash tree that holds no names.
    Node,
}

/// Where a block's checksum is, and what it is of.
pub(super) enum Sum {
    /// No checksum.
    None,
    /// Of all that is before the tail.
    Leaf,
    /// Of so many bytes, of the four at `tail`, and of four zeros; four bytes after `tail`.
    Node { summed: usize, tail: usize },
}

/// A directory's block, understood.
pub(super) struct Block {
    /// What is in use, ascending.
    pub(super) used: Vec<Range<usize>>,
    /// Its checksum.
    pub(super) sum: Sum,
}

impl Block {
    pub(super) fn parse(
        superblock: &Superblock,
        role: Role,
        block: &[u8],
    ) -> Result<Self, FileSystemError> {
        match role {
            Role::Leaf => Ok(Self::leaf(block)?),
            Role::Root => Self::node(superblock, block, ROOT_ENTRIES),
            Role::Node => Self::node(superblock, block, NODE_ENTRIES),
        }
    }

    /// A block of names, or a part of an inode that holds names.
    pub(super) fn leaf(block: &[u8]) -> Result<Self, FileSystemError> {
        let mut used = Vec::new();
        let end = block.len();
        let has_tail = has_tail(block);
        let mut at = 0;
        while let Some(entry) = block.get(at..).filter(|rest| rest.len() >= HEADER) {
            let length = entry_length(entry).ok_or_else(damaged)?;
            let name = usize::from(entry[6]);
            if has_tail && at + TAIL == end {
                used.push(at..end);
            } else if u32_le(entry, 0) == 0 {
                used.push(at..at + DEAD_HEADER);
            } else if name == 0 || HEADER + name > length {
                return Err(damaged());
            } else {
                used.push(at..at + HEADER + name);
            }
            at += length;
        }
        if at != end {
            return Err(damaged());
        }
        let sum = if has_tail { Sum::Leaf } else { Sum::None };
        Ok(Self { used, sum })
    }

    fn node(
        superblock: &Superblock,
        block: &[u8],
        entries: usize,
    ) -> Result<Self, FileSystemError> {
        let limit = usize::from(u16_le(block, entries));
        let count = usize::from(u16_le(block, entries + 2));
        let summed = entries + NODE_ENTRY * count;
        let tail = entries + NODE_ENTRY * limit;
        let has_sum = matches!(superblock.checksums, Checksums::All(_));
        let needed = tail + if has_sum { NODE_TAIL } else { 0 };
        if count == 0 || count > limit || needed > block.len() {
            return Err(damaged());
        }
        let mut used = match entries {
            ROOT_ENTRIES => {
                let dot = u16_le(block, 4);
                if usize::from(dot) != ROOT_PARENT || block.get(29) != Some(&INFO_LENGTH) {
                    return Err(damaged());
                }
                vec![0..HEADER + 1, ROOT_PARENT..ROOT_PARENT + HEADER + 2]
            }
            _ => Vec::new(),
        };
        let start = if used.is_empty() { 0 } else { ROOT_INFO };
        used.push(start..summed);
        if has_sum {
            used.push(tail..needed);
        }
        let sum = match has_sum {
            true => Sum::Node { summed, tail },
            false => Sum::None,
        };
        Ok(Self { used, sum })
    }

    /// `block` with zeros for all that is not in use, and its checksum made new where there are any.
    pub(super) fn cleaned(
        &self,
        block: &[u8],
        seed: Option<u32>,
    ) -> Result<Vec<u8>, FileSystemError> {
        let mut cleaned = vec![0; block.len()];
        for range in &self.used {
            let (Some(to), Some(from)) = (cleaned.get_mut(range.clone()), block.get(range.clone()))
            else {
                return Err(damaged());
            };
            to.copy_from_slice(from);
        }
        let Some(seed) = seed else {
            return Ok(cleaned);
        };
        self.verify(seed, block)?;
        if let Some((at, sum)) = self.checksum(seed, &cleaned)
            && let Some(field) = cleaned.get_mut(at..at + 4)
        {
            field.copy_from_slice(&sum.to_le_bytes());
        }
        Ok(cleaned)
    }

    /// Compares the checksum of `block`, if it has one.
    pub(super) fn verify(&self, seed: u32, block: &[u8]) -> Result<(), FileSystemError> {
        match self.checksum(seed, block) {
            Some((at, sum)) if sum != u32_le(block, at) => {
                Err(FileSystemError::Checksum("a directory's block".into()))
            }
            _ => Ok(()),
        }
    }

    /// Where the checksum of `block` is, and what it should be.
    fn checksum(&self, seed: u32, block: &[u8]) -> Option<(usize, u32)> {
        match self.sum {
            Sum::None => None,
            Sum::Leaf => {
                let (summed, tail) = block.split_last_chunk::<TAIL>()?;
                let at = block.len() - tail.len() + TAIL_SUM;
                Some((at, crc32c(seed, summed)))
            }
            Sum::Node { summed, tail } => {
                let entries = crc32c(seed, block.get(..summed)?);
                let reserved = crc32c(entries, block.get(tail..tail + 4)?);
                Some((tail + 4, crc32c(reserved, &[0; 4])))
            }
        }
    }

    /// Whether the byte at `offset` is in use.
    pub(super) fn is_used(&self, offset: usize) -> bool {
        let after = self.used.partition_point(|range| range.start <= offset);
        self.used
            .get(..after)
            .and_then(<[_]>::last)
            .is_some_and(|range| range.contains(&offset))
    }
}

/// The length of the entry that `rest` begins with.
pub(super) fn entry_length(rest: &[u8]) -> Option<usize> {
    let length = match u16_le(rest, 4) {
        // A whole block of 64 KiB does not fit into the field.
        0 | u16::MAX if rest.len() == 1 << 16 => rest.len(),
        length => length.into(),
    };
    (HEADER..=rest.len()).contains(&length).then_some(length)
}

/// Whether a leaf ends in its checksum.
pub(super) fn has_tail(block: &[u8]) -> bool {
    block.last_chunk::<TAIL>().is_some_and(|tail| {
        u32_le(tail, 0) == 0
            && u16_le(tail, 4) == TAIL as u16
            && tail[6] == 0
            && tail[7] == TAIL_TYPE
    })
}

/// What each block of a directory is.
pub(super) struct Roles {
    hashed: bool,
    nodes: HashSet<u64>,
}

impl Roles {
    /// Goes through the hash tree of `directory`, if it has one, from its root; `read` reads a block of it.
    pub(super) fn of(
        superblock: &Superblock,
        directory: &Inode,
        read: &mut dyn FnMut(u64) -> Result<Vec<u8>, FileSystemError>,
    ) -> Result<Self, FileSystemError> {
        let hashed = superblock.hashed && directory.has(flag::INDEX);
        let mut nodes = HashSet::new();
        if !hashed {
            return Ok(Self { hashed, nodes });
        }
        let blocks = directory.size / superblock.block_size;
        let root = read(0)?;
        let levels = root.get(30).copied().unwrap_or(0);
        if levels > MAX_LEVELS {
            return Err(damaged());
        }
        let mut level = if levels > 0 {
            children(superblock, &root, ROOT_ENTRIES)?
        } else {
            Vec::new()
        };
        for below in (0..levels).rev() {
            let mut next = Vec::new();
            for node in level {
                if node == 0 || node >= blocks || !nodes.insert(node) {
                    return Err(damaged());
                }
                if below > 0 {
                    next.extend(children(superblock, &read(node)?, NODE_ENTRIES)?);
                }
            }
            level = next;
        }
        Ok(Self { hashed, nodes })
    }

    /// What the block at position `logical` of the directory is.
    pub(super) fn role(&self, logical: u64) -> Role {
        match self.hashed {
            true if logical == 0 => Role::Root,
            true if self.nodes.contains(&logical) => Role::Node,
            _ => Role::Leaf,
        }
    }
}

/// The blocks that a node leads to.
fn children(
    superblock: &Superblock,
    block: &[u8],
    entries: usize,
) -> Result<Vec<u64>, FileSystemError> {
    Block::node(superblock, block, entries)?;
    let count = usize::from(u16_le(block, entries + 2));
    let entries = block.get(entries..).unwrap_or_default();
    let blocks = entries.chunks_exact(NODE_ENTRY).take(count);
    Ok(blocks
        .map(|entry| u64::from(u32_le(entry, 4) & 0x0fff_ffff))
        .collect())
}

fn damaged() -> FileSystemError {
    FileSystemError::corrupt("a directory's block contradicts itself")
}
