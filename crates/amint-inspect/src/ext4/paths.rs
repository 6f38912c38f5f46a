//! The names of a few inodes.

use std::collections::{HashMap, HashSet};

use super::directory::Directory;
use super::inode::{Inode, ROOT};
use super::volume::Volume;
use crate::file_system::FileSystemError;
use crate::name;

/// Directories that one walk may lead to: more than any image has.
const MAX_DIRECTORIES: usize = 1 << 20;
/// Longest path in bytes, several times what Linux takes at once (`PATH_MAX`).
const MAX_PATH: usize = 1 << 14;
/// Names of one inode that are compared: as many as an inode can have (`EXT4_LINK_MAX`).
const MAX_LINKS: u32 = 65_000;

/// What was found.
pub(super) struct Paths {
    /// The first path, by byte, of each inode that has one.
    pub(super) paths: HashMap<u32, String>,
    /// Some directory could not be read or is too deep: more may have a name.
    pub(super) incomplete: bool,
}

/// One directory on the way to others.
struct Step {
    parent: usize,
    name: Box<[u8]>,
    /// Length of the whole path.
    length: usize,
}

/// Walks the whole tree for the paths of the inodes that are `wanted`; `directories` are all that there are.
pub(super) fn find(
    volume: &Volume<'_>,
    wanted: &HashSet<u32>,
    mut directories: HashSet<u32>,
) -> Result<Paths, FileSystemError> {
    let mut found: HashMap<u32, (Vec<u8>, u32)> = HashMap::new();
    let mut incomplete = false;
    // In bytes: no more can be in directories than there is, but for small ones in their inodes.
    let superblock = &volume.superblock;
    let mut left = (superblock.blocks + u64::from(superblock.inodes)) * superblock.block_size;
    let mut steps = vec![Step {
        parent: 0,
        name: Box::default(),
        length: 0,
    }];
    if wanted.contains(&ROOT) {
        found.insert(ROOT, (b"/".to_vec(), 1));
    }
    let mut ahead = if wanted.is_empty() {
        Vec::new()
    } else {
        vec![(ROOT, 0)]
    };
    // Each directory once: one that holds itself leads nowhere new.
    directories.remove(&ROOT);
    while let Some((number, step)) = ahead.pop() {
        let read = Inode::read(volume, number).and_then(|inode| {
            left = left
                .checked_sub(inode.size)
                .ok_or_else(|| FileSystemError::corrupt("directories that share their blocks"))?;
            Directory::read(volume, &inode)
        });
        let directory = match read {
            Ok(directory) => directory,
            Err(error @ FileSystemError::Read(_)) => return Err(error),
            Err(_) => {
                incomplete = true;
                continue;
            }
        };
        for (name, inode) in directory.entries() {
            if wanted.contains(&inode) {
                let path = path(&steps, step, name);
                found
                    .entry(inode)
                    .and_modify(|(least, links)| {
                        *links += 1;
                        if *links <= MAX_LINKS && path < *least {
                            least.clone_from(&path);
                        }
                    })
                    .or_insert_with(|| (path.clone(), 1));
            }
            if !directories.remove(&inode) {
                continue;
            }
            let above = steps.get(step).map_or(0, |step| step.length);
            let length = above + 1 + name.len();
            if length > MAX_PATH || steps.len() >= MAX_DIRECTORIES {
                incomplete = true;
                continue;
            }
            ahead.push((inode, steps.len()));
            steps.push(Step {
                parent: step,
                name: name.into(),
                length,
            });
        }
    }
    let paths = found
        .into_iter()
        .map(|(inode, (path, _))| (inode, name::text(&path)))
        .collect();
    Ok(Paths { paths, incomplete })
}

/// The path of `name` in the directory that `step` leads to.
fn path(steps: &[Step], step: usize, name: &[u8]) -> Vec<u8> {
    let mut names = vec![name];
    let mut at = step;
    while let Some(step) = steps.get(at).filter(|_| at != 0) {
        names.push(&step.name);
        at = step.parent;
    }
    names
        .iter()
        .rev()
        .flat_map(|name| std::iter::once(&b'/').chain(name.iter()))
        .copied()
        .collect()
}
