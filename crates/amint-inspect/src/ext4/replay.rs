//! What a journal would change if it were replayed: blocks whose newest version is in the journal.
//!
//! A machine that lost its power has its last changes there only. Nothing is written: reads of such a
//! block are led to its copy. The rules are those of the kernel's `fs/jbd2/recovery.c`.

use std::collections::HashMap;

use super::checksum::{START, crc32c};
use super::journal::{Log, MAGIC};
use super::volume::Volume;
use crate::bytes::{u16_be, u32_be};
use crate::file_system::FileSystemError;

/// Blocks of a log that are read at most; mke2fs makes journals of a quarter of this unless told otherwise.
const MAX_BLOCKS: u64 = 1 << 20;

const DESCRIPTOR: u32 = 1;
const COMMIT: u32 = 2;
const REVOKE: u32 = 5;
const HEADER: usize = 12;

const FEATURE_64BIT: u32 = 0x2;
const FEATURE_CSUM_V2: u32 = 0x8;
const FEATURE_CSUM_V3: u32 = 0x10;
const FEATURE_FAST_COMMIT: u32 = 0x20;
/// Revocation, 64-bit block numbers, asynchronous commits and both checksum versions.
const SUPPORTED: u32 = 0x1 | FEATURE_64BIT | 0x4 | FEATURE_CSUM_V2 | FEATURE_CSUM_V3;

const TAG_ESCAPED: u32 = 1;
const TAG_SAME_UUID: u32 = 2;
const TAG_LAST: u32 = 8;

/// A block's newest version.
#[derive(Clone, Copy)]
pub(super) struct Copy {
    /// Where it is in the file system.
    pub(super) block: u64,
    /// Its first four bytes were the journal's magic, and zeros stand in for them.
    pub(super) escaped: bool,
}

/// Newest versions by the block that they belong to.
pub(super) type Overlay = HashMap<u64, Copy>;

/// Reads the transactions that were committed but not yet carried out.
pub(super) fn overlay(volume: &Volume<'_>, log: &Log) -> Result<Overlay, FileSystemError> {
    let mut reader = Reader {
        volume,
        log,
        format: Format::of(log)?,
        position: log.start,
        sequence: log.sequence,
        left: log.end.min(MAX_BLOCKS),
    };
    let (mut committed, mut pending) = (Vec::new(), Transaction::default());
    let mut revoked: HashMap<u64, u32> = HashMap::new();
    while reader.left > 0 {
        let block = reader.next()?;
        let header = (u32_be(&block, 0), u32_be(&block, 4), u32_be(&block, 8));
        match header {
            (MAGIC, DESCRIPTOR, sequence) if sequence == reader.sequence => {
                reader.tags(&block, &mut pending.tags)?
            }
            (MAGIC, REVOKE, sequence) if sequence == reader.sequence => {
                reader.format.revoked(&block, &mut pending.revoked)
            }
            (MAGIC, COMMIT, sequence)
                if sequence == reader.sequence && reader.format.commit_is_whole(&block) =>
            {
                let Transaction {
                    tags,
                    revoked: blocks,
                } = std::mem::take(&mut pending);
                revoked.extend(blocks.into_iter().map(|block| (block, sequence)));
                committed.extend(
                    tags.into_iter()
                        .map(|(block, copy)| (sequence, block, copy)),
                );
                reader.sequence = sequence.wrapping_add(1);
            }
            // The end: what was begun after the last commit never happened.
            _ => break,
        }
    }
    // Sequence numbers wrap around: older is a negative distance.
    let older_or_same = |sequence: u32, than: u32| sequence.wrapping_sub(than) as i32 <= 0;
    let valid = committed.into_iter().filter(|(sequence, block, _)| {
        revoked
            .get(block)
            .is_none_or(|until| !older_or_same(*sequence, *until))
    });
    Ok(valid.map(|(_, block, copy)| (block, copy)).collect())
}

/// Blocks that belong together: all of them count, or none.
#[derive(Default)]
struct Transaction {
    tags: Vec<(u64, Copy)>,
    revoked: Vec<u64>,
}

/// Goes through the log block by block.
struct Reader<'a> {
    volume: &'a Volume<'a>,
    log: &'a Log,
    format: Format,
    position: u64,
    /// The number of the transaction that is being read.
    sequence: u32,
    /// How many blocks may still be read: the log is a circle, and nothing in it counts twice.
    left: u64,
}

