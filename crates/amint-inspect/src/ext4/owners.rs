//! Whom bytes of the disk belong to.
//!
//! Three steps, each only as far as something is still unknown: the bitmaps and fixed tables; every inode that is in
//! use, by number, for the blocks that it owns; and the directory tree, for the names of the few inodes that were hit.
//! Memory goes with what was asked and with the number of directories, never with the disk.
//!
//! Where changes wait in the journal, owners are those after its replay, while what a directory's block holds is
//! what lies on the disk.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::inode_table::InodeTable;
use super::map;
use super::paths;
use super::volume::Volume;
use crate::file_system::FileSystemError;
use crate::region::Region;

/// Which part of an inode a byte is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Part {
    Content,
    Slack,
    Target,
    Attributes,
    Names,
    RemovedNames,
}

impl Part {
    fn region(self, path: &str) -> Region {
        let path = path.to_owned();
        match self {
            Part::Content => Region::File(path),
            Part::Slack => Region::FileSlack(path),
            Part::Target => Region::Link(path),
            Part::Attributes => Region::Attributes(path),
            Part::Names => Region::Directory(path),
            Part::RemovedNames => Region::DirectorySlack(path),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Owner {
    Fixed(Region),
    Inode(u32, Part),
}

/// The regions of `offsets`, which count from the start of the disk.
pub(super) fn owners(volume: &Volume<'_>, offsets: &[u64]) -> Result<Vec<Region>, FileSystemError> {
    let start = volume.window.extent().offset;
    let mut sorted: Vec<u64> = offsets
        .iter()
        .filter_map(|offset| offset.checked_sub(start))
        .collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut search = Search {
        volume,
        owners: vec![None; sorted.len()],
        offsets: sorted,
        directories: HashSet::new(),
        values: HashMap::new(),
        incomplete: false,
    };
    search.fixed()?;
    if search.owners.iter().any(Option::is_none) {
        search.inodes()?;
    }
    let regions = search.name()?;
    Ok(offsets
        .iter()
        .map(|offset| {
            let index = offset
                .checked_sub(start)
                .and_then(|offset| search.offsets.binary_search(&offset).ok());
            let region = index.and_then(|index| regions.get(index));
            region.cloned().unwrap_or(Region::InUse)
        })
        .collect())
}

pub(super) struct Search<'a> {
    pub(super) volume: &'a Volume<'a>,
    /// What was asked about, ascending, in bytes from the start of the file system.
    pub(super) offsets: Vec<u64>,
    /// What is known about each.
    pub(super) owners: Vec<Option<Owner>>,
    /// All directories that are in use.
    pub(super) directories: HashSet<u32>,
    /// Inodes that hold an attribute's value, and whose attribute it is.
    pub(super) values: HashMap<u32, u32>,
    /// Something could not be read: who owns nothing that was read may be named there.
    pub(super) incomplete: bool,
}

impl Search<'_> {
    /// Which of the offsets are in `range`.
    pub(super) fn within(&self, range: Range<u64>) -> Range<usize> {
        let first = self.offsets.partition_point(|at| *at < range.start);
        let end = self.offsets.partition_point(|at| *at < range.end);
        first..end.max(first)
    }

    /// Gives `range` to `owner`, but for what has one.
    pub(super) fn claim(&mut self, range: Range<u64>, owner: &Owner) {
        let range = self.within(range);
        for slot in self.owners.get_mut(range).unwrap_or_default() {
            slot.get_or_insert_with(|| owner.clone());
        }
    }

    pub(super) fn blocks(&self, first: u64, end: u64) -> Range<u64> {
        let size = self.volume.superblock.block_size;
        first.saturating_mul(size)..end.saturating_mul(size)
    }

    /// Notes that something could not be read; an error when the disk itself is to blame.
    pub(super) fn survive<T>(
        &mut self,
        result: Result<T, FileSystemError>,
    ) -> Result<Option<T>, FileSystemError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error @ FileSystemError::Read(_)) => Err(error),
            Err(_) => {
                self.incomplete = true;
                Ok(None)
            }
        }
    }

    /// Free blocks, fixed tables and free inodes.
    fn fixed(&mut self) -> Result<(), FileSystemError> {
        let volume = self.volume;
        let free = match volume.superblock.bigalloc {
            true => Vec::new(),
            false => {
                let free = map::free_blocks(volume);
                self.survive(free)?.unwrap_or_default()
            }
        };
        for (first, end) in free {
            self.claim(self.blocks(first, end), &Owner::Fixed(Region::FreeBlock));
        }
        for (group, number) in volume.groups.iter().zip(0..) {
            let start = group.inode_table * volume.superblock.block_size;
            let inode_size = u64::from(volume.superblock.inode_size);
            let length = u64::from(volume.superblock.inodes_per_group) * inode_size;
            let asked = self.within(start..start.saturating_add(length));
            if asked.is_empty() {
                continue;
            }
            let table = InodeTable::read(volume, group, number);
            let Some(table) = self.survive(table)? else {
                continue;
            };
            for index in asked {
                let Some(offset) = self.offsets.get(index) else {
                    continue;
                };
                // What is in use is told with its inode.
                if !table.is_used(((offset - start) / inode_size) as u32)
                    && let Some(slot) = self.owners.get_mut(index)
                {
                    slot.get_or_insert(Owner::Fixed(Region::FreeInode));
                }
            }
        }
        let tables = inode_tables(volume);
        let metadata = map::metadata(volume);
        for (first, end) in self.survive(metadata)?.unwrap_or_default() {
            for (first, end) in map::without((first, end), &tables) {
                self.claim(self.blocks(first, end), &Owner::Fixed(Region::Metadata));
            }
        }
        let boot = self.blocks(0, volume.superblock.first_data_block);
        self.claim(boot, &Owner::Fixed(Region::Metadata));
        let behind = self.blocks(volume.superblock.blocks, u64::MAX);
        self.claim(behind, &Owner::Fixed(Region::Unmapped));
        let mmp = volume.superblock.mmp_block;
        if mmp != 0 {
            let range = self.blocks(mmp, mmp.saturating_add(1));
            self.claim(range, &Owner::Fixed(Region::Metadata));
        }
        Ok(())
    }

    /// The regions of all offsets, by the names of the inodes that own them.
    fn name(&mut self) -> Result<Vec<Region>, FileSystemError> {
        // An attribute's value is its file's.
        for owner in self.owners.iter_mut().flatten() {
            if let Owner::Inode(number, Part::Content | Part::Slack) = owner
                && let Some(file) = self.values.get(number)
            {
                *owner = Owner::Inode(*file, Part::Attributes);
            }
        }
        let wanted: HashSet<u32> = self
            .owners
            .iter()
            .filter_map(|owner| match owner {
                Some(Owner::Inode(number, _)) => Some(*number),
                _ => None,
            })
            .collect();
        let found = paths::find(self.volume, &wanted, std::mem::take(&mut self.directories))?;
        let nameless = match self.incomplete || found.incomplete {
            true => Region::InUse,
            false => Region::Unlinked,
        };
        let region = |owner: &Option<Owner>| match owner {
            None => Region::InUse,
            Some(Owner::Fixed(region)) => region.clone(),
            Some(Owner::Inode(number, part)) => found
                .paths
                .get(number)
                .map_or_else(|| nameless.clone(), |path| part.region(path)),
        };
        Ok(self.owners.iter().map(region).collect())
    }
}

/// The blocks of all inode tables, ascending.
pub(super) fn inode_tables(volume: &Volume<'_>) -> Vec<map::Range> {
    let superblock = &volume.superblock;
    let length = map::inode_table_blocks(superblock);
    let mut tables: Vec<map::Range> = volume
        .groups
        .iter()
        .map(|group| (group.inode_table, group.inode_table + length))
        .collect();
    tables.sort_unstable();
    tables
}
