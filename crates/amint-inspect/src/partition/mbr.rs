//! The master boot record: four primary partitions in the first sector.

use super::read::Claim;
use crate::bytes::{u16_le, u32_le};
use crate::source::{BlockSource, ReadError};

/// An MBR counts in sectors of this many bytes.
pub(super) const SECTOR: u64 = 512;

const FIRST_ENTRY: usize = 446;
const ENTRY_SIZE: usize = 16;
const SIGNATURE: u16 = 0xaa55;
/// Partition types that hold further partitions.
const EXTENDED: [u8; 3] = [0x05, 0x0f, 0x85];
/// The type that keeps MBR tools off a GPT disk. Where the GPT itself is gone, it names nothing.
const PROTECTIVE: u8 = 0xee;

/// An MBR that names at least one partition.
pub(super) struct Mbr {
    pub(super) claims: Vec<Claim>,
    pub(super) extended: bool,
}

/// Reads the MBR; `None` when the first sector is none. A boot sector of a file system carries the same
/// signature, but has code where the table is: its status bytes give it away.
pub(super) fn read(source: &dyn BlockSource) -> Result<Option<Mbr>, ReadError> {
    if source.size() < SECTOR {
        return Ok(None);
    }
    let mut sector = [0; SECTOR as usize];
    source.read_at(0, &mut sector)?;
    let table = &sector[FIRST_ENTRY..FIRST_ENTRY + 4 * ENTRY_SIZE];
    let entries = || table.chunks_exact(ENTRY_SIZE).zip(1..);
    if u16_le(&sector, 510) != SIGNATURE || !entries().all(|(entry, _)| entry[0] & 0x7f == 0) {
        return Ok(None);
    }
    let used = || {
        entries()
            .filter(|(entry, _)| ![0, PROTECTIVE].contains(&entry[4]) && u32_le(entry, 12) != 0)
    };
    let claims: Vec<Claim> = used()
        .map(|(entry, number)| {
            let (first, count) = (u64::from(u32_le(entry, 8)), u64::from(u32_le(entry, 12)));
            Claim {
                number,
                first,
                last: first + count - 1,
                name: String::new(),
            }
        })
        .collect();
    let extended = used().any(|(entry, _)| EXTENDED.contains(&entry[4]));
    Ok((!claims.is_empty()).then_some(Mbr { claims, extended }))
}
