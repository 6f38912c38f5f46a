//! GUID partition tables (UEFI specification 2.10, section 5.3).

use super::layout::Note;
use super::purpose::Purpose;
use super::read::{Claim, PartitionError};
use crate::bytes::{u16_be, u16_le, u32_be, u32_le, u64_le};
use crate::source::{BlockSource, Extent, ReadError};

const SIGNATURE: &[u8] = b"EFI PART";
/// Smallest header that the specification allows.
const HEADER_SIZE: usize = 92;
/// Entries have at least this size; the specification wants 128 × 2ⁿ.
const ENTRY_SIZE: usize = 128;
/// More than any tool writes (128); keeps a hostile table from costing memory.
const MAX_ENTRIES: usize = 1024;
/// More than any tool writes (128).
const MAX_ENTRY_SIZE: usize = 4096;

/// A GPT that could be read, from either copy.
pub(super) struct Gpt {
    pub(super) claims: Vec<Claim>,
    pub(super) notes: Vec<Note>,
    /// The protective MBR, both headers and both entry arrays.
    pub(super) reserved: Vec<Extent>,
}

/// One verified copy of the table.
struct Copy {
    claims: Vec<Claim>,
    /// Sectors of the header and of the entries.
    header_sector: u64,
    alternate_sector: u64,
    entries: Extent,
}

/// Reads the GPT of a disk with this sector size; `None` when there is none.
pub(super) fn read(source: &dyn BlockSource, sector: u64) -> Result<Option<Gpt>, PartitionError> {
    let sectors = source.size() / sector;
    let Some(last) = sectors.checked_sub(1).filter(|last| *last >= 2) else {
        return Ok(None);
    };
    let primary = copy(source, sector, 1)?;
    let alternate = match &primary {
        Ok(copy) if copy.alternate_sector > 1 && copy.alternate_sector <= last => {
            copy.alternate_sector
        }
        _ => last,
    };
    let backup = copy(source, sector, alternate)?;
    let mut notes = Vec::new();
    let (claims, mut reserved) = match (primary, backup) {
        (Err(Damage::Absent), Err(Damage::Absent)) => return Ok(None),
        (Err(primary), Err(backup)) => {
            return Err(PartitionError::Damaged {
                primary: primary.to_string(),
                backup: backup.to_string(),
            });
        }
        (Ok(primary), Ok(backup)) => {
            let reserved = [primary.reserved(sector), backup.reserved(sector)].concat();
            (primary.claims, reserved)
        }
        (Ok(primary), Err(damage)) => {
            notes.push(Note::BackupDamaged(damage.to_string()));
            // Where the backup should be stays reserved: entries, then the header.
            let length = primary.entries.length.div_ceil(sector) * sector + sector;
            let end = (alternate + 1) * sector;
            let backup = Extent {
                offset: end.saturating_sub(length),
                length,
            };
            let reserved = [primary.reserved(sector), vec![backup]].concat();
            (primary.claims, reserved)
        }
        (Err(damage), Ok(backup)) => {
            notes.push(Note::PrimaryDamaged(damage.to_string()));
            let length = backup.entries.length.div_ceil(sector) * sector + sector;
            let primary = Extent {
                offset: sector,
                length,
            };
            let reserved = [backup.reserved(sector), vec![primary]].concat();
            (backup.claims, reserved)
        }
    };
    reserved.push(Extent {
        offset: 0,
        length: sector,
    });
    Ok(Some(Gpt {
        claims,
        notes,
        reserved,
    }))
}

impl Copy {
    fn reserved(&self, sector: u64) -> Vec<Extent> {
        vec![
            Extent {
                offset: self.header_sector * sector,
                length: sector,
            },
            self.entries,
        ]
    }
}

/// What is wrong with one copy of the table.
#[derive(Debug, thiserror::Error)]
enum Damage {
    #[error("no signature")]
    Absent,
    #[error("header size {0} is out of range")]
    HeaderSize(usize),
    #[error("header checksum is wrong")]
    HeaderChecksum,
    #[error("{count} entries of {size} bytes are out of range")]
    EntryShape { count: usize, size: usize },
    #[error("its entries lie outside the disk")]
    EntriesOutside,
    #[error("checksum of the entries is wrong")]
    EntriesChecksum,
}

