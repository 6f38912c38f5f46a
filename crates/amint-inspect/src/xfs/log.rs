//! The log inside the file system: whether anything in it waits to be carried out, and what of it may go.
//!
//! The log is a circle of sectors. The first word of each is the number of the round in which it was written, its
//! cycle; the head is where one round's sectors end and the last round's begin. A clean unmount leaves a record that
//! says so right before the head.
//!
//! A log that is clean holds nothing that anybody needs, but its sectors' cycles must stay. Without them the kernel
//! and xfs_repair take it for a new log, whose time begins again, and metadata of version 5 bears the time of its
//! last change: both refuse a file system whose metadata is from the future ("ahead of the log"). So everything may
//! become zeros except for the cycles and the last record.

use super::volume::Volume;
use crate::bytes::u32_be;
use crate::file_system::FileSystemError;
use crate::map::MAX_EXTENTS;
use crate::source::{BlockSource, Extent};

/// The log counts in sectors of this size, whatever the disk's is.
const SECTOR: u64 = 512;
/// What a record's header begins with; its cycle follows.
const MAGIC: u32 = 0xfeed_babe;
/// Version 2's headers grow with their records: by one sector for each so many bytes.
const HEADER_COVERS: u32 = 32 * 1024;
const MAX_RECORD: u32 = 256 * 1024;
/// Sectors of the longest record and its headers.
const MAX_RECORD_SECTORS: u64 = (MAX_RECORD as u64) / SECTOR + 8;
/// An operation's flag: the file system was unmounted.
const UNMOUNT: u8 = 0x20;
/// The operation that says so, with its header, in bytes.
const UNMOUNT_SIZE: u64 = 32;
/// How much is read at once.
const PART: u64 = 1 << 20;

/// Where the log is, and how it was left.
pub(super) struct Log {
    /// First byte, from the start of the file system.
    start: u64,
    sectors: u64,
    /// The sector behind the last one written, and the round in which that was; both 0 in a log without records.
    head: (u64, u32),
    /// The last record, by which the file system was unmounted, as sectors: its first one, and the one that says so.
    unmounted: Option<(u64, u64)>,
}

impl Log {
    pub(super) fn read(volume: &Volume<'_>) -> Result<Self, FileSystemError> {
        let superblock = &volume.superblock;
        if superblock.log_start == 0 {
            return Err(FileSystemError::Unsupported(
                "a log on another device".into(),
            ));
        }
        if superblock.log_blocks < 2 {
            return Err(FileSystemError::corrupt("the log has no room"));
        }
        let first = volume.block_of(superblock.log_start, superblock.log_blocks)?;
        let mut log = Self {
            start: first * superblock.block_size,
            sectors: superblock.log_blocks * superblock.block_size / SECTOR,
            head: (0, 0),
            unmounted: None,
        };
        log.head = log.find_head(volume)?;
        log.unmounted = log.unmount_record(volume)?;
        Ok(log)
    }

    /// Nothing waits to be carried out.
    pub(super) fn is_clean(&self) -> bool {
        self.unmounted.is_some() || self.head == (0, 0)
    }

    /// Whether metadata that was last changed at `lsn` is from the future, as far as the log knows.
    pub(super) fn is_behind(&self, lsn: u64) -> bool {
        let (sector, cycle) = match self.head {
            (0, 0) => (0, 1),
            head => head,
        };
        // `NULLCOMMITLSN` is no time at all.
        lsn != u64::MAX && lsn > u64::from(cycle) << 32 | sector
    }

    /// Where the log is on the disk.
    pub(super) fn extent(&self, volume: &Volume<'_>) -> Extent {
        Extent {
            offset: volume.window.extent().offset + self.start,
            length: self.sectors * SECTOR,
        }
    }

    fn sector(&self, volume: &Volume<'_>, index: u64) -> Result<Vec<u8>, FileSystemError> {
        let mut bytes = vec![0; SECTOR as usize];
        let position = self.start + index % self.sectors * SECTOR;
        volume.window.read_at(position, &mut bytes)?;
        Ok(bytes)
    }

    fn cycle(&self, volume: &Volume<'_>, index: u64) -> Result<u32, FileSystemError> {
        Ok(cycle(&self.sector(volume, index)?))
    }

