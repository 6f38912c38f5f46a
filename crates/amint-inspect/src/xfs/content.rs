//! The bytes of a fork.

use super::fork::{Run, runs};
use super::inode::{Fork, Inode};
use super::volume::Volume;
use crate::file_system::FileSystemError;

/// Fills `buffer` from `offset` of `fork` on. Holes and what was never written are zeros.
pub(super) fn fill(
    volume: &Volume<'_>,
    inode: &Inode,
    fork: &Fork,
    offset: u64,
    buffer: &mut [u8],
) -> Result<(), FileSystemError> {
    if inode.realtime {
        return Err(FileSystemError::Unsupported("a realtime section".into()));
    }
    let block_size = volume.superblock.block_size;
    let wanted_end = offset.saturating_add(buffer.len() as u64);
    buffer.fill(0);
    let (first, end) = (offset / block_size, wanted_end.div_ceil(block_size));
    for run in runs(volume, inode, fork, first, end)? {
        if let Some((start, end)) = clip(volume, &run, offset, wanted_end).filter(|_| run.written) {
            let block = run.physical + start / block_size - run.logical;
            if let Some(part) = buffer.get_mut((start - offset) as usize..(end - offset) as usize) {
                volume.read(block, start % block_size, part)?;
            }
        }
    }
    Ok(())
}

/// What of `run` is between two positions in its fork, in bytes.
fn clip(volume: &Volume<'_>, run: &Run, from: u64, end: u64) -> Option<(u64, u64)> {
    let size = volume.superblock.block_size;
    let start = (run.logical * size).max(from);
    let end = ((run.logical + run.blocks) * size).min(end);
    (start < end).then_some((start, end))
}
