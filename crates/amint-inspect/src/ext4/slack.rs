//! Patches for what is not in use in blocks that are.
//!
//! All inodes are gone through by number, so no path and no tree is needed, and each is read once. What was never
//! written to the disk is not read either.

use std::ops::{ControlFlow, Range};

use super::inline;
use super::inode::{Inode, ROOT, flag, kind};
use super::inode_table::InodeTable;
use super::runs::{self, Map, Run};
use super::superblock::Checksums;
use super::used::{Block, Roles};
use super::volume::Volume;
use crate::file_system::FileSystemError;
use crate::slack::{Patch, Survey};
use crate::source::{BlockSource, Extent};

/// How much is looked at at once, in bytes; a multiple of every block size.
const CHUNK: u64 = 1 << 16;
/// Features that leave everything in its place (`RO_COMPAT`): sparse_super, large_file, btree_dir, huge_file,
/// uninit_bg, dir_nlink, extra_isize, quota, metadata_csum, read-only, project, verity, orphan_file's list.
const KNOWN: u32 = 0x1_b57f;

/// See [`slack::survey`](crate::slack::survey).
pub(crate) fn survey(
    source: &dyn BlockSource,
    partition: Extent,
    sink: &mut dyn FnMut(Patch) -> ControlFlow<()>,
) -> Result<Survey, FileSystemError> {
    let volume = Volume::open(source, partition)?;
    let superblock = &volume.superblock;
    if !superblock.clean {
        return Err(FileSystemError::NotClean);
    }
    if superblock.bigalloc {
        return Err(FileSystemError::Unsupported("bigalloc".into()));
    }
    if superblock.ro_compat & !KNOWN != 0 {
        let features = superblock.ro_compat & !KNOWN;
        return Err(FileSystemError::Unsupported(format!(
            "read-only feature bits {features:#x}"
        )));
    }
    let mut slack = Slack {
        written: volume.window.written()?,
        volume: &volume,
        sink,
        survey: Survey::default(),
        nodes: runs::all_nodes(superblock),
        blocks: superblock.blocks,
        ended: false,
    };
    for (group, number) in volume.groups.iter().zip(0..) {
        slack.table(&InodeTable::read(&volume, group, number)?)?;
        if slack.ended {
            break;
        }
    }
    Ok(slack.survey)
}

struct Slack<'a> {
    volume: &'a Volume<'a>,
    /// What of the file system was ever written, ascending.
    written: Vec<Extent>,
    sink: &'a mut dyn FnMut(Patch) -> ControlFlow<()>,
    survey: Survey,
    /// How many nodes of block maps, and how many blocks of files, there may still be.
    nodes: u64,
    blocks: u64,
    /// The sink wants no more.
    ended: bool,
}

