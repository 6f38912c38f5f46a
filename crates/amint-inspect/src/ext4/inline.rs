//! Content that is in the inode itself (`inline_data`): in the place of the block map, and behind that in an attribute
//! that nobody else sees.

use std::ops::Range;

use super::attributes::{self, SYSTEM};
use super::inode::{Inode, ROOT_AT, ROOT_SIZE};
use crate::file_system::FileSystemError;

/// The attribute that goes on where the block map's place ends.
pub(super) const NAME: &[u8] = b"data";
/// A directory's entries follow the number of its parent.
const PARENT: usize = 4;

/// All that there is room for; the file's size may be less, or more where it ends in a hole.
pub(super) fn data(inode: &Inode) -> Result<Vec<u8>, FileSystemError> {
    let behind = inode.bytes.get(behind(inode)?).unwrap_or_default();
    Ok([&inode.root, behind].concat())
}

/// Where in the inode the entries of a directory are.
pub(super) fn places(inode: &Inode) -> Result<[Range<usize>; 2], FileSystemError> {
    let here = ROOT_AT + PARENT..ROOT_AT + ROOT_SIZE;
    Ok([here, behind(inode)?])
}

fn behind(inode: &Inode) -> Result<Range<usize>, FileSystemError> {
    let entries = attributes::in_inode(inode)?;
    let found = entries
        .iter()
        .find(|entry| entry.index == SYSTEM && entry.name == NAME);
    Ok(found.map_or(0..0, |entry| attributes::place(inode, entry)))
}
