//! Why an ext4 file system, or a part of one, could not be read.

use crate::source::ReadError;

/// Why an ext4 file system, or a part of one, could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Ext4Error {
    /// The disk could not be read.
    #[error("cannot read the file system")]
    Read(#[from] ReadError),
    /// No ext4 superblock.
    #[error("there is no ext4 file system here")]
    NotExt4,
    /// The file system is larger than what holds it.
    #[error(
        "the file system has {claimed} bytes but its partition only {available}: the disk is truncated"
    )]
    Truncated {
        /// What the superblock says.
        claimed: u64,
        /// What is there.
        available: u64,
    },
    /// A feature that this reader does not know.
    #[error("the file system uses {0}, which is not supported")]
    Unsupported(String),
    /// A checksum does not match.
    #[error("the checksum of {0} is wrong")]
    Checksum(String),
    /// Something contradicts itself.
    #[error("the file system is damaged: {0}")]
    Corrupt(String),
    /// Larger than what this reader is willing to hold.
    #[error("{what} is too large: more than {limit}")]
    TooLarge {
        /// What is too large.
        what: String,
        /// How much would be allowed.
        limit: u64,
    },
    /// Encrypted by the file system (fscrypt).
    #[error("it is encrypted")]
    Encrypted,
    /// A path leads through more symbolic links than Linux follows.
    #[error("too many levels of symbolic links")]
    SymlinkLoop,
}

impl Ext4Error {
    pub(super) fn corrupt(what: impl Into<String>) -> Self {
        Ext4Error::Corrupt(what.into())
    }
}
