//! From a disk to its [`Layout`].

use super::layout::{Layout, Note, Partition, Table};
use super::purpose::Purpose;
use super::{gpt, mbr};
use crate::probe::{FileSystem, probe};
use crate::source::{BlockSource, Extent, ReadError};

/// Logical sector sizes that disks have, the usual one first.
const SECTOR_SIZES: [u64; 2] = [512, 4096];

/// Why a partition table could not be used.
#[derive(Debug, thiserror::Error)]
pub enum PartitionError {
    /// The disk could not be read.
    #[error("cannot read the partition table")]
    Read(#[from] ReadError),
    /// Both copies of the GPT are damaged.
    #[error("both copies of the GPT are damaged: primary: {primary}; backup: {backup}")]
    Damaged {
        /// What is wrong with the first copy.
        primary: String,
        /// What is wrong with the second copy.
        backup: String,
    },
    /// A partition reaches past the end of the disk: the image is truncated or its table is wrong.
    #[error(
        "partition {number} ends at byte {end}, past the end of the disk ({size} bytes): the disk is truncated"
    )]
    PastEnd {
        /// The partition's number, from 1.
        number: u32,
        /// Where it claims to end.
        end: u64,
        /// The disk's size.
        size: u64,
    },
    /// A partition ends before it begins.
    #[error("partition {number} ends before it begins")]
    Backwards {
        /// The partition's number, from 1.
        number: u32,
    },
    /// Two partitions share bytes.
    #[error("partitions {first} and {second} overlap")]
    Overlap {
        /// The one that begins first.
        first: u32,
        /// The other one.
        second: u32,
    },
    /// A logical partition, or a link of the chain that they hang on, lies outside its extended partition.
    #[error("logical partition {number} lies outside the extended partition")]
    OutsideExtended {
        /// The partition's number, from 5.
        number: u32,
    },
    /// The chain of logical partitions leads back to itself, or does not end.
    #[error("the chain of logical partitions does not end")]
    EndlessChain,
    /// A sector in the chain of logical partitions is no table.
    #[error("the chain of logical partitions ends in a sector that is no partition table")]
    BrokenChain,
    /// There is a GPT, and an MBR that says otherwise.
    #[error(
        "the disk has a GPT, and an MBR with partitions of its own: which of them counts depends on who reads it"
    )]
    TwoTables,
    /// A partition lies on the partition table.
    #[error("partition {number} overlaps the partition table")]
    OverlapsTable {
        /// The partition's number, from 1.
        number: u32,
    },
}

/// A partition as its table states it, in sectors, nothing checked yet.
pub(super) struct Claim {
    pub(super) number: u32,
    pub(super) first: u64,
    /// Inclusive.
    pub(super) last: u64,
    pub(super) name: String,
    pub(super) id: String,
    pub(super) purpose: Purpose,
}

/// Reads the partition table of `source`.
///
/// A disk without a table is one partition when it begins with a file system that is known, and has
/// no partition otherwise.
///
/// # Errors
/// See [`PartitionError`]. No size in the table is trusted.
pub fn read(source: &dyn BlockSource) -> Result<Layout, PartitionError> {
    let size = source.size();
    let mbr = mbr::read(source)?;
    for sector in SECTOR_SIZES {
        if let Some(found) = gpt::read(source, sector)? {
            let mut layout = layout(
                Table::Gpt,
                found.claims,
                found.notes,
                found.reserved,
                sector,
                size,
            )?;
            if let Some(mbr) = mbr {
                if !agrees(mbr, &layout)? {
                    return Err(PartitionError::TwoTables);
                }
                layout.notes.push(Note::HybridMbr);
            }
            return Ok(layout);
        }
    }
    if let Some(found) = mbr {
        return master(source, found);
    }
    let disk = Extent {
        offset: 0,
        length: source.size(),
    };
    let partitions = match probe(source, disk)? {
        FileSystem::Unknown => Vec::new(),
        _ => vec![Partition {
            number: 0,
            extent: disk,
            name: String::new(),
            id: String::new(),
            purpose: Purpose::Other,
        }],
    };
    Ok(Layout {
        table: Table::None,
        partitions,
        notes: Vec::new(),
        reserved: Vec::new(),
        size: disk.length,
    })
}

