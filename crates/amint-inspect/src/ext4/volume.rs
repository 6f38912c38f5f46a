//! An opened file system: its superblock, its groups and reads that stay inside it.

use super::group::{self, Group};
use super::journal::{Journal, MAGIC};
use super::replay::{self, Copy, Overlay};
use super::superblock::Superblock;
use crate::file_system::FileSystemError;
use crate::source::{BlockSource, Extent};
use crate::window::Window;

/// An ext4 file system in a partition.
pub(super) struct Volume<'a> {
    pub(super) window: Window<'a>,
    pub(super) superblock: Superblock,
    pub(super) groups: Vec<Group>,
    /// Blocks that are read from the journal instead.
    overlay: Overlay,
}

impl<'a> Volume<'a> {
    /// The file system as it lies on the disk.
    pub(super) fn open(
        source: &'a dyn BlockSource,
        partition: Extent,
    ) -> Result<Self, FileSystemError> {
        let window = Window::new(source, partition)?;
        let superblock = Superblock::read(&window)?;
        let mut volume = Self {
            window,
            superblock,
            groups: Vec::new(),
            overlay: Overlay::new(),
        };
        volume.groups = group::read_all(&volume)?;
        Ok(volume)
    }

    /// The file system as it would be once its journal is replayed.
    pub(super) fn recovered(
        source: &'a dyn BlockSource,
        partition: Extent,
    ) -> Result<Self, FileSystemError> {
        let mut volume = Self::open(source, partition)?;
        if let Some(inode) = volume
            .superblock
            .journal_inode
            .filter(|_| volume.superblock.needs_recovery)
            && let Some(log) = Journal::read(&volume, inode)?.log
        {
            volume.overlay = replay::overlay(&volume, &log)?;
            volume.groups = group::read_all(&volume)?;
        }
        Ok(volume)
    }

    /// Reads at `offset` bytes into block `number`; may go on into the blocks that follow.
    pub(super) fn read(
        &self,
        number: u64,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<(), FileSystemError> {
        let size = self.superblock.block_size;
        if number >= self.superblock.blocks {
            return Err(FileSystemError::corrupt(format!(
                "block {number} is outside the file system"
            )));
        }
        if self.overlay.is_empty() {
            return Ok(self.window.read_at(number * size + offset, buffer)?);
        }
        let (mut number, mut offset, mut rest) = (number, offset, buffer);
        while !rest.is_empty() {
            let (part, next) = rest.split_at_mut(rest.len().min((size - offset) as usize));
            match self.overlay.get(&number) {
                Some(copy) => self.read_copy(*copy, offset, part)?,
                None => self.window.read_at(number * size + offset, part)?,
            }
            (number, offset, rest) = (number + 1, 0, next);
        }
        Ok(())
    }

    fn read_copy(&self, copy: Copy, offset: u64, part: &mut [u8]) -> Result<(), FileSystemError> {
        self.window
            .read_at(copy.block * self.superblock.block_size + offset, part)?;
        if copy.escaped {
            let magic = MAGIC.to_be_bytes();
            let hidden = magic.iter().skip(offset as usize);
            part.iter_mut()
                .zip(hidden)
                .for_each(|(byte, magic)| *byte = *magic);
        }
        Ok(())
    }

    /// One whole block.
    pub(super) fn block(&self, number: u64) -> Result<Vec<u8>, FileSystemError> {
        let mut block = vec![0; self.superblock.block_size as usize];
        self.read(number, 0, &mut block)?;
        Ok(block)
    }

    /// One whole block as it lies on the disk, whatever waits in the journal.
    pub(super) fn stored_block(&self, number: u64) -> Result<Vec<u8>, FileSystemError> {
        let size = self.superblock.block_size;
        let mut block = vec![0; size as usize];
        self.window
            .read_at(number.saturating_mul(size), &mut block)?;
        Ok(block)
    }

    /// Where `count` blocks from `first` on are on the disk.
    pub(super) fn extent(&self, first: u64, count: u64) -> Extent {
        let size = self.superblock.block_size;
        Extent {
            offset: self.window.extent().offset + first * size,
            length: count * size,
        }
    }
}
