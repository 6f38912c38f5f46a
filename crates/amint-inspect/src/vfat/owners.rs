//! Which file a byte belongs to.

use std::collections::HashMap;

use super::boot::ENTRY;
use super::directory::{Node, REMOVED};
use super::table::Next;
use super::volume::Volume;
use crate::file_system::FileSystemError;
use crate::inodes::MAX_ENTRIES;
use crate::name;
use crate::region::Region;
use crate::source::BlockSource;

/// What the bytes at `offsets`, from the partition's start, belong to.
pub(super) fn owners(volume: &Volume<'_>, offsets: &[u64]) -> Result<Vec<Region>, FileSystemError> {
    let mut search = Search {
        volume,
        asked: HashMap::new(),
        seen: vec![false; volume.boot.clusters as usize + 2],
        found: offsets
            .iter()
            .map(|offset| unowned(volume, *offset))
            .collect(),
    };
    for (index, offset) in offsets.iter().enumerate() {
        if let Some(cluster) = volume.boot.cluster_at(*offset) {
            search
                .asked
                .entry(cluster)
                .or_default()
                .push((index, *offset));
        } else if volume
            .boot
            .root
            .is_some_and(|(at, length)| (at..at + length).contains(offset))
        {
            let region = search.in_directory("/", *offset)?;
            search.answer(index, region);
        }
    }
    search.walk()?;
    Ok(search.found)
}

/// What an offset is that no file claims.
fn unowned(volume: &Volume<'_>, offset: u64) -> Region {
    match volume.boot.cluster_at(offset) {
        _ if offset < volume.boot.data => Region::Metadata,
        None => Region::FreeBlock,
        Some(cluster) if volume.table.next(cluster) == Next::Free => Region::FreeBlock,
        // In use, but no name leads there.
        Some(_) => Region::Unlinked,
    }
}

struct Search<'a> {
    volume: &'a Volume<'a>,
    /// By cluster: which answers it gives, and for which offset.
    asked: HashMap<u32, Vec<(usize, u64)>>,
    /// Clusters that have an owner: each is visited once, so that no disk makes the walk longer than it is.
    seen: Vec<bool>,
    found: Vec<Region>,
}

impl Search<'_> {
    fn walk(&mut self) -> Result<(), FileSystemError> {
        let root = self.volume.root();
        let mut names = 0;
        self.claim(&root, "")?;
        let mut ahead = vec![(root, String::new())];
        while let Some((directory, path)) = ahead.pop() {
            for named in self.volume.directory(&directory)? {
                names += 1;
                if names > MAX_ENTRIES {
                    return Err(FileSystemError::TooLarge {
                        what: "the number of files".into(),
                        limit: MAX_ENTRIES as u64,
                    });
                }
                let path = format!("{path}/{}", name::text(&named.name));
                // A directory that was met before holds itself, or has two names.
                let fresh = self.claim(&named.node, &path)?;
                if named.node.directory && fresh {
                    ahead.push((named.node, path));
                }
            }
        }
        Ok(())
    }

    /// Gives the clusters of `node` to `path`; false when there are none that had no owner.
    fn claim(&mut self, node: &Node, path: &str) -> Result<bool, FileSystemError> {
        let (mut cluster, mut position, mut fresh) = (node.first, 0_u64, false);
        while self.volume.boot.offset(cluster).is_some() {
            match self.seen.get_mut(cluster as usize) {
                Some(seen) if !*seen => *seen = true,
                _ => break,
            }
            fresh = true;
            for (index, offset) in self.asked.remove(&cluster).unwrap_or_default() {
                let start = self.volume.boot.offset(cluster).unwrap_or_default();
                let within = position + offset.saturating_sub(start);
                let region = match node.directory {
                    true if path.is_empty() => self.in_directory("/", offset)?,
                    true => self.in_directory(path, offset)?,
                    false if within < node.size => Region::File(path.to_owned()),
                    false => Region::FileSlack(path.to_owned()),
                };
                self.answer(index, region);
            }
            position += self.volume.boot.cluster;
            match self.volume.table.next(cluster) {
                Next::Cluster(next) => cluster = next,
                Next::Free | Next::End | Next::Bad => break,
            }
        }
        Ok(fresh)
    }

    /// An entry that is in use, or what is left of one. Entries are aligned.
    fn in_directory(&self, path: &str, offset: u64) -> Result<Region, FileSystemError> {
        let mut first = [0];
        self.volume
            .window
            .read_at(offset - offset % ENTRY, &mut first)?;
        Ok(match first {
            [0 | REMOVED] => Region::DirectorySlack(path.to_owned()),
            _ => Region::Directory(path.to_owned()),
        })
    }

    fn answer(&mut self, index: usize, region: Region) {
        if let Some(found) = self.found.get_mut(index) {
            *found = region;
        }
    }
}
