//! A file's bytes.

use super::error::Ext4Error;
use super::inode::Inode;
use super::runs::runs;
use super::volume::Volume;

/// The most that is read of one file into memory, in bytes.
pub(super) const MAX_CONTENT: u64 = 64 << 20;

/// The first `limit` bytes of `inode`, fewer when it is shorter. Holes are zeros.
pub(super) fn content(
    volume: &Volume<'_>,
    inode: &Inode,
    limit: u64,
) -> Result<Vec<u8>, Ext4Error> {
    if inode.encrypted {
        return Err(Ext4Error::Encrypted);
    }
    let length = inode.size.min(limit);
    if length > MAX_CONTENT {
        return Err(Ext4Error::TooLarge {
            what: format!("inode {}", inode.number),
            limit: MAX_CONTENT,
        });
    }
    let block_size = volume.superblock.block_size;
    let mut bytes = vec![0; length as usize];
    for run in runs(volume, inode, length.div_ceil(block_size))?
        .iter()
        .filter(|run| run.written)
    {
        let start = run.logical * block_size;
        let end = (start + run.blocks * block_size).min(length);
        if let Some(part) = bytes.get_mut(start as usize..end as usize) {
            volume.read(run.physical, 0, part)?;
        }
    }
    Ok(bytes)
}