    /// The first sector of an earlier round, by halves; 0 when all are of one round.
    fn find_head(&self, volume: &Volume<'_>) -> Result<(u64, u32), FileSystemError> {
        let current = self.cycle(volume, 0)?;
        let (mut written, mut behind) = (0, self.sectors);
        while behind - written > 1 {
            let middle = written + (behind - written) / 2;
            match self.cycle(volume, middle)? == current {
                true => written = middle,
                false => behind = middle,
            }
        }
        Ok((behind % self.sectors, current))
    }

    fn unmount_record(&self, volume: &Volume<'_>) -> Result<Option<(u64, u64)>, FileSystemError> {
        // Counted one round further, so that going back never goes below zero.
        let head = self.head.0 + self.sectors;
        for back in 1..=MAX_RECORD_SECTORS.min(self.sectors) {
            let header = self.sector(volume, head - back)?;
            if u32_be(&header, 0) != MAGIC {
                continue;
            }
            let (version, size) = (u32_be(&header, 8), u32_be(&header, 320));
            let headers = match version & 2 != 0 && size > HEADER_COVERS && size <= MAX_RECORD {
                true => u64::from(size.div_ceil(HEADER_COVERS)),
                false => 1,
            };
            let length = u64::from(u32_be(&header, 12)).div_ceil(SECTOR);
            let says = self.sector(volume, head - back + headers)?;
            let unmounted = says.get(9).is_some_and(|flags| flags & UNMOUNT != 0);
            let is_last = u32_be(&header, 40) == 1 && headers + length == back && length > 0;
            let (first, said) = (head - back, head - back + headers);
            return Ok(
                (is_last && unmounted).then_some((first % self.sectors, said % self.sectors))
            );
        }
        Ok(None)
    }

    /// What of the log may become zeros, ascending: everything that is not zero yet, except for what must stay. `None`
    /// when the cycles contradict each other; nothing when that would be too many pieces.
    pub(super) fn dispensable(
        &self,
        volume: &Volume<'_>,
    ) -> Result<Option<Vec<Extent>>, FileSystemError> {
        let (head, current) = self.head;
        let disk = self.extent(volume).offset;
        let mut pieces = Vec::new();
        // xfs_repair leaves sectors without a cycle behind the head of the log that it makes, and the kernel then goes
        // by records that are behind it too. What was there before is gone, so all of it may stay.
        let mut is_new = false;
        let mut part = vec![0; PART as usize];
        let mut position = 0;
        while position < self.sectors {
            let sectors = (PART / SECTOR).min(self.sectors - position);
            let bytes = part
                .get_mut(..(sectors * SECTOR) as usize)
                .unwrap_or_default();
            let at = self.start + position * SECTOR;
            volume.window.read_at(at, bytes)?;
            for (sector, index) in bytes.chunks_exact(SECTOR as usize).zip(position..) {
                let cycle = cycle(sector);
                let expected = match head == 0 || index < head {
                    true => current,
                    false => current.wrapping_sub(1),
                };
                let is_blank = cycle == 0 && head != 0 && index >= head;
                is_new |= is_blank && cycle != expected;
                if cycle != expected && !is_blank {
                    return Ok(None);
                }
                let kept = self.kept(sector, index);
                let rest = sector.get(kept as usize..).unwrap_or_default();
                if rest.iter().any(|byte| *byte != 0) {
                    pieces.push(Extent {
                        offset: disk + index * SECTOR + kept,
                        length: SECTOR - kept,
                    });
                }
            }
            if pieces.len() > MAX_EXTENTS {
                return Ok(Some(Vec::new()));
            }
            position += sectors;
        }
        Ok(Some(if is_new { Vec::new() } else { pieces }))
    }

    /// How many of a sector's first bytes must stay.
    fn kept(&self, sector: &[u8], index: u64) -> u64 {
        match self.unmounted {
            Some((header, _)) if header == index => SECTOR,
            Some((_, said)) if said == index => UNMOUNT_SIZE,
            _ if u32_be(sector, 0) == MAGIC => 8,
            _ => 4,
        }
    }
}

fn cycle(sector: &[u8]) -> u32 {
    match u32_be(sector, 0) {
        MAGIC => u32_be(sector, 4),
        cycle => cycle,
    }
}
