//! Where a file's blocks are: extent trees and the older indirect block maps.

use super::checksum::crc32c;
use super::inode::{Inode, flag};
use super::superblock::{Checksums, Superblock};
use super::volume::Volume;
use crate::bytes::{u16_le, u32_le};
use crate::file_system::FileSystemError;

const EXTENT_MAGIC: u16 = 0xf30a;
const ENTRY_SIZE: usize = 12;
const MAX_DEPTH: u16 = 5;
/// Lengths above this mark an extent that was reserved but never written.
const MAX_WRITTEN: u16 = 32768;
/// Direct pointers in an inode; three indirect ones follow.
const DIRECT: usize = 12;
/// No file that amint reads whole has more pieces than this.
const MAX_RUNS: usize = 1 << 20;
/// Nodes and indirect blocks that one walk may visit; the largest journal has a third of this at worst.
const MAX_NODES: u64 = 1 << 17;

/// Consecutive blocks of a file. What lies between runs is a hole.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Run {
    /// Position in the file, in blocks.
    pub(super) logical: u64,
    /// Position in the file system, in blocks.
    pub(super) physical: u64,
    /// Length in blocks.
    pub(super) blocks: u64,
    /// Reserved blocks that were never written read as zeros.
    pub(super) written: bool,
}

/// The runs that cover the first `wanted` blocks of a file, ascending, none outside the file system.
pub(super) fn runs(
    volume: &Volume<'_>,
    inode: &Inode,
    wanted: u64,
) -> Result<Vec<Run>, FileSystemError> {
    // A sound tree has at least one extent in a leaf: more nodes than this per wanted block is a trap.
    let mut budget = wanted
        .saturating_mul(u64::from(MAX_DEPTH) + 1)
        .saturating_add(8)
        .min(MAX_NODES);
    Ok(map(volume, inode, wanted, &mut budget)?.runs)
}

/// Where a file is: its content, and what says where that is.
pub(super) struct Map {
    /// See [`runs`].
    pub(super) runs: Vec<Run>,
    /// The blocks of its extent tree, or its indirect blocks.
    pub(super) nodes: Vec<u64>,
}

/// Where the block at position `logical` of a file with these `runs` is.
pub(super) fn physical(runs: &[Run], logical: u64) -> Result<u64, FileSystemError> {
    let after = runs.partition_point(|run| run.logical <= logical);
    let run = runs.get(..after).and_then(<[Run]>::last);
    run.filter(|run| logical - run.logical < run.blocks)
        .map(|run| run.physical + (logical - run.logical))
        .ok_or_else(|| FileSystemError::corrupt("a directory has a hole"))
}

/// All blocks of a file, those behind its end too. What it takes to find them is taken off `budget`, which is for all
/// files together: in a sound file system each block is the node of one file at most.
pub(super) fn whole(
    volume: &Volume<'_>,
    inode: &Inode,
    budget: &mut u64,
) -> Result<Map, FileSystemError> {
    let own = MAX_NODES.min(*budget);
    let mut left = own;
    let map = map(volume, inode, u64::MAX, &mut left);
    *budget -= own - left;
    map
}

/// How many nodes all files of a sound file system have at most, the roots in their inodes included.
pub(super) fn all_nodes(superblock: &Superblock) -> u64 {
    superblock.blocks.saturating_add(superblock.inodes.into())
}

fn map(
    volume: &Volume<'_>,
    inode: &Inode,
    wanted: u64,
    budget: &mut u64,
) -> Result<Map, FileSystemError> {
    let mut walk = Walk {
        volume,
        inode,
        wanted,
        position: 0,
        budget,
        runs: Vec::new(),
        nodes: Vec::new(),
    };
    match inode.has(flag::EXTENTS) {
        true => walk.extents(&inode.root, None)?,
        false => walk.pointers(&inode.root)?,
    }
    Ok(Map {
        runs: walk.runs,
        nodes: walk.nodes,
    })
}

/// `node`, one that [`whole`] led to, with zeros for all that is not in use: before Linux 5.2, whatever was in memory
/// reached the disk there (CVE-2019-11833).
pub(super) fn cleaned_node(volume: &Volume<'_>, inode: &Inode, node: &[u8]) -> Vec<u8> {
    let behind = |entries: u16| ENTRY_SIZE * (usize::from(entries) + 1);
    let (used, limit) = (behind(u16_le(node, 2)), behind(u16_le(node, 4)));
    let mut cleaned = node.to_vec();
    if let Some(unused) = cleaned.get_mut(used..) {
        unused.fill(0);
    }
    if matches!(volume.superblock.checksums, Checksums::All(_))
        && let Some(sum) = cleaned.get(..limit).map(|node| crc32c(inode.seed, node))
        && let Some(field) = cleaned.get_mut(limit..limit + 4)
    {
        field.copy_from_slice(&sum.to_le_bytes());
    }
    cleaned
}

struct Walk<'a> {
    volume: &'a Volume<'a>,
    inode: &'a Inode,
    wanted: u64,
    /// First logical block that no run covers yet.
    position: u64,
    budget: &'a mut u64,
    runs: Vec<Run>,
    nodes: Vec<u64>,
}