/// Reads the copy whose header is at `header_sector`. The outer error is the disk's, the inner one the table's.
fn copy(
    source: &dyn BlockSource,
    sector: u64,
    header_sector: u64,
) -> Result<Result<Copy, Damage>, ReadError> {
    let mut header = vec![0; sector as usize];
    source.read_at(header_sector * sector, &mut header)?;
    let shape = match Shape::of(&header, sector, source.size()) {
        Ok(shape) => shape,
        Err(damage) => return Ok(Err(damage)),
    };
    let mut entries = vec![0; shape.entries.length as usize];
    source.read_at(shape.entries.offset, &mut entries)?;
    if crc32fast::hash(&entries) != u32_le(&header, 88) {
        return Ok(Err(Damage::EntriesChecksum));
    }
    let claims = entries
        .chunks_exact(shape.entry_size)
        .zip(1..)
        .filter(|(entry, _)| entry.iter().take(16).any(|byte| *byte != 0))
        .map(|(entry, number)| Claim {
            number,
            first: u64_le(entry, 32),
            last: u64_le(entry, 40),
            name: name(entry),
            id: guid(entry, 16),
            purpose: Purpose::of_guid(&guid(entry, 0)),
        })
        .collect();
    Ok(Ok(Copy {
        claims,
        header_sector,
        alternate_sector: u64_le(&header, 32),
        entries: shape.entries,
    }))
}

/// Where the entries are, once the header is known to be whole.
struct Shape {
    entries: Extent,
    entry_size: usize,
}

impl Shape {
    fn of(header: &[u8], sector: u64, size: u64) -> Result<Self, Damage> {
        if !header.starts_with(SIGNATURE) {
            return Err(Damage::Absent);
        }
        let header_size = u32_le(header, 12) as usize;
        let summed = header
            .get(..header_size)
            .filter(|summed| summed.len() >= HEADER_SIZE);
        let Some(summed) = summed else {
            return Err(Damage::HeaderSize(header_size));
        };
        // The header's own checksum counts as zero while it is summed.
        let mut hasher = crc32fast::Hasher::new();
        let (before, after) = summed.split_at(16);
        hasher.update(before);
        hasher.update(&[0; 4]);
        hasher.update(after.get(4..).unwrap_or_default());
        if hasher.finalize() != u32_le(header, 16) {
            return Err(Damage::HeaderChecksum);
        }
        let (count, entry_size) = (u32_le(header, 80) as usize, u32_le(header, 84) as usize);
        if count == 0 || count > MAX_ENTRIES || !(ENTRY_SIZE..=MAX_ENTRY_SIZE).contains(&entry_size)
        {
            return Err(Damage::EntryShape {
                count,
                size: entry_size,
            });
        }
        let length = (count * entry_size) as u64;
        let offset = u64_le(header, 72)
            .checked_mul(sector)
            .filter(|offset| *offset >= 2 * sector);
        match offset.and_then(|offset| Some((offset, offset.checked_add(length)?))) {
            Some((offset, end)) if end <= size => Ok(Self {
                entries: Extent { offset, length },
                entry_size,
            }),
            _ => Err(Damage::EntriesOutside),
        }
    }
}

/// The label: 36 UTF-16 units, zero-terminated.
fn name(entry: &[u8]) -> String {
    let units: Vec<u16> = (0..36)
        .map(|unit| u16_le(entry, 56 + 2 * unit))
        .take_while(|unit| *unit != 0)
        .collect();
    String::from_utf16_lossy(&units)
}

/// A GUID as text, in lower case: its first three fields are little-endian.
fn guid(entry: &[u8], at: usize) -> String {
    let (first, second, third) = (
        u32_le(entry, at),
        u16_le(entry, at + 4),
        u16_le(entry, at + 6),
    );
    let (fourth, node) = (u16_be(entry, at + 8), u16_be(entry, at + 10));
    let rest = u32_be(entry, at + 12);
    format!("{first:08x}-{second:04x}-{third:04x}-{fourth:04x}-{node:04x}{rest:08x}")
}
