//! Every path from the root on, and the files that no path leads to.

use std::collections::HashSet;

use super::claims::Claims;
use super::file::{Owner, claim};
use crate::file_system::FileSystemError;
use crate::name;
use crate::region::Region;
use crate::xfs::directory::Directory;
use crate::xfs::group::{Inodes, NULL};
use crate::xfs::inode::{Inode, kind, number};
use crate::xfs::volume::Volume;

/// Directories in each other, and more than any path can name.
const MAX_DEPTH: usize = 10_000;
/// Names of directories that are being gone through, at once.
const MAX_NAMES: usize = 4_000_000;

/// A walk that visits each file once, whatever the disk says.
pub(super) struct Walk<'a> {
    volume: &'a Volume<'a>,
    claims: &'a mut Claims,
    /// Directories, files with several names and files without one that were visited.
    seen: HashSet<u64>,
    /// How many extents and entries may still be read. Each takes at least 16 bytes of a sound disk.
    budget: u64,
}

/// A directory that is being gone through.
struct Frame {
    directory: Directory,
    next: usize,
    /// Length of its path.
    path: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(volume: &'a Volume<'a>, claims: &'a mut Claims) -> Self {
        let superblock = &volume.superblock;
        Self {
            volume,
            claims,
            seen: HashSet::new(),
            budget: superblock.blocks * (superblock.block_size / 16),
        }
    }

    fn spend(budget: &mut u64, cost: u64) -> Result<(), FileSystemError> {
        *budget = budget
            .checked_sub(cost)
            .ok_or_else(|| FileSystemError::corrupt("its files do not end"))?;
        Ok(())
    }

    /// Claims what `inode` owns.
    fn claim(&mut self, inode: &Inode, owner: &Owner<'_>) {
        let budget = &mut self.budget;
        let mut spend = || Self::spend(budget, 1);
        claim(self.volume, inode, owner, self.claims, &mut spend);
    }

    /// Goes through all paths, until nothing is open any more.
    pub(super) fn tree(&mut self) -> Result<(), FileSystemError> {
        let mut path = String::new();
        let (mut frames, mut held) = (Vec::new(), 0);
        self.enter(self.volume.superblock.root, &path, &mut frames, &mut held)?;
        while let Some(frame) = frames.last_mut().filter(|_| self.claims.are_open()) {
            path.truncate(frame.path);
            let Some((name, inode)) = frame.directory.entry(frame.next) else {
                held -= frame.directory.len();
                frames.pop();
                continue;
            };
            frame.next += 1;
            path.push('/');
            path.push_str(&name::text(name));
            // What is damaged keeps nothing else from being found.
            let _ = self.enter(inode, &path, &mut frames, &mut held);
        }
        Ok(())
    }

    /// Claims what the file at `path` owns; its names come next when it is a directory.
    fn enter(
        &mut self,
        number: u64,
        path: &str,
        frames: &mut Vec<Frame>,
        held: &mut usize,
    ) -> Result<(), FileSystemError> {
        let inode = Inode::read(self.volume, number)?;
        let is_directory = inode.is(kind::DIRECTORY);
        if (is_directory || inode.links > 1) && !self.seen.insert(number) {
            return Ok(());
        }
        let name = if path.is_empty() { "/" } else { path };
        self.claim(&inode, &Owner::Path(name));
        if !is_directory || frames.len() >= MAX_DEPTH {
            return Ok(());
        }
        // Names are longer than their entries' least, so this is paid before they are read.
        Self::spend(&mut self.budget, inode.size / 16)?;
        let directory = Directory::read(self.volume, &inode)?;
        if *held + directory.len() > MAX_NAMES {
            return Err(FileSystemError::TooLarge {
                what: "the number of names on one path".into(),
                limit: MAX_NAMES as u64,
            });
        }
        *held += directory.len();
        frames.push(Frame {
            directory,
            next: 0,
            path: path.len(),
        });
        Ok(())
    }

    /// Claims what the inodes own that keep quotas.
    pub(super) fn quotas(&mut self) {
        for number in self.volume.superblock.quota_inodes {
            if let Ok(inode) = Inode::read(self.volume, number) {
                self.claim(&inode, &Owner::Other(Region::Metadata));
            }
        }
    }

    /// Claims what files own that lost their last name while they were open.
    pub(super) fn unlinked(&mut self) -> Result<(), FileSystemError> {
        for group in 0..self.volume.superblock.groups {
            for first in Inodes::read(self.volume, group)?.unlinked {
                let mut next = first;
                while next != NULL {
                    let number = number(self.volume, group, next);
                    let Ok(inode) = Inode::read(self.volume, number) else {
                        break;
                    };
                    if !self.seen.insert(number) {
                        break;
                    }
                    self.claim(&inode, &Owner::Other(Region::Unlinked));
                    next = inode.next_unlinked;
                }
            }
        }
        Ok(())
    }
}
