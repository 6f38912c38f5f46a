//! Where a symbolic link leads.

use super::content::fill;
use super::fork::runs;
use super::inode::{Format, Inode};
use super::volume::{Expected, Header, Volume};
use crate::bytes::u32_be;
use crate::file_system::FileSystemError;
use crate::inodes::MAX_TARGET;

const MAGIC: u32 = u32::from_be_bytes(*b"XSLM");
/// Where a version 5 extent of a target, or of an attribute's value, says what it is; its bytes follow.
pub(super) const REMOTE: Header = Header {
    checksum: 12,
    place: 40,
    uuid: 16,
    owner: 32,
    of_group: false,
};
pub(super) const REMOTE_SIZE: usize = 56;

/// The target of `link`, never empty.
pub(super) fn target(volume: &Volume<'_>, link: &Inode) -> Result<Vec<u8>, FileSystemError> {
    let length = match link.size {
        0 => return Err(link.damaged("an empty symbolic link")),
        size if size > MAX_TARGET => return Err(link.damaged("a symbolic link that is too long")),
        size => size as usize,
    };
    if link.data.format == Format::Local {
        let target = link.data.bytes.get(..length).map(<[u8]>::to_vec);
        return target.ok_or_else(|| link.damaged("a symbolic link that is too long"));
    }
    if !volume.superblock.v5 {
        let mut target = vec![0; length];
        fill(volume, link, &link.data, 0, &mut target)?;
        return Ok(target);
    }
    let mut target = Vec::with_capacity(length);
    // A header in each extent, however small: no more of them than bytes.
    for run in runs(volume, link, &link.data, 0, length as u64)? {
        let most = (length - target.len() + REMOTE_SIZE) as u64;
        let blocks = run.blocks.min(most.div_ceil(volume.superblock.block_size));
        let mut bytes = vec![0; (blocks * volume.superblock.block_size) as usize];
        volume.read(run.physical, 0, &mut bytes)?;
        let part = remote(volume, link, &bytes, run.physical, (MAGIC, target.len()))?;
        target.extend_from_slice(part);
        if target.len() >= length {
            break;
        }
    }
    target.truncate(length);
    match target.len() == length {
        true => Ok(target),
        false => Err(link.damaged("a symbolic link with a hole")),
    }
}

/// What follows the header of `bytes`, which lie at block `number`: the part that begins at the second of `expected`.
pub(super) fn remote<'a>(
    volume: &Volume<'_>,
    inode: &Inode,
    bytes: &'a [u8],
    number: u64,
    expected: (u32, usize),
) -> Result<&'a [u8], FileSystemError> {
    let (magic, position) = expected;
    let expected = Expected {
        what: &format!("a value of inode {}", inode.number),
        header: &REMOTE,
        owner: inode.number,
    };
    volume.verify(bytes, number, &expected)?;
    let length = u32_be(bytes, 8) as usize;
    if u32_be(bytes, 0) != magic || u64::from(u32_be(bytes, 4)) != position as u64 || length == 0 {
        return Err(inode.damaged("a value that belongs elsewhere"));
    }
    bytes
        .get(REMOTE_SIZE..REMOTE_SIZE + length)
        .ok_or_else(|| inode.damaged("a value that is longer than its block"))
}
