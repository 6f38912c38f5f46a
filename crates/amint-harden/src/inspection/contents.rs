//! Partitions without a file tree: swap space, what wraps other file systems, and what nobody knows.

use amint_inspect::partition::{Partition, Purpose};
use amint_inspect::probe::FileSystem as Kind;
use amint_inspect::zeros::first_nonzero;
use amint_inspect::{BlockSource, Extent, ReadError};

use crate::finding::{Finding, Location};
use crate::rule::{AMINT_DISK_001, AMINT_DISK_004, MP_ARCH_007};

/// What a partition that no tree could be opened in means.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) findings: Vec<Finding>,
    /// What was not looked into, and need not be.
    pub(super) not_seen: Option<String>,
}

/// Judges what is in `partition`, which is of this kind.
pub(super) fn judge(
    source: &dyn BlockSource,
    partition: &Partition,
    kind: Kind,
) -> Result<Contents, ReadError> {
    let mut contents = Contents::default();
    let place = called(partition);
    let at = Location::Offset(partition.extent.offset);
    let mut unread = |message: String| {
        contents
            .findings
            .push(AMINT_DISK_001.violated(at.clone(), message));
    };
    match kind {
        Kind::Swap => {
            if let Some(offset) = swapped(source, partition.extent)? {
                let message = format!("{place} is swap space, and something was written to it");
                contents
                    .findings
                    .push(AMINT_DISK_004.violated(Location::Offset(offset), message));
            }
        }
        Kind::Luks | Kind::Bitlocker => {
            unread(format!(
                "{place} is encrypted ({kind}), so nothing in it can be read"
            ));
            contents
                .findings
                .push(MP_ARCH_007.violated(at, format!("{place} is encrypted ({kind})")));
        }
        Kind::Lvm => unread(format!(
            "{place} is an LVM physical volume, and its volumes are not read: \
             put file systems on partitions of their own"
        )),
        Kind::Raid | Kind::Bcache | Kind::Zfs => unread(format!(
            "{place} is a part of something larger ({kind}), which is not read: \
             put file systems on partitions of their own"
        )),
        Kind::Unknown => match first_nonzero(source, partition.extent)? {
            None => {}
            Some(_) if partition.purpose == Purpose::BiosBoot => {
                contents.not_seen = Some(format!("the boot loader's code in {place}"));
            }
            Some(offset) => {
                let message = format!("{place} holds something, but no file system that is known");
                contents
                    .findings
                    .push(AMINT_DISK_001.violated(Location::Offset(offset), message));
            }
        },
        _ => unread(format!(
            "{place} holds a file system that is not read ({kind})"
        )),
    }
    Ok(contents)
}

/// What people call a partition.
pub(super) fn called(partition: &Partition) -> String {
    match partition.number {
        0 => "the disk".to_owned(),
        number => format!("partition {number}"),
    }
}

/// Page sizes of the machines that make swap space, in bytes.
const PAGES: [u64; 4] = [0x1000, 0x2000, 0x4000, 0x10000];
const SIGNATURE: &[u8] = b"SWAPSPACE2";
/// Version, last page, number of bad pages, UUID and label (`include/linux/swap.h`).
const HEADER: Extent = Extent {
    offset: 1024,
    length: 12 + 16 + 16,
};

/// The first byte in swap space that mkswap did not write.
fn swapped(source: &dyn BlockSource, partition: Extent) -> Result<Option<u64>, ReadError> {
    let mut signed = None;
    for page in PAGES {
        let at = page - SIGNATURE.len() as u64;
        let mut found = [0; SIGNATURE.len()];
        if page <= partition.length {
            source.read_at(partition.offset + at, &mut found)?;
            if found == SIGNATURE {
                signed = Some((at, page));
                break;
            }
        }
    }
    // Without the signature, it is a suspended machine's: all of it is content.
    let parts = match signed {
        Some((at, page)) => vec![
            (0, HEADER.offset),
            (HEADER.range().end, at),
            (page, partition.length),
        ],
        None => vec![(0, partition.length)],
    };
    for (start, end) in parts {
        let part = Extent {
            offset: partition.offset + start,
            length: end.saturating_sub(start),
        };
        let found = first_nonzero(source, part)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}
