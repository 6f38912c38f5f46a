//! The master boot record: four primary partitions in the first sector, and the chain of logical partitions that an
//! extended one holds. Read as Linux reads it (`block/partitions/msdos.c`).

use std::collections::HashSet;

use super::purpose::Purpose;
use super::read::{Claim, PartitionError};
use crate::bytes::{u16_le, u32_le};
use crate::source::{BlockSource, Extent, ReadError};

/// An MBR counts in sectors of this many bytes.
pub(super) const SECTOR: u64 = 512;
/// Logical partitions are numbered from here on, whatever primary ones there are.
pub(super) const FIRST_LOGICAL: u32 = 5;

const FIRST_ENTRY: usize = 446;
const ENTRY_SIZE: usize = 16;
const SIGNATURE: u16 = 0xaa55;
/// Partition types that hold further partitions.
const EXTENDED: [u8; 3] = [0x05, 0x0f, 0x85];
/// The type that keeps MBR tools off a GPT disk. Where the GPT itself is gone, it names nothing.
const PROTECTIVE: u8 = 0xee;
/// Links that a chain may have; Linux itself stops at 100.
const MAX_LINKS: usize = 255;

/// An MBR that names at least one partition.
pub(super) struct Mbr {
    pub(super) claims: Vec<Claim>,
    /// Partitions that hold further ones.
    pub(super) extended: Vec<Claim>,
    /// A GPT is to be expected.
    pub(super) protective: bool,
    /// The disk's signature, from which the partitions' ids are made.
    pub(super) signature: u32,
}

/// One entry of a table that is in use.
struct Entry {
    kind: u8,
    first: u64,
    count: u64,
}

impl Entry {
    /// The partition, its first sector counted from `base`.
    fn claim(&self, number: u32, base: u64, signature: u32) -> Claim {
        let first = base + self.first;
        Claim {
            number,
            first,
            last: first + self.count - 1,
            name: String::new(),
            id: format!("{signature:08x}-{number:02x}"),
            purpose: Purpose::of_byte(self.kind),
        }
    }

    fn is_extended(&self) -> bool {
        EXTENDED.contains(&self.kind)
    }
}

/// A sector that carries the signature of a table.
fn table(
    source: &dyn BlockSource,
    offset: u64,
) -> Result<Option<[u8; SECTOR as usize]>, ReadError> {
    let mut sector = [0; SECTOR as usize];
    source.read_at(offset, &mut sector)?;
    Ok((u16_le(&sector, 510) == SIGNATURE).then_some(sector))
}

/// The entries that are in use, by their place from 1.
fn entries(sector: &[u8; SECTOR as usize]) -> impl Iterator<Item = (Entry, u32)> {
    (0..4).zip(1..).filter_map(|(index, number)| {
        let at = FIRST_ENTRY + index * ENTRY_SIZE;
        let entry = Entry {
            kind: sector[at + 4],
            first: u32_le(sector, at + 8).into(),
            count: u32_le(sector, at + 12).into(),
        };
        (entry.kind != 0 && entry.count != 0).then_some((entry, number))
    })
}

/// Reads the MBR; `None` when the first sector is none. A boot sector of a file system carries the same
/// signature, but has code where the table is: its status bytes give it away.
pub(super) fn read(source: &dyn BlockSource) -> Result<Option<Mbr>, ReadError> {
    if source.size() < SECTOR {
        return Ok(None);
    }
    let Some(sector) = table(source, 0)? else {
        return Ok(None);
    };
    let status = |index: usize| sector[FIRST_ENTRY + index * ENTRY_SIZE];
    if (0..4).any(|index| status(index) & 0x7f != 0) {
        return Ok(None);
    }
    let mut mbr = Mbr {
        claims: Vec::new(),
        extended: Vec::new(),
        protective: false,
        signature: u32_le(&sector, 440),
    };
    for (entry, number) in entries(&sector) {
        let claim = entry.claim(number, 0, mbr.signature);
        match entry.kind {
            PROTECTIVE => mbr.protective = true,
            _ if entry.is_extended() => mbr.extended.push(claim),
            _ => mbr.claims.push(claim),
        }
    }
    let names_any = !mbr.claims.is_empty() || !mbr.extended.is_empty();
    Ok(names_any.then_some(mbr))
}

/// The logical partitions of one extended partition.
#[derive(Default)]
pub(super) struct Chain {
    pub(super) claims: Vec<Claim>,
    /// The sectors that the chain itself is kept in.
    pub(super) tables: Vec<Extent>,
}

/// Follows the chain in `extended`: each link is a table that names a partition, counted from the link, and the next
/// link, counted from the extended partition. `before` logical partitions were found in others.
pub(super) fn chain(
    source: &dyn BlockSource,
    extended: &Claim,
    signature: u32,
    before: u32,
) -> Result<Chain, PartitionError> {
    let mut chain = Chain::default();
    let mut seen = HashSet::new();
    let mut next = Some(extended.first);
    while let Some(link) = next.take() {
        if !seen.insert(link) || seen.len() > MAX_LINKS {
            return Err(PartitionError::EndlessChain);
        }
        let number = |chain: &Chain| FIRST_LOGICAL + before + chain.claims.len() as u32;
        let inside = |claim: &Claim| claim.first >= extended.first && claim.last <= extended.last;
        let offset = link * SECTOR;
        if link > extended.last || offset + SECTOR > source.size() {
            return Err(PartitionError::OutsideExtended {
                number: number(&chain),
            });
        }
        let Some(sector) = table(source, offset)? else {
            let mut bytes = [0; SECTOR as usize];
            source.read_at(offset, &mut bytes)?;
            // An extended partition that was just made. Anything else may hide partitions.
            if bytes.iter().any(|byte| *byte != 0) {
                return Err(PartitionError::BrokenChain);
            }
            break;
        };
        chain.tables.push(Extent {
            offset,
            length: SECTOR,
        });
        for (entry, _) in entries(&sector) {
            if entry.is_extended() {
                next = next.or(Some(extended.first + entry.first));
                continue;
            }
            let claim = entry.claim(number(&chain), link, signature);
            if !inside(&claim) {
                return Err(PartitionError::OutsideExtended {
                    number: claim.number,
                });
            }
            chain.claims.push(claim);
        }
    }
    Ok(chain)
}