impl Reader<'_> {
    /// Where the next block of the log is; after its end comes its beginning.
    fn advance(&mut self) -> Result<u64, FileSystemError> {
        let left = self.left.checked_sub(1);
        self.left = left.ok_or_else(|| FileSystemError::corrupt("the journal does not end"))?;
        let block = self.log.block(self.position)?;
        self.position += 1;
        if self.position >= self.log.end {
            self.position = self.log.first;
        }
        Ok(block)
    }

    fn next(&mut self) -> Result<Vec<u8>, FileSystemError> {
        let block = self.advance()?;
        self.volume.block(block)
    }

    /// The blocks that a descriptor announces; their copies follow it.
    fn tags(
        &mut self,
        descriptor: &[u8],
        tags: &mut Vec<(u64, Copy)>,
    ) -> Result<(), FileSystemError> {
        let size = self.format.tag_size();
        let end = descriptor.len() - self.format.tail();
        let mut at = HEADER;
        while let Some(tag) = descriptor.get(at..at + size).filter(|_| at + size <= end) {
            let (block, flags) = self.format.tag(tag);
            let copy = Copy {
                block: self.advance()?,
                escaped: flags & TAG_ESCAPED != 0,
            };
            tags.push((block, copy));
            if flags & TAG_LAST != 0 {
                break;
            }
            at += size + if flags & TAG_SAME_UUID == 0 { 16 } else { 0 };
        }
        Ok(())
    }
}

/// How this journal writes its records down.
struct Format {
    wide: bool,
    v2: bool,
    v3: bool,
    /// Seed of all checksums.
    seed: u32,
}

impl Format {
    fn of(log: &Log) -> Result<Self, FileSystemError> {
        let features = log.features;
        if features & FEATURE_FAST_COMMIT != 0 {
            return Err(FileSystemError::Unsupported(
                "fast commits in a journal that needs recovery".into(),
            ));
        }
        if features & !SUPPORTED != 0 {
            return Err(FileSystemError::Unsupported(format!(
                "journal feature bits {:#x}",
                features & !SUPPORTED
            )));
        }
        Ok(Self {
            wide: features & FEATURE_64BIT != 0,
            v2: features & FEATURE_CSUM_V2 != 0,
            v3: features & FEATURE_CSUM_V3 != 0,
            seed: crc32c(START, &log.uuid),
        })
    }

    fn tag_size(&self) -> usize {
        match self.v3 {
            true => 16,
            false => 8 + if self.v2 { 2 } else { 0 } + if self.wide { 4 } else { 0 },
        }
    }

    /// Bytes at a descriptor's end that hold its checksum.
    fn tail(&self) -> usize {
        if self.v2 || self.v3 { 4 } else { 0 }
    }

    /// A tag's block and flags.
    fn tag(&self, tag: &[u8]) -> (u64, u32) {
        let high = if self.wide {
            u64::from(u32_be(tag, 8)) << 32
        } else {
            0
        };
        let flags = if self.v3 {
            u32_be(tag, 4)
        } else {
            u16_be(tag, 6).into()
        };
        (u64::from(u32_be(tag, 0)) | high, flags)
    }

    /// The blocks whose older versions in the journal no longer count.
    fn revoked(&self, block: &[u8], revoked: &mut Vec<u64>) {
        let used = block
            .get(16..u32_be(block, HEADER) as usize)
            .unwrap_or_default();
        match self.wide {
            true => revoked.extend(
                used.chunks_exact(8)
                    .map(|entry| u64::from(u32_be(entry, 0)) << 32 | u64::from(u32_be(entry, 4))),
            ),
            false => revoked.extend(
                used.chunks_exact(4)
                    .map(|entry| u64::from(u32_be(entry, 0))),
            ),
        }
    }

    fn commit_is_whole(&self, block: &[u8]) -> bool {
        if !self.v2 && !self.v3 {
            return true;
        }
        let mut blanked = block.to_vec();
        if let Some(field) = blanked.get_mut(16..20) {
            field.fill(0);
        }
        crc32c(self.seed, &blanked) == u32_be(block, 16)
    }
}
