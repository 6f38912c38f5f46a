//! An opened file system: its superblock, reads that stay inside it, and blocks that say what and where they are.
//!
//! Blocks are numbered from the start of the file system. On the disk their numbers have holes, because a group's
//! part is rounded up to a power of two; [`Volume::block_of`] takes those numbers.

use super::checksum;
use super::superblock::Superblock;
use crate::bytes::{u32_be, u64_be};
use crate::file_system::FileSystemError;
use crate::source::{BlockSource, Extent};
use crate::window::Window;

/// An XFS file system in a partition.
pub(super) struct Volume<'a> {
    pub(super) window: Window<'a>,
    pub(super) superblock: Superblock,
}

/// Where a version 5 block holds what it says about itself, in bytes.
pub(super) struct Header {
    pub(super) checksum: usize,
    pub(super) place: usize,
    pub(super) uuid: usize,
    pub(super) owner: usize,
    /// The owner is a group, in 32 bits, and not an inode.
    pub(super) of_group: bool,
}

/// What a block that is read should be.
pub(super) struct Expected<'a> {
    pub(super) what: &'a str,
    pub(super) header: &'a Header,
    /// The inode or group that it belongs to.
    pub(super) owner: u64,
}

impl<'a> Volume<'a> {
    pub(super) fn open(
        source: &'a dyn BlockSource,
        partition: Extent,
    ) -> Result<Self, FileSystemError> {
        let window = Window::new(source, partition)?;
        let superblock = Superblock::read(&window)?;
        Ok(Self { window, superblock })
    }

    /// The block that the disk calls `number`, of `count` that follow each other in one group.
    pub(super) fn block_of(&self, number: u64, count: u64) -> Result<u64, FileSystemError> {
        let log = self.superblock.group_log;
        match u32::try_from(number >> log) {
            Ok(group) => self.block_in(group, number & ((1 << log) - 1), count),
            Err(_) => Err(outside(number)),
        }
    }

    /// The block at `block` in `group`, of `count` that follow each other.
    pub(super) fn block_in(
        &self,
        group: u32,
        block: u64,
        count: u64,
    ) -> Result<u64, FileSystemError> {
        let fits = block
            .checked_add(count)
            .is_some_and(|end| end <= u64::from(self.superblock.blocks_in(group)));
        match fits && group < self.superblock.groups {
            true => Ok(u64::from(group) * u64::from(self.superblock.group_blocks) + block),
            false => Err(outside(block)),
        }
    }

    /// Reads at `offset` bytes into block `number`; may go on into the blocks that follow.
    pub(super) fn read(
        &self,
        number: u64,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<(), FileSystemError> {
        if number >= self.superblock.blocks {
            return Err(outside(number));
        }
        let position = number * self.superblock.block_size + offset;
        Ok(self.window.read_at(position, buffer)?)
    }

    /// One whole block.
    pub(super) fn block(&self, number: u64) -> Result<Vec<u8>, FileSystemError> {
        let mut block = vec![0; self.superblock.block_size as usize];
        self.read(number, 0, &mut block)?;
        Ok(block)
    }

    /// Checks what `bytes`, which lie at block `number`, say about themselves. Those of version 4 say nothing.
    pub(super) fn verify(
        &self,
        bytes: &[u8],
        number: u64,
        expected: &Expected<'_>,
    ) -> Result<(), FileSystemError> {
        let Expected {
            what,
            header,
            owner,
        } = expected;
        if !self.superblock.v5 {
            return Ok(());
        }
        if !checksum::holds(bytes, header.checksum) {
            return Err(FileSystemError::Checksum((*what).to_owned()));
        }
        let of = match header.of_group {
            true => u32_be(bytes, header.owner).into(),
            false => u64_be(bytes, header.owner),
        };
        // Places count in units of 512 bytes.
        let place = number * (self.superblock.block_size / 512);
        if u64_be(bytes, header.place) != place || of != *owner || !self.bears(bytes, header.uuid) {
            return Err(FileSystemError::corrupt(format!(
                "block {number}: {what} belongs elsewhere"
            )));
        }
        Ok(())
    }

    /// Whether the file system's identity is at `at`.
    pub(super) fn bears(&self, bytes: &[u8], at: usize) -> bool {
        bytes
            .get(at..)
            .is_some_and(|rest| rest.starts_with(&self.superblock.uuid))
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

fn outside(block: u64) -> FileSystemError {
    FileSystemError::corrupt(format!("block {block} is outside the file system"))
}
