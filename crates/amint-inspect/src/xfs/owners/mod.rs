//! What bytes of the disk belong to: first by what covers the most and costs the least, then by a walk from the root.
//!
//! - `claims`: the offsets that were asked about, and what is known of them. Nothing else grows with the disk.
//! - `group`: trees and free inodes of the allocation groups.
//! - `walk`: every path, once.
//! - `file`: what belongs to one file.

mod claims;
mod file;
mod group;
mod walk;

use self::claims::Claims;
use self::walk::Walk;
use super::log::Log;
use super::map::free_blocks;
use super::volume::Volume;
use crate::file_system::FileSystemError;
use crate::region::Region;

/// What the bytes at `offsets` of the disk belong to, in their order.
///
/// A file or directory that is too damaged to be read leaves what it would own as [`Region::InUse`].
pub(super) fn owners(volume: &Volume<'_>, offsets: &[u64]) -> Result<Vec<Region>, FileSystemError> {
    let mut claims = Claims::new(offsets);
    let all = volume.extent(0, volume.superblock.blocks);
    claims.claim_outside(all, &Region::Unmapped);
    let log = Log::read(volume)?;
    for (first, end) in free_blocks(volume, &log)? {
        claims.claim(volume.extent(first, end - first), |_| Region::FreeBlock);
    }
    claims.claim(log.extent(volume), |_| Region::Journal);
    group::claim(volume, &mut claims)?;
    if claims.are_open() {
        let mut walk = Walk::new(volume, &mut claims);
        walk.tree()?;
        walk.quotas();
        walk.unlinked()?;
    }
    Ok(claims.into_regions())
}