impl Walk<'_> {
    fn damaged(&self, what: &str) -> FileSystemError {
        FileSystemError::corrupt(format!("inode {}: {what}", self.inode.number))
    }

    fn spend(&mut self) -> Result<(), FileSystemError> {
        *self.budget = self
            .budget
            .checked_sub(1)
            .ok_or_else(|| self.damaged("its block map does not end"))?;
        Ok(())
    }

    fn extents(&mut self, node: &[u8], expected_depth: Option<u16>) -> Result<(), FileSystemError> {
        self.spend()?;
        let (magic, entries, depth) = (
            u16_le(node, 0),
            usize::from(u16_le(node, 2)),
            u16_le(node, 6),
        );
        let fits = ENTRY_SIZE * (entries + 1) <= node.len();
        if magic != EXTENT_MAGIC
            || !fits
            || depth > MAX_DEPTH
            || expected_depth.is_some_and(|expected| expected != depth)
        {
            return Err(self.damaged("bad extent node"));
        }
        for entry in node.chunks_exact(ENTRY_SIZE).skip(1).take(entries) {
            let logical = u64::from(u32_le(entry, 0));
            if logical >= self.wanted {
                break;
            }
            match depth.checked_sub(1) {
                None => self.leaf(logical, entry)?,
                Some(child_depth) => {
                    let child = u64::from(u32_le(entry, 4)) | u64::from(u16_le(entry, 8)) << 32;
                    let block = self.volume.block(child)?;
                    self.nodes.push(child);
                    self.verify(&block)?;
                    self.extents(&block, Some(child_depth))?;
                }
            }
        }
        Ok(())
    }

    fn leaf(&mut self, logical: u64, entry: &[u8]) -> Result<(), FileSystemError> {
        let length = u16_le(entry, 4);
        let physical = u64::from(u32_le(entry, 8)) | u64::from(u16_le(entry, 6)) << 32;
        let written = length <= MAX_WRITTEN;
        let blocks = u64::from(if written {
            length
        } else {
            length - MAX_WRITTEN
        });
        self.push(Run {
            logical,
            physical,
            blocks,
            written,
        })
    }

    /// An extent node is followed by its checksum.
    fn verify(&self, node: &[u8]) -> Result<(), FileSystemError> {
        if !matches!(self.volume.superblock.checksums, Checksums::All(_)) {
            return Ok(());
        }
        let end = ENTRY_SIZE * (usize::from(u16_le(node, 4)) + 1);
        match node.get(..end) {
            Some(summed) if crc32c(self.inode.seed, summed) == u32_le(node, end) => Ok(()),
            _ => Err(FileSystemError::Checksum(format!(
                "an extent node of inode {}",
                self.inode.number
            ))),
        }
    }

    fn pointers(&mut self, root: &[u8]) -> Result<(), FileSystemError> {
        for index in 0..DIRECT + 3 {
            let level = index.saturating_sub(DIRECT - 1);
            self.pointer(u32_le(root, 4 * index), level as u32)?;
            if self.position >= self.wanted {
                break;
            }
        }
        Ok(())
    }

    /// Follows one pointer, `level` indirections away from data.
    fn pointer(&mut self, pointer: u32, level: u32) -> Result<(), FileSystemError> {
        let per_block = self.volume.superblock.block_size / 4;
        if pointer == 0 {
            // A hole as large as all that this pointer could lead to.
            self.position = self
                .position
                .saturating_add(per_block.saturating_pow(level));
            return Ok(());
        }
        if level == 0 {
            return self.push(Run {
                logical: self.position,
                physical: pointer.into(),
                blocks: 1,
                written: true,
            });
        }
        self.spend()?;
        let block = self.volume.block(pointer.into())?;
        self.nodes.push(pointer.into());
        for entry in block.chunks_exact(4) {
            if self.position >= self.wanted {
                break;
            }
            self.pointer(u32_le(entry, 0), level - 1)?;
        }
        Ok(())
    }

    fn push(&mut self, run: Run) -> Result<(), FileSystemError> {
        let superblock = &self.volume.superblock;
        let end = run
            .physical
            .checked_add(run.blocks)
            .filter(|end| *end <= superblock.blocks);
        if run.blocks == 0 || run.physical <= superblock.first_data_block || end.is_none() {
            return Err(self.damaged("a block outside the file system"));
        }
        if run.logical < self.position {
            return Err(self.damaged("extents out of order"));
        }
        self.position = run.logical + run.blocks;
        match self.runs.last_mut() {
            Some(last)
                if last.written == run.written
                    && last.logical + last.blocks == run.logical
                    && last.physical + last.blocks == run.physical =>
            {
                last.blocks += run.blocks;
            }
            _ => self.runs.push(run),
        }
        if self.runs.len() > MAX_RUNS {
            let what = format!("the number of pieces of inode {}", self.inode.number);
            return Err(FileSystemError::TooLarge {
                what,
                limit: MAX_RUNS as u64,
            });
        }
        Ok(())
    }
}
