//! The B+trees of an allocation group: free space, inodes, reverse mappings and reference counts.
//!
//! Each level is walked from its left end along the siblings. A block must name the one before it as its left
//! sibling, and the first one none, so no block can come twice: a walk ends without a budget, and without memory.

use super::group::NULL;
use super::volume::{Expected, Header, Volume};
use crate::bytes::{u16_be, u32_be};
use crate::file_system::FileSystemError;

const HEADER: Header = Header {
    checksum: 52,
    place: 16,
    uuid: 32,
    owner: 48,
    of_group: true,
};
/// Sizes of a block's header, in bytes.
const V4_HEADER: usize = 16;
const V5_HEADER: usize = 56;
/// As high as a tree over 2^31 blocks with the smallest nodes can get.
const MAX_LEVELS: u32 = 16;

/// One kind of tree. Sizes are in bytes.
pub(super) struct Kind {
    name: &'static str,
    /// Of version 4 and of version 5.
    magics: [u32; 2],
    record: usize,
    /// Overlapping trees keep two keys a child.
    keys: usize,
}

const fn kind(name: &'static str, magics: [[u8; 4]; 2], record: usize, keys: usize) -> Kind {
    Kind {
        name,
        magics: [u32::from_be_bytes(magics[0]), u32::from_be_bytes(magics[1])],
        record,
        keys,
    }
}

pub(super) const BY_BLOCK: Kind = kind("free-space tree", [*b"ABTB", *b"AB3B"], 8, 8);
pub(super) const BY_SIZE: Kind = kind("free-space tree by size", [*b"ABTC", *b"AB3C"], 8, 8);
pub(super) const INODES: Kind = kind("inode tree", [*b"IABT", *b"IAB3"], 16, 4);
pub(super) const FREE_INODES: Kind = kind("free-inode tree", [*b"FIBT", *b"FIB3"], 16, 4);
pub(super) const REVERSE_MAP: Kind = kind("reverse-mapping tree", [*b"RMB3", *b"RMB3"], 24, 40);
pub(super) const REFERENCES: Kind = kind("reference-count tree", [*b"R3FC", *b"R3FC"], 12, 4);

/// One tree of one group.
pub(super) struct Tree {
    kind: &'static Kind,
    group: u32,
    root: u32,
    levels: u32,
}

/// What a walk hands over.
pub(super) enum Seen<'a> {
    /// A block of the tree, numbered from the start of the file system.
    Node(u64),
    /// A record of a leaf.
    Record(&'a [u8]),
}

impl Tree {
    pub(super) fn new(
        kind: &'static Kind,
        group: u32,
        root: u32,
        levels: u32,
    ) -> Result<Self, FileSystemError> {
        if !(1..=MAX_LEVELS).contains(&levels) {
            return Err(FileSystemError::corrupt(format!(
                "the {} of group {group} has {levels} levels",
                kind.name
            )));
        }
        Ok(Self {
            kind,
            group,
            root,
            levels,
        })
    }

    /// Its root, numbered from the start of the file system.
    pub(super) fn root(&self, volume: &Volume<'_>) -> Result<u64, FileSystemError> {
        volume.block_in(self.group, self.root.into(), 1)
    }

    /// Shows every block of the tree and every record, the records in their order.
    pub(super) fn walk(
        &self,
        volume: &Volume<'_>,
        visit: &mut dyn FnMut(Seen<'_>) -> Result<(), FileSystemError>,
    ) -> Result<(), FileSystemError> {
        let mut leftmost = self.root;
        for level in (0..self.levels).rev() {
            let (mut current, mut left, mut below) = (leftmost, NULL, None);
            while current != NULL {
                let (number, block) = self.node(volume, current, level, left)?;
                visit(Seen::Node(number))?;
                let (header, count) = self.shape(volume, &block, level)?;
                if level == 0 {
                    let records = block.get(header..).unwrap_or_default();
                    for record in records.chunks_exact(self.kind.record).take(count) {
                        visit(Seen::Record(record))?;
                    }
                }
                below = below.or_else(|| self.first_child(&block, header));
                (left, current) = (current, u32_be(&block, 12));
            }
            leftmost = below.unwrap_or(NULL);
        }
        Ok(())
    }

    fn damaged(&self, what: &str) -> FileSystemError {
        let (kind, group) = (self.kind.name, self.group);
        FileSystemError::corrupt(format!("the {kind} of group {group} has {what}"))
    }

    fn node(
        &self,
        volume: &Volume<'_>,
        block: u32,
        level: u32,
        left: u32,
    ) -> Result<(u64, Vec<u8>), FileSystemError> {
        let number = volume.block_in(self.group, block.into(), 1)?;
        let bytes = volume.block(number)?;
        let magic = self.kind.magics[usize::from(volume.superblock.v5)];
        if u32_be(&bytes, 0) != magic || u32::from(u16_be(&bytes, 4)) != level {
            return Err(self.damaged("a bad node"));
        }
        if u32_be(&bytes, 8) != left {
            return Err(self.damaged("a node with a wrong sibling"));
        }
        let what = format!("the {} of group {}", self.kind.name, self.group);
        let expected = Expected {
            what: &what,
            header: &HEADER,
            owner: self.group.into(),
        };
        volume.verify(&bytes, number, &expected)?;
        Ok((number, bytes))
    }

    /// Size of the header and number of entries.
    fn shape(
        &self,
        volume: &Volume<'_>,
        block: &[u8],
        level: u32,
    ) -> Result<(usize, usize), FileSystemError> {
        let header = if volume.superblock.v5 {
            V5_HEADER
        } else {
            V4_HEADER
        };
        let count = usize::from(u16_be(block, 6));
        let entry = if level == 0 {
            self.kind.record
        } else {
            self.kind.keys + 4
        };
        match count <= (block.len() - header) / entry {
            true => Ok((header, count)),
            false => Err(self.damaged("more entries than fit")),
        }
    }

    /// An inner node has all its keys first, then its children.
    fn first_child(&self, block: &[u8], header: usize) -> Option<u32> {
        let most = (block.len() - header) / (self.kind.keys + 4);
        Some(u32_be(block, header + most * self.kind.keys))
    }
}