impl Slack<'_> {
    /// The inodes of one group, and what belongs to them.
    fn table(&mut self, table: &InodeTable) -> Result<(), FileSystemError> {
        let size = u64::from(self.volume.superblock.inode_size);
        let end = table.offset + u64::from(table.inodes) * size;
        let mut position = table.offset;
        while position < end && !self.ended {
            let chunk = position..end.min(position + CHUNK);
            position = chunk.end;
            if !self.is_written(&chunk) {
                continue;
            }
            let old = self.read(&chunk)?;
            let mut new = old.clone();
            let first = ((chunk.start - table.offset) / size) as u32;
            for (slot, index) in new.chunks_exact_mut(size as usize).zip(first..) {
                match table.is_used(index) {
                    true => self.inode(table.first.saturating_add(index), slot)?,
                    false => slot.fill(0),
                }
            }
            self.emit(chunk.start, &old, &new);
        }
        Ok(())
    }

    /// An inode that is in use, at `slot`.
    fn inode(&mut self, number: u32, slot: &mut [u8]) -> Result<(), FileSystemError> {
        let volume = self.volume;
        let superblock = &volume.superblock;
        if number != ROOT && number < superblock.first_inode
            || superblock.nameless.contains(&number)
        {
            return Ok(());
        }
        let inode = Inode::check(volume, number, slot.to_vec())?;
        let is_directory = inode.is(kind::DIRECTORY);
        let is_inline_directory = is_directory && inode.has(flag::INLINE_DATA);
        if !inode.has_blocks() && !is_inline_directory {
            return Ok(());
        }
        if inode.has(flag::ENCRYPTED) || inode.has(flag::VERITY) {
            self.survey.skipped += 1;
            return Ok(());
        }
        if is_inline_directory {
            return inline_directory(volume, &inode, slot);
        }
        let Map { runs, nodes } = runs::whole(volume, &inode, &mut self.nodes)?;
        let blocks = runs.iter().map(|run| run.blocks).sum();
        // What two files share can't be told to be unused.
        self.blocks = self
            .blocks
            .checked_sub(blocks)
            .ok_or_else(|| FileSystemError::corrupt("files that share their blocks"))?;
        for node in nodes.iter().filter(|_| inode.has(flag::EXTENTS)) {
            let old = volume.block(*node)?;
            let new = runs::cleaned_node(volume, &inode, &old);
            self.emit(node * superblock.block_size, &old, &new);
        }
        match is_directory {
            true => self.directory(&inode, &runs),
            false => self.file(&inode, &runs),
        }
    }

    fn directory(&mut self, inode: &Inode, runs: &[Run]) -> Result<(), FileSystemError> {
        let volume = self.volume;
        let superblock = &volume.superblock;
        let mut read = |logical| volume.block(runs::physical(runs, logical)?);
        let roles = Roles::of(superblock, inode, &mut read)?;
        let blocks = inode.size / superblock.block_size;
        for run in runs {
            for (logical, number) in (run.logical..).zip(run.physical..run.physical + run.blocks) {
                if self.ended {
                    return Ok(());
                }
                if logical >= blocks || !run.written {
                    let at = number * superblock.block_size;
                    self.blank(at..at + superblock.block_size)?;
                    continue;
                }
                let old = volume.block(number)?;
                let block = Block::parse(superblock, roles.role(logical), &old)?;
                let sums = matches!(superblock.checksums, Checksums::All(_));
                let seed = sums.then_some(inode.seed);
                let new = block.cleaned(&old, seed)?;
                self.emit(number * superblock.block_size, &old, &new);
            }
        }
        Ok(())
    }

    /// A file, or a link whose target is in a block.
    fn file(&mut self, inode: &Inode, runs: &[Run]) -> Result<(), FileSystemError> {
        let size = self.volume.superblock.block_size;
        for run in runs {
            let start = run.physical * size;
            let end = start + run.blocks * size;
            let shown = match run.written {
                true => inode.size.saturating_sub(run.logical.saturating_mul(size)),
                false => 0,
            };
            self.blank(start.saturating_add(shown).min(end)..end)?;
        }
        Ok(())
    }

    /// Makes all of `range` zeros, where it is not.
    fn blank(&mut self, range: Range<u64>) -> Result<(), FileSystemError> {
        let from = self
            .written
            .partition_point(|extent| extent.range().end <= range.start);
        let mut index = from;
        while let Some(extent) = self.written.get(index).copied() {
            let mut position = extent.offset.max(range.start);
            let end = extent.range().end.min(range.end);
            if extent.offset >= range.end || self.ended {
                break;
            }
            while position < end {
                let chunk = position..end.min(position + CHUNK);
                let old = self.read(&chunk)?;
                self.emit(chunk.start, &old, &vec![0; old.len()]);
                position = chunk.end;
            }
            index += 1;
        }
        Ok(())
    }

    fn is_written(&self, range: &Range<u64>) -> bool {
        let next = self
            .written
            .partition_point(|extent| extent.range().end <= range.start);
        self.written
            .get(next)
            .is_some_and(|extent| extent.offset < range.end)
    }

    fn read(&self, range: &Range<u64>) -> Result<Vec<u8>, FileSystemError> {
        let mut bytes = vec![0; (range.end - range.start) as usize];
        self.volume.window.read_at(range.start, &mut bytes)?;
        Ok(bytes)
    }

    /// Hands out what makes `old`, at `offset` of the file system, `new`.
    fn emit(&mut self, offset: u64, old: &[u8], new: &[u8]) {
        let differs = |(old, new): (&u8, &u8)| old != new;
        let Some(first) = old.iter().zip(new).position(differs) else {
            return;
        };
        let end = old.iter().zip(new).rposition(differs).unwrap_or(first) + 1;
        let bytes = new.get(first..end).unwrap_or_default().to_vec();
        if self.ended || bytes.is_empty() {
            return;
        }
        self.survey.patches += 1;
        self.survey.bytes += bytes.len() as u64;
        let offset = self.volume.window.extent().offset + offset + first as u64;
        self.ended = (self.sink)(Patch { offset, bytes }).is_break();
    }
}

/// Cleans a directory that is in its inode.
fn inline_directory(
    volume: &Volume<'_>,
    inode: &Inode,
    slot: &mut [u8],
) -> Result<(), FileSystemError> {
    for place in inline::places(inode)? {
        if let Some(part) = slot.get_mut(place) {
            let cleaned = Block::leaf(part)?.cleaned(part, None)?;
            part.copy_from_slice(&cleaned);
        }
    }
    if slot != inode.bytes.as_slice() {
        Inode::seal(volume, inode.number, slot);
    }
    Ok(())
}