/// Whether an MBR says nothing that the GPT does not say. Without its protective entry, Linux goes by it alone, and
/// firmware by the GPT.
fn agrees(mbr: mbr::Mbr, gpt: &Layout) -> Result<bool, PartitionError> {
    for claim in mbr.claims {
        let named = check(claim, mbr::SECTOR, gpt.size)?.extent;
        if gpt.partitions.iter().all(|one| one.extent != named) {
            return Ok(false);
        }
    }
    Ok(mbr.protective && mbr.extended.is_empty())
}

/// The layout that an MBR describes, logical partitions included.
fn master(source: &dyn BlockSource, found: mbr::Mbr) -> Result<Layout, PartitionError> {
    let (size, sector) = (source.size(), mbr::SECTOR);
    let mut claims = found.claims;
    let mut reserved = vec![Extent {
        offset: 0,
        length: sector,
    }];
    let (mut containers, mut logical) = (Vec::new(), 0);
    for extended in found.extended {
        let chain = mbr::chain(source, &extended, found.signature, logical);
        // An extended partition past the disk's end says more than what is wrong in it.
        containers.push(check(extended, sector, size)?);
        let chain = chain?;
        logical += chain.claims.len() as u32;
        claims.extend(chain.claims);
        reserved.extend(chain.tables);
    }
    let layout = layout(Table::Mbr, claims, Vec::new(), reserved, sector, size)?;
    // What is in an extended partition was checked to be inside; nothing else may be.
    for container in &containers {
        let inside = |partition: &&Partition| {
            partition.number < mbr::FIRST_LOGICAL && overlap(partition.extent, container.extent)
        };
        let mut others = layout.partitions.iter().chain(&containers);
        let other = others.find(|one| one.number != container.number && inside(one));
        if let Some(other) = other {
            return Err(PartitionError::Overlap {
                first: other.number.min(container.number),
                second: other.number.max(container.number),
            });
        }
    }
    Ok(layout)
}

fn layout(
    table: Table,
    claims: Vec<Claim>,
    notes: Vec<Note>,
    reserved: Vec<Extent>,
    sector: u64,
    size: u64,
) -> Result<Layout, PartitionError> {
    let mut partitions = Vec::with_capacity(claims.len());
    for claim in claims {
        partitions.push(check(claim, sector, size)?);
    }
    partitions.sort_by_key(|partition| partition.extent);
    for pair in partitions.windows(2) {
        if let [first, second] = pair
            && first.extent.range().end > second.extent.offset
        {
            return Err(PartitionError::Overlap {
                first: first.number,
                second: second.number,
            });
        }
    }
    let on_table = |partition: &&Partition| {
        reserved
            .iter()
            .any(|table| overlap(*table, partition.extent))
    };
    if let Some(partition) = partitions.iter().find(on_table) {
        return Err(PartitionError::OverlapsTable {
            number: partition.number,
        });
    }
    Ok(Layout {
        table,
        partitions,
        notes,
        reserved,
        size,
    })
}

fn check(claim: Claim, sector: u64, size: u64) -> Result<Partition, PartitionError> {
    let number = claim.number;
    if claim.last < claim.first {
        return Err(PartitionError::Backwards { number });
    }
    let end = claim.last.saturating_add(1).saturating_mul(sector);
    if end > size {
        return Err(PartitionError::PastEnd { number, end, size });
    }
    let offset = claim.first * sector;
    Ok(Partition {
        number,
        extent: Extent {
            offset,
            length: end - offset,
        },
        name: claim.name,
        id: claim.id,
        purpose: claim.purpose,
    })
}

fn overlap(one: Extent, other: Extent) -> bool {
    one.offset < other.range().end && other.offset < one.range().end
}
