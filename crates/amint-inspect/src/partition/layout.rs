//! What a disk's partition table says.

use std::fmt;

use super::purpose::Purpose;
use crate::source::Extent;

/// The kind of partition table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Table {
    /// GUID partition table (UEFI specification, chapter 5).
    Gpt,
    /// Master boot record.
    Mbr,
    /// No table: the disk is one file system, or nothing that is known.
    None,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Table::Gpt => "gpt",
            Table::Mbr => "mbr",
            Table::None => "none",
        })
    }
}

/// One partition; the whole disk when there is no table.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Partition {
    /// Its number in the table, from 1; 0 for the whole disk.
    pub number: u32,
    /// Where it is; inside the disk, and overlapping no other.
    pub extent: Extent,
    /// Its label, empty when it has none.
    pub name: String,
    /// Its own id as `PARTUUID=` has it, in lower case; empty without a table.
    pub id: String,
    /// What the table says that it is for.
    pub purpose: Purpose,
}

/// Something about the table that does not stop the reading.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Note {
    /// The primary GPT is damaged; the backup was used.
    PrimaryDamaged(String),
    /// The backup GPT is damaged; the primary was used.
    BackupDamaged(String),
    /// The MBR names some of the GPT's partitions.
    HybridMbr,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::PrimaryDamaged(why) => {
                write!(f, "the primary GPT is damaged ({why}), its backup was used")
            }
            Note::BackupDamaged(why) => write!(f, "the backup GPT is damaged ({why})"),
            Note::HybridMbr => f.write_str("the MBR names some of the GPT's partitions as well"),
        }
    }
}

/// A disk's partitions.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Layout {
    /// The kind of table.
    pub table: Table,
    /// The partitions, ascending by offset. Empty when the disk holds nothing that is known.
    pub partitions: Vec<Partition>,
    /// What is odd about the table.
    pub notes: Vec<Note>,
    /// What the table itself occupies.
    pub(crate) reserved: Vec<Extent>,
    /// The disk's size in bytes.
    pub(crate) size: u64,
}

impl Layout {
    /// What belongs to no partition and not to the table itself, ascending. Empty without a table.
    ///
    /// Between an MBR and the first partition a boot loader keeps its code, so that gap is not in the list.
    pub fn unused(&self) -> Vec<Extent> {
        if self.table == Table::None {
            return Vec::new();
        }
        let mut used: Vec<Extent> = self
            .partitions
            .iter()
            .map(|partition| partition.extent)
            .collect();
        used.extend(&self.reserved);
        if self.table == Table::Mbr {
            let first = self
                .partitions
                .iter()
                .map(|partition| partition.extent.offset)
                .min();
            used.push(Extent {
                offset: 0,
                length: first.unwrap_or(self.size),
            });
        }
        gaps(used, self.size)
    }
}

/// What `used` leaves free of `0..size`.
fn gaps(mut used: Vec<Extent>, size: u64) -> Vec<Extent> {
    used.sort();
    let mut gaps = Vec::new();
    let mut position = 0;
    for extent in used {
        if extent.offset > position {
            gaps.push(Extent {
                offset: position,
                length: extent.offset - position,
            });
        }
        position = position.max(extent.range().end);
    }
    if position < size {
        gaps.push(Extent {
            offset: position,
            length: size - position,
        });
    }
    gaps
}
