//! The file allocation table: for each cluster, which one comes next.

use super::boot::{Boot, FIRST_CLUSTER, Width};
use crate::bytes::{u16_le, u32_le};
use crate::file_system::FileSystemError;
use crate::source::BlockSource;
use crate::window::Window;

/// Bounds the memory that a table takes, in bytes: 4 million clusters of FAT32.
const MAX_TABLE: u64 = 16 << 20;

/// What the table says about a cluster.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Next {
    Free,
    Cluster(u32),
    /// The last one of its file.
    End,
    Bad,
}

/// One copy of the table.
pub(super) struct Table {
    bytes: Vec<u8>,
    width: Width,
}

impl Table {
    pub(super) fn read(
        window: &Window<'_>,
        boot: &Boot,
        copy: u64,
    ) -> Result<Self, FileSystemError> {
        let length = boot
            .width
            .bytes(u64::from(boot.clusters) + u64::from(FIRST_CLUSTER));
        if length > MAX_TABLE {
            return Err(FileSystemError::TooLarge {
                what: "the file allocation table".into(),
                limit: MAX_TABLE,
            });
        }
        let mut bytes = vec![0; length as usize];
        window.read_at(copy, &mut bytes)?;
        Ok(Self {
            bytes,
            width: boot.width,
        })
    }

    /// The entry as it is; outside the table it reads as free.
    fn raw(&self, cluster: u32) -> u32 {
        let index = cluster as usize;
        match self.width {
            Width::Fat12 => {
                let pair = u16_le(&self.bytes, index + index / 2);
                u32::from(if index.is_multiple_of(2) {
                    pair & 0xfff
                } else {
                    pair >> 4
                })
            }
            Width::Fat16 => u16_le(&self.bytes, index * 2).into(),
            Width::Fat32 => u32_le(&self.bytes, index * 4) & 0x0fff_ffff,
        }
    }

    pub(super) fn next(&self, cluster: u32) -> Next {
        let bad = match self.width {
            Width::Fat12 => 0xff7,
            Width::Fat16 => 0xfff7,
            Width::Fat32 => 0x0fff_fff7,
        };
        match self.raw(cluster) {
            0 => Next::Free,
            entry if entry == bad => Next::Bad,
            entry if entry > bad => Next::End,
            entry => Next::Cluster(entry),
        }
    }

    /// Cleanly unmounted and without errors, by the flags that the second entry carries; FAT12 has none.
    pub(super) fn is_clean(&self) -> bool {
        let clean = match self.width {
            Width::Fat12 => return true,
            Width::Fat16 => 0xc000,
            Width::Fat32 => 0x0c00_0000,
        };
        self.raw(1) & clean == clean
    }
}
