//! A FAT file system: its geometry, its table, and bounded reads.

use super::boot::Boot;
use super::table::{Next, Table};
use crate::file_system::FileSystemError;
use crate::source::{BlockSource, Extent};
use crate::window::Window;

/// A file's clusters: runs of adjacent ones, by the first and their number.
pub(super) type Runs = Vec<(u32, u32)>;

pub(super) struct Volume<'a> {
    pub(super) window: Window<'a>,
    pub(super) boot: Boot,
    pub(super) table: Table,
}

impl<'a> Volume<'a> {
    pub(super) fn open(
        source: &'a dyn BlockSource,
        partition: Extent,
    ) -> Result<Self, FileSystemError> {
        let window = Window::new(source, partition)?;
        let boot = Boot::read(&window)?;
        let copy = boot.tables.get(boot.active).copied().unwrap_or_default();
        let table = Table::read(&window, &boot, copy)?;
        Ok(Self {
            window,
            boot,
            table,
        })
    }

    /// Cleanly unmounted.
    pub(super) fn is_clean(&self) -> bool {
        !self.boot.dirty && self.table.is_clean()
    }

    /// The clusters of a file that begins with `first`.
    pub(super) fn chain(&self, first: u32) -> Result<Runs, FileSystemError> {
        let mut runs: Runs = Vec::new();
        let (mut cluster, mut steps) = (first, 0);
        loop {
            steps += 1;
            if steps > self.boot.clusters {
                return Err(FileSystemError::corrupt(
                    "a chain of clusters leads back to itself",
                ));
            }
            if self.boot.offset(cluster).is_none() {
                return Err(FileSystemError::corrupt(format!(
                    "there is no cluster {cluster}"
                )));
            }
            match runs.last_mut() {
                Some((start, count)) if *start + *count == cluster => *count += 1,
                _ => runs.push((cluster, 1)),
            }
            cluster = match self.table.next(cluster) {
                Next::Cluster(next) => next,
                Next::End => return Ok(runs),
                Next::Free | Next::Bad => {
                    return Err(FileSystemError::corrupt(format!(
                        "a file goes on in cluster {cluster}, which the table has as unused"
                    )));
                }
            };
        }
    }

    /// Fills `buffer` from `offset` of the file in `runs` on.
    pub(super) fn fill(
        &self,
        runs: &Runs,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<(), FileSystemError> {
        let (mut position, mut filled) = (0, 0);
        for (first, count) in runs {
            let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) else {
                return Ok(());
            };
            let length = u64::from(*count) * self.boot.cluster;
            let wanted = offset + filled as u64;
            if wanted < position + length {
                let within = wanted - position;
                let start = self.boot.offset(*first).unwrap_or_default() + within;
                let part = (length - within).min(rest.len() as u64) as usize;
                if let Some(part) = rest.get_mut(..part) {
                    self.window.read_at(start, part)?;
                }
                filled += part;
            }
            position += length;
        }
        match filled < buffer.len() {
            true => Err(FileSystemError::corrupt(
                "a file has fewer clusters than its size asks for",
            )),
            false => Ok(()),
        }
    }
}
