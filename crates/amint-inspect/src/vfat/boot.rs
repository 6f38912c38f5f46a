//! The boot sector: geometry and state.

use crate::bytes::{u16_le, u32_le};
use crate::file_system::FileSystemError;
use crate::probe;
use crate::source::BlockSource;
use crate::window::Window;

const SIZE: usize = 512;
/// The first cluster has this number; the table's first two entries are none.
pub(super) const FIRST_CLUSTER: u32 = 2;
/// More clusters than this make FAT16 of FAT12.
const MAX_FAT12: u64 = 4084;
/// Sizes are stored in 32 bits, of which FAT32 uses 28 for a cluster's number.
const MAX_CLUSTERS: u64 = 0x0fff_fff5;
/// An entry of a directory, in bytes.
pub(super) const ENTRY: u64 = 32;

/// How wide an entry of the table is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Width {
    Fat12,
    Fat16,
    Fat32,
}

impl Width {
    /// Bytes that a table with so many entries takes.
    pub(super) fn bytes(self, entries: u64) -> u64 {
        match self {
            Width::Fat12 => (entries * 3).div_ceil(2),
            Width::Fat16 => entries * 2,
            Width::Fat32 => entries * 4,
        }
    }

    /// How many entries fit so many bytes.
    fn entries(self, bytes: u64) -> u64 {
        match self {
            Width::Fat12 => bytes * 2 / 3,
            Width::Fat16 => bytes / 2,
            Width::Fat32 => bytes / 4,
        }
    }
}

/// Geometry, checked for being possible. Offsets and lengths are in bytes, from the partition's start.
#[derive(Debug)]
pub(super) struct Boot {
    pub(super) width: Width,
    pub(super) cluster: u64,
    /// How many clusters there are; the last one's number is one more than this.
    pub(super) clusters: u32,
    pub(super) tables: Vec<u64>,
    /// Which of the tables counts.
    pub(super) active: usize,
    /// The root directory of FAT12 and FAT16, which is no file.
    pub(super) root: Option<(u64, u64)>,
    /// The first cluster of FAT32's root directory.
    pub(super) root_cluster: u32,
    /// Where the first cluster is.
    pub(super) data: u64,
    /// Linux marks a mounted file system as dirty here.
    pub(super) dirty: bool,
}

impl Boot {
    pub(super) fn read(window: &Window<'_>) -> Result<Self, FileSystemError> {
        if window.size() < SIZE as u64 {
            return Err(FileSystemError::Absent(probe::FileSystem::Vfat));
        }
        let mut bytes = [0; SIZE];
        window.read_at(0, &mut bytes)?;
        Self::parse(&bytes, window.size())
    }

    fn parse(bytes: &[u8; SIZE], available: u64) -> Result<Self, FileSystemError> {
        let sector = u64::from(u16_le(bytes, 11));
        let per_cluster = u64::from(bytes[13]);
        let reserved = u64::from(u16_le(bytes, 14));
        let tables = u64::from(bytes[16]);
        let root_entries = u64::from(u16_le(bytes, 17));
        let narrow = u64::from(u16_le(bytes, 22));
        let sectors = match u64::from(u16_le(bytes, 19)) {
            0 => u64::from(u32_le(bytes, 32)),
            sectors => sectors,
        };
        let wide = narrow == 0;
        let table = if wide {
            u64::from(u32_le(bytes, 36))
        } else {
            narrow
        };
        let facts = [
            (
                sector.is_power_of_two() && (512..=4096).contains(&sector),
                "sector size",
            ),
            (per_cluster.is_power_of_two(), "cluster size"),
            (reserved > 0, "number of reserved sectors"),
            ((1..=4).contains(&tables), "number of tables"),
            (table > 0, "table size"),
        ];
        if let Some((_, what)) = facts.iter().find(|(holds, _)| !holds) {
            return Err(FileSystemError::corrupt(format!(
                "impossible {what} in the boot sector"
            )));
        }
        let claimed = sectors * sector;
        if claimed > available {
            return Err(FileSystemError::Truncated { claimed, available });
        }
        let root = (reserved + tables * table) * sector;
        let root_length = (root_entries * ENTRY).next_multiple_of(sector);
        let data = root + root_length;
        let cluster = per_cluster * sector;
        let fit = claimed.saturating_sub(data) / cluster;
        let width = match fit {
            _ if wide => Width::Fat32,
            0..=MAX_FAT12 => Width::Fat12,
            _ => Width::Fat16,
        };
        let named = width
            .entries(table * sector)
            .saturating_sub(FIRST_CLUSTER.into());
        let clusters = fit.min(named).min(MAX_CLUSTERS) as u32;
        if clusters == 0 {
            return Err(FileSystemError::corrupt("no cluster fits the file system"));
        }
        let flags = u16_le(bytes, 40);
        // One table may stand for all of them, and then says which.
        let active = if wide && flags & 0x80 != 0 {
            usize::from(flags & 0xf)
        } else {
            0
        };
        if active as u64 >= tables {
            return Err(FileSystemError::corrupt(
                "impossible active table in the boot sector",
            ));
        }
        if !wide && root_entries == 0 {
            return Err(FileSystemError::corrupt("the root directory has no room"));
        }
        Ok(Self {
            width,
            cluster,
            clusters,
            tables: (0..tables)
                .map(|index| (reserved + index * table) * sector)
                .collect(),
            active,
            root: (!wide).then_some((root, root_entries * ENTRY)),
            root_cluster: if wide { u32_le(bytes, 44) } else { 0 },
            data,
            dirty: bytes[if wide { 65 } else { 37 }] & 1 != 0,
        })
    }

    /// Where a cluster begins; `None` when there is no such cluster.
    pub(super) fn offset(&self, cluster: u32) -> Option<u64> {
        let index = cluster
            .checked_sub(FIRST_CLUSTER)
            .filter(|index| *index < self.clusters)?;
        Some(self.data + u64::from(index) * self.cluster)
    }

    /// Which cluster the byte at `offset` is in.
    pub(super) fn cluster_at(&self, offset: u64) -> Option<u32> {
        let index = offset.checked_sub(self.data)? / self.cluster;
        (index < u64::from(self.clusters)).then_some(index as u32 + FIRST_CLUSTER)
    }
}
