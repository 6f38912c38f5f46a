//! The headers of an allocation group: its free space, its inodes, its reserve of blocks.

use super::btree::{BY_BLOCK, BY_SIZE, FREE_INODES, INODES, REFERENCES, REVERSE_MAP, Tree};
use super::checksum;
use super::volume::Volume;
use crate::bytes::{u32_be, u64_be};
use crate::file_system::FileSystemError;

const AGF: u32 = u32::from_be_bytes(*b"XAGF");
const AGI: u32 = u32::from_be_bytes(*b"XAGI");
const AGFL: u32 = u32::from_be_bytes(*b"XAFL");
/// Bytes before the reserve's block numbers (version 5).
const AGFL_HEADER: usize = 36;
/// No inode follows.
pub(super) const NULL: u32 = u32::MAX;
const BUCKETS: usize = 64;

/// How many sectors a group's headers take: superblock, AGF, AGI and AGFL.
const SECTORS: u64 = 4;

/// Free space of a group (AGF).
pub(super) struct Space {
    pub(super) free: u32,
    pub(super) longest: u32,
    /// First and last slot of the reserve's list in use, and how many blocks it has.
    reserve: (u32, u32, u32),
    pub(super) by_block: Tree,
    /// The other trees whose roots are here.
    pub(super) others: Vec<Tree>,
}

/// Inodes of a group (AGI).
pub(super) struct Inodes {
    pub(super) tree: Tree,
    pub(super) free_tree: Option<Tree>,
    /// Where the lists of inodes that have no name any more begin.
    pub(super) unlinked: [u32; BUCKETS],
}

/// How many blocks the headers take.
pub(super) fn header_blocks(volume: &Volume<'_>) -> u64 {
    let superblock = &volume.superblock;
    (SECTORS * superblock.sector_size).div_ceil(superblock.block_size)
}

fn sector(volume: &Volume<'_>, group: u32, index: u64) -> Result<Vec<u8>, FileSystemError> {
    let size = volume.superblock.sector_size;
    let mut bytes = vec![0; size as usize];
    volume.read(volume.block_in(group, 0, 1)?, index * size, &mut bytes)?;
    Ok(bytes)
}

/// Reads the header in sector `index` of `group`, and checks what all of them have.
fn header(
    volume: &Volume<'_>,
    group: u32,
    (index, magic, what): (u64, u32, &str),
    (sum, uuid): (usize, usize),
) -> Result<Vec<u8>, FileSystemError> {
    let bytes = sector(volume, group, index)?;
    let what = format!("the {what} of group {group}");
    if u32_be(&bytes, 0) != magic {
        return Err(FileSystemError::corrupt(format!("{what} is missing")));
    }
    if volume.superblock.v5 && !checksum::holds(&bytes, sum) {
        return Err(FileSystemError::Checksum(what));
    }
    if volume.superblock.v5 && !volume.bears(&bytes, uuid) {
        return Err(FileSystemError::corrupt(format!(
            "{what} is another file system's"
        )));
    }
    Ok(bytes)
}

fn checked(bytes: &[u8], volume: &Volume<'_>, group: u32) -> Result<(), FileSystemError> {
    let (number, length) = (u32_be(bytes, 8), u32_be(bytes, 12));
    if u32_be(bytes, 4) != 1 || number != group || length != volume.superblock.blocks_in(group) {
        return Err(FileSystemError::corrupt(format!(
            "group {group} has a wrong header"
        )));
    }
    Ok(())
}

