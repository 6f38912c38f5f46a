//! A file's bytes.

use super::inline;
use super::inode::{Inode, flag};
use super::runs::runs;
use super::volume::Volume;
use crate::file_system::FileSystemError;
use crate::inodes::MAX_CONTENT;

/// The first `limit` bytes of `inode`, fewer when it is shorter. Holes are zeros.
pub(super) fn content(
    volume: &Volume<'_>,
    inode: &Inode,
    limit: u64,
) -> Result<Vec<u8>, FileSystemError> {
    if inode.has(flag::ENCRYPTED) {
        return Err(FileSystemError::Encrypted);
    }
    let length = inode.size.min(limit);
    if length > MAX_CONTENT {
        return Err(FileSystemError::TooLarge {
            what: format!("inode {}", inode.number),
            limit: MAX_CONTENT,
        });
    }
    let mut bytes = vec![0; length as usize];
    fill(volume, inode, 0, &mut bytes)?;
    Ok(bytes)
}

/// Fills `buffer` from `offset` of `inode` on. Holes are zeros.
pub(super) fn fill(
    volume: &Volume<'_>,
    inode: &Inode,
    offset: u64,
    buffer: &mut [u8],
) -> Result<(), FileSystemError> {
    if inode.has(flag::ENCRYPTED) {
        return Err(FileSystemError::Encrypted);
    }
    buffer.fill(0);
    if inode.has(flag::INLINE_DATA) {
        let data = inline::data(inode)?;
        let there = data.get(offset.min(data.len() as u64) as usize..);
        for (byte, stored) in buffer.iter_mut().zip(there.unwrap_or_default()) {
            *byte = *stored;
        }
        return Ok(());
    }
    let block_size = volume.superblock.block_size;
    let wanted_end = offset.saturating_add(buffer.len() as u64);
    for run in runs(volume, inode, wanted_end.div_ceil(block_size))?
        .iter()
        .filter(|run| run.written)
    {
        let start = (run.logical * block_size).max(offset);
        let end = ((run.logical + run.blocks) * block_size).min(wanted_end);
        if start >= end {
            continue;
        }
        let (block, into) = (
            run.physical + start / block_size - run.logical,
            start % block_size,
        );
        if let Some(part) = buffer.get_mut((start - offset) as usize..(end - offset) as usize) {
            volume.read(block, into, part)?;
        }
    }
    Ok(())
}
