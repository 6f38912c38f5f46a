//! What the allocation groups keep for themselves, and the inodes that are free.

use super::claims::Claims;
use crate::file_system::FileSystemError;
use crate::region::Region;
use crate::source::Extent;
use crate::xfs::btree::Seen;
use crate::xfs::group::{Chunk, Inodes, Space, header_blocks};
use crate::xfs::inode::{number, place};
use crate::xfs::volume::Volume;

/// Claims headers, trees and free inodes. What no file claims of the inodes in use is metadata.
pub(super) fn claim(volume: &Volume<'_>, claims: &mut Claims) -> Result<(), FileSystemError> {
    for group in 0..volume.superblock.groups {
        let start = volume.block_in(group, 0, 1)?;
        claims.claim(volume.extent(start, header_blocks(volume)), |_| {
            Region::Metadata
        });
        let space = Space::read(volume, group)?;
        let inodes = Inodes::read(volume, group)?;
        let trees = std::iter::once(&space.by_block).chain(&space.others);
        for tree in trees.chain(&inodes.free_tree) {
            tree.walk(volume, &mut |seen| {
                if let Seen::Node(block) = seen {
                    claims.claim(volume.extent(block, 1), |_| Region::Metadata);
                }
                Ok(())
            })?;
        }
        inodes.tree.walk(volume, &mut |seen| {
            match seen {
                Seen::Node(block) => claims.claim(volume.extent(block, 1), |_| Region::Metadata),
                Seen::Record(record) => {
                    chunk(volume, group, &Chunk::parse(volume, record), claims);
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn chunk(volume: &Volume<'_>, group: u32, chunk: &Chunk, claims: &mut Claims) {
    for (inode, is_free) in chunk.inodes() {
        let Some(extent) = extent(volume, number(volume, group, inode)) else {
            continue;
        };
        match is_free {
            true => claims.claim(extent, |_| Region::FreeInode),
            false => claims.default_to_metadata(extent),
        }
    }
}

/// Where an inode lies on the disk.
pub(super) fn extent(volume: &Volume<'_>, inode: u64) -> Option<Extent> {
    let (block, offset) = place(volume, inode).ok()?;
    Some(Extent {
        offset: volume.extent(block, 1).offset + offset,
        length: volume.superblock.inode_size as u64,
    })
}
