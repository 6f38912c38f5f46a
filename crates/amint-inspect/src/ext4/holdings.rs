//! What each inode in use owns, as far as it was asked about.

use std::ops::Range;

use super::attributes::{self, Value};
use super::inline;
use super::inode::{Inode, ROOT, ROOT_AT, ROOT_SIZE, flag, kind};
use super::inode_table::InodeTable;
use super::owners::{Owner, Part, Search, inode_tables};
use super::runs::{self, Run};
use super::used::{Block, Roles};
use crate::file_system::FileSystemError;
use crate::region::Region;

impl Search<'_> {
    /// Every inode that is in use, by number.
    pub(super) fn inodes(&mut self) -> Result<(), FileSystemError> {
        let volume = self.volume;
        let superblock = &volume.superblock;
        let size = u64::from(superblock.inode_size);
        let mut budget = runs::all_nodes(superblock);
        for (group, number) in volume.groups.iter().zip(0..) {
            let table = InodeTable::read(volume, group, number);
            let Some(table) = self.survive(table)?.filter(InodeTable::is_in_use) else {
                continue;
            };
            for index in (0..table.inodes).filter(|index| table.is_used(*index)) {
                let number = table.first.saturating_add(index);
                let at = table.offset + u64::from(index) * size;
                let fixed = self.fixed_owner(number);
                let read = match Inode::read(volume, number) {
                    // Reserved inodes that nobody uses are all zeros, without a checksum.
                    Err(FileSystemError::Checksum(_)) if fixed.is_some() => None,
                    read => self.survive(read)?,
                };
                if let Some(inode) = read {
                    let done = self.inode(&inode, at..at + size, fixed.as_ref(), &mut budget);
                    self.survive(done)?;
                }
                self.claim(at..at + size, &Owner::Fixed(Region::Metadata));
            }
        }
        for (first, end) in inode_tables(volume) {
            self.claim(self.blocks(first, end), &Owner::Fixed(Region::Metadata));
        }
        Ok(())
    }

    /// Whom the inode `number` belongs to when it is no file.
    fn fixed_owner(&self, number: u32) -> Option<Owner> {
        let superblock = &self.volume.superblock;
        let reserved = number != ROOT && number < superblock.first_inode;
        if superblock.journal_inode == Some(number) {
            Some(Owner::Fixed(Region::Journal))
        } else if reserved || superblock.nameless.contains(&number) {
            Some(Owner::Fixed(Region::Metadata))
        } else {
            None
        }
    }

    /// What one inode owns.
    fn inode(
        &mut self,
        inode: &Inode,
        slot: Range<u64>,
        fixed: Option<&Owner>,
        budget: &mut u64,
    ) -> Result<(), FileSystemError> {
        if fixed.is_none() {
            // Damage in one of them hides nothing of the others.
            let in_slot = self.in_slot(inode, slot);
            self.survive(in_slot)?;
            let attributes = self.attributes(inode);
            self.survive(attributes)?;
        }
        if inode.is(kind::DIRECTORY) {
            self.directories.insert(inode.number);
        }
        // Bad blocks and reserved descriptors have block maps of their own kinds.
        if !inode.has_blocks() && fixed.is_none() {
            return Ok(());
        }
        let map = runs::whole(self.volume, inode, budget)?;
        for node in &map.nodes {
            let range = self.blocks(*node, node.saturating_add(1));
            self.claim(range, &Owner::Fixed(Region::Metadata));
        }
        let mut roles = None;
        for run in &map.runs {
            let range = self.blocks(run.physical, run.physical + run.blocks);
            match fixed {
                Some(owner) => self.claim(range, owner),
                None if self.within(range).is_empty() => {}
                None if inode.is(kind::DIRECTORY) => {
                    let known = match roles.take() {
                        Some(known) => known,
                        None => self.roles(inode, &map.runs)?,
                    };
                    self.names(inode, *run, roles.insert(known).as_ref())?;
                }
                None => self.content(inode, *run),
            }
        }
        Ok(())
    }

    /// What is in the inode itself.
    fn in_slot(&mut self, inode: &Inode, slot: Range<u64>) -> Result<(), FileSystemError> {
        if self.within(slot.clone()).is_empty() {
            return Ok(());
        }
        let own = |part| Owner::Inode(inode.number, part);
        let inline = inode.has(flag::INLINE_DATA);
        let content = match inode.mode & kind::MASK {
            kind::SYMLINK if inline || !inode.has_blocks() => Some(Part::Target),
            kind::FILE if inline => Some(Part::Content),
            kind::DIRECTORY if inline => {
                self.inline_names(inode, slot.start)?;
                None
            }
            _ => None,
        };
        let place = |range: Range<usize>| {
            let [start, end] = [range.start, range.end].map(|at| slot.start + at as u64);
            start..end.min(slot.end)
        };
        if let Some(part) = content {
            self.claim(place(ROOT_AT..ROOT_AT + ROOT_SIZE), &own(part));
            if inline {
                let [_, behind] = inline::places(inode)?;
                self.claim(place(behind), &own(part));
            }
        }
        let extra = place(inode.extra()..inode.bytes.len());
        self.claim(extra, &own(Part::Attributes));
        Ok(())
    }

    /// The names of a directory that is in its inode, which begins at `start`.
    fn inline_names(&mut self, inode: &Inode, start: u64) -> Result<(), FileSystemError> {
        let own = |part| Owner::Inode(inode.number, part);
        for place in inline::places(inode)? {
            let at = start + place.start as u64;
            let end = start + place.end as u64;
            let part = inode.bytes.get(place).unwrap_or_default();
            for used in Block::leaf(part)?.used {
                self.claim(
                    at + used.start as u64..at + used.end as u64,
                    &own(Part::Names),
                );
            }
            self.claim(at..end, &own(Part::RemovedNames));
        }
        Ok(())
    }

    fn attributes(&mut self, inode: &Inode) -> Result<(), FileSystemError> {
        let block = attributes::block(self.volume, inode)?;
        let mut entries = attributes::in_inode(inode)?;
        if let Some(block) = &block {
            let number = inode.attribute_block;
            let range = self.blocks(number, number.saturating_add(1));
            self.claim(range, &Owner::Inode(inode.number, Part::Attributes));
            entries.extend(attributes::in_block(inode, block)?);
        }
        for entry in entries {
            if let Value::Inode(number, _) = entry.value {
                self.values.entry(number).or_insert(inode.number);
            }
        }
        Ok(())
    }

    fn content(&mut self, inode: &Inode, run: Run) {
        let range = self.blocks(run.physical, run.physical + run.blocks);
        let before = run
            .logical
            .saturating_mul(self.volume.superblock.block_size);
        // What was reserved and never written is not what the file shows.
        let shown = match run.written {
            true => inode.size.saturating_sub(before),
            false => 0,
        };
        let end = range.start.saturating_add(shown).min(range.end);
        let part = match inode.is(kind::SYMLINK) {
            true => Part::Target,
            false => Part::Content,
        };
        self.claim(range.start..end, &Owner::Inode(inode.number, part));
        self.claim(end..range.end, &Owner::Inode(inode.number, Part::Slack));
    }

    /// What each block of a directory is, if that can be told.
    fn roles(&self, inode: &Inode, runs: &[Run]) -> Result<Option<Roles>, FileSystemError> {
        let volume = self.volume;
        let mut read = |logical| volume.block(runs::physical(runs, logical)?);
        match Roles::of(&volume.superblock, inode, &mut read) {
            Err(error @ FileSystemError::Read(_)) => Err(error),
            roles => Ok(roles.ok()),
        }
    }

    /// What a run of a directory's blocks holds, as it lies on the disk.
    fn names(
        &mut self,
        inode: &Inode,
        run: Run,
        roles: Option<&Roles>,
    ) -> Result<(), FileSystemError> {
        let volume = self.volume;
        let size = volume.superblock.block_size;
        let asked = self.within(self.blocks(run.physical, run.physical + run.blocks));
        let mut last: Option<(u64, Option<Block>)> = None;
        for index in asked {
            let Some(offset) = self.offsets.get(index).copied() else {
                continue;
            };
            let number = offset / size;
            if last.as_ref().is_none_or(|(known, _)| *known != number) {
                let bytes = volume.stored_block(number)?;
                let logical = run.logical + (number - run.physical);
                let block = roles.and_then(|roles| {
                    Block::parse(&volume.superblock, roles.role(logical), &bytes).ok()
                });
                last = Some((number, block));
            }
            let used = last.as_ref().and_then(|(_, block)| block.as_ref());
            let part = match used.is_some_and(|block| block.is_used((offset % size) as usize)) {
                true => Part::Names,
                false => Part::RemovedNames,
            };
            if let Some(slot) = self.owners.get_mut(index) {
                slot.get_or_insert(Owner::Inode(inode.number, part));
            }
        }
        Ok(())
    }
}
