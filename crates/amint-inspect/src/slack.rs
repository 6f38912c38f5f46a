//! What removed names and files leave in blocks that are in use, and how it is cleaned from outside.
//!
//! Free blocks and the journal are [`FreeMap`](crate::FreeMap)'s; [`scrub`](crate::scrub) puts both together, and then nothing
//! removed is left.

use std::ops::ControlFlow;

use crate::ext4;
use crate::file_system::FileSystemError;
use crate::probe::{FileSystem, probe};
use crate::source::{BlockSource, Extent};

/// Bytes to write to the disk in place of those that are there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Patch {
    /// Where, from the start of the disk.
    pub offset: u64,
    /// What; never empty, and at most 64 KiB.
    pub bytes: Vec<u8>,
}

/// What a survey came to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Survey {
    /// How many patches there are.
    pub patches: u64,
    /// How many bytes they have together.
    pub bytes: u64,
    /// Directories and files that were left alone, because what is unused in them can't be told: they are encrypted,
    /// or a Merkle tree follows them.
    pub skipped: u64,
}

/// Hands `sink` the patches that clean the file system in `partition`, in no particular order, until it breaks off.
/// `None` when this is not done for what is there. Nothing is written: who applies the patches does that once the
/// survey has ended well, to a file system that nobody uses. Each patch leaves the file system sound by itself, and
/// there are none where nothing is left.
///
/// On ext4 these are: names in directories behind those that are in use, with checksums made new; what is behind the
/// ends of files, and in blocks that were reserved for them but never written; inodes that are not in use; the unused
/// ends of extent trees' nodes.
///
/// # Errors
/// When the file system was not cleanly unmounted, is damaged, or has a feature that is not known.
pub fn survey(
    source: &dyn BlockSource,
    partition: Extent,
    sink: &mut dyn FnMut(Patch) -> ControlFlow<()>,
) -> Result<Option<Survey>, FileSystemError> {
    Ok(match probe(source, partition)? {
        FileSystem::Ext => Some(ext4::slack::survey(source, partition, sink)?),
        _ => None,
    })
}
