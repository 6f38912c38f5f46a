//! Which clusters hold nothing.

use super::boot::FIRST_CLUSTER;
use super::table::{Next, Table};
use super::volume::Volume;
use crate::file_system::FileSystemError;
use crate::map::{FreeMap, MAX_EXTENTS};
use crate::source::{BlockSource, Extent};

/// Reads the map of the FAT file system in `partition`. A cluster is free when every copy of the table says so.
///
/// # Errors
/// When there is none, when it is larger than the partition, or impossible.
pub(crate) fn read(
    source: &dyn BlockSource,
    partition: Extent,
) -> Result<FreeMap, FileSystemError> {
    let volume = Volume::open(source, partition)?;
    let boot = &volume.boot;
    let mut copies = Vec::with_capacity(boot.tables.len());
    for offset in &boot.tables {
        copies.push(Table::read(&volume.window, boot, *offset)?);
    }
    let mut free: Vec<Extent> = Vec::new();
    for cluster in FIRST_CLUSTER..FIRST_CLUSTER + boot.clusters {
        if copies.iter().any(|table| table.next(cluster) != Next::Free) {
            continue;
        }
        let offset = partition.offset + boot.offset(cluster).unwrap_or_default();
        match free.last_mut() {
            Some(last) if last.range().end == offset => last.length += boot.cluster,
            _ => free.push(Extent {
                offset,
                length: boot.cluster,
            }),
        }
        if free.len() > MAX_EXTENTS {
            return Err(FileSystemError::TooLarge {
                what: "the number of free extents".into(),
                limit: MAX_EXTENTS as u64,
            });
        }
    }
    Ok(FreeMap {
        partition,
        free,
        journal: Vec::new(),
        journal_clean: true,
        clean: volume.is_clean(),
    })
}
