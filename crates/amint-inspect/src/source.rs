//! Where a disk's bytes come from.

use std::ops::Range;

/// A run of bytes on a disk. Offsets and lengths are in bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd, serde::Serialize)]
pub struct Extent {
    /// First byte, from the start of the disk.
    pub offset: u64,
    /// Length in bytes; never zero.
    pub length: u64,
}

impl Extent {
    /// The extent as a range of byte offsets.
    pub fn range(&self) -> Range<u64> {
        self.offset..self.offset.saturating_add(self.length)
    }
}

/// A disk that can be read at any offset, from several threads.
pub trait BlockSource: Send + Sync {
    /// The disk's size in bytes.
    fn size(&self) -> u64;

    /// What was ever written: ascending, not overlapping. Everything else reads as zeros.
    fn written(&self) -> Result<Vec<Extent>, ReadError>;

    /// Fills `buffer` from `offset` on; bytes never written are zeros.
    ///
    /// # Errors
    /// A read past the end is [`ReadError::PastEnd`], never a short read.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError>;

    /// What is kept beside the disk and cannot be read through this, such as snapshots in the same file.
    fn unread(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Why bytes could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The range lies outside the disk.
    #[error(
        "read of {length} bytes at offset {offset} goes past the end of the disk ({size} bytes)"
    )]
    PastEnd {
        /// Where the read began.
        offset: u64,
        /// How much was asked for.
        length: u64,
        /// The disk's size.
        size: u64,
    },
    /// The operating system refused.
    #[error("cannot read the disk at offset {offset}")]
    Io {
        /// Where the read began.
        offset: u64,
        /// What the system said.
        source: std::io::Error,
    },
}