impl Space {
    pub(super) fn read(volume: &Volume<'_>, group: u32) -> Result<Self, FileSystemError> {
        let bytes = header(volume, group, (1, AGF, "AGF"), (216, 64))?;
        checked(&bytes, volume, group)?;
        let tree = |kind, root, levels| {
            let (root, levels) = (u32_be(&bytes, root), u32_be(&bytes, levels));
            Tree::new(kind, group, root, levels)
        };
        let mut others = vec![tree(&BY_SIZE, 20, 32)?];
        if volume.superblock.reverse_map {
            others.push(tree(&REVERSE_MAP, 24, 36)?);
        }
        if volume.superblock.reflink {
            others.push(tree(&REFERENCES, 88, 92)?);
        }
        Ok(Self {
            free: u32_be(&bytes, 52),
            longest: u32_be(&bytes, 56),
            reserve: (u32_be(&bytes, 40), u32_be(&bytes, 44), u32_be(&bytes, 48)),
            by_block: tree(&BY_BLOCK, 16, 28)?,
            others,
        })
    }

    /// The blocks that are kept for the free-space trees to grow into (AGFL): they hold nothing.
    pub(super) fn reserve(
        &self,
        volume: &Volume<'_>,
        group: u32,
    ) -> Result<Vec<u32>, FileSystemError> {
        let (bytes, from) = match volume.superblock.v5 {
            true => {
                let bytes = header(volume, group, (3, AGFL, "AGFL"), (32, 8))?;
                (bytes, AGFL_HEADER)
            }
            false => (sector(volume, group, 3)?, 0),
        };
        let slots = ((bytes.len() - from) / 4) as u32;
        let (first, last, count) = self.reserve;
        let span = match last >= first {
            true => last - first + 1,
            false => (slots + last + 1).saturating_sub(first),
        };
        let possible = first < slots && last < slots && count <= slots;
        if !possible || (count > 0 && count != span) {
            return Err(FileSystemError::corrupt(format!(
                "the AGFL of group {group} contradicts its AGF"
            )));
        }
        let slot = |index: u32| u32_be(&bytes, from + 4 * ((first + index) % slots) as usize);
        Ok((0..count).map(slot).collect())
    }
}

impl Inodes {
    pub(super) fn read(volume: &Volume<'_>, group: u32) -> Result<Self, FileSystemError> {
        let bytes = header(volume, group, (2, AGI, "AGI"), (312, 296))?;
        checked(&bytes, volume, group)?;
        let tree = |kind, root, levels| {
            let (root, levels) = (u32_be(&bytes, root), u32_be(&bytes, levels));
            Tree::new(kind, group, root, levels)
        };
        let free_tree = volume.superblock.free_inode_tree;
        Ok(Self {
            tree: tree(&INODES, 20, 24)?,
            free_tree: match free_tree {
                true => Some(tree(&FREE_INODES, 328, 332)?),
                false => None,
            },
            unlinked: std::array::from_fn(|bucket| u32_be(&bytes, 40 + 4 * bucket)),
        })
    }

    /// Whether there are inodes without a name, which the next mount would free.
    pub(super) fn has_unlinked(&self) -> bool {
        self.unlinked.iter().any(|first| *first != NULL)
    }
}

/// Up to 64 inodes that were made together; a record of the inode tree.
pub(super) struct Chunk {
    /// The first one, counted in its group.
    pub(super) first: u32,
    /// A bit an inode: it belongs to no file.
    free: u64,
    /// A bit for every four inodes: they do not exist.
    holes: u16,
}

impl Chunk {
    pub(super) fn parse(volume: &Volume<'_>, record: &[u8]) -> Self {
        // Without sparse chunks these bits are a part of a count of up to 64.
        let sparse = volume.superblock.sparse_inodes;
        Self {
            first: u32_be(record, 0),
            holes: if sparse {
                (u32_be(record, 4) >> 16) as u16
            } else {
                0
            },
            free: u64_be(record, 8),
        }
    }

    /// The inodes that exist: their number in the group, and whether each is free.
    pub(super) fn inodes(&self) -> impl Iterator<Item = (u32, bool)> {
        (0..64)
            .filter(|index| self.holes >> (index / 4) & 1 == 0)
            .filter_map(|index| Some((self.first.checked_add(index)?, self.free >> index & 1 == 1)))
    }
}
