//! `sparse-sha256-v1`: a digest of a disk's content.
//!
//! SHA-256 over the ASCII line `amint-sparse-sha256-v1` and a line feed; the disk's size in bytes (u64, little
//! endian); then, for every block of 512 KiB that is not all zeros, ascending: its index (u64, little endian)
//! and the SHA-256 of its bytes, the last block of the disk padded with zeros.
//!
//! Blocks that hold only zeros count as never written, so equal content has equal digests wherever the holes
//! are. 512 KiB is the block size of EBS direct APIs.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The digest's block size in bytes.
pub const BLOCK_SIZE: u64 = 512 * 1024;
/// What to call the digest where its value is written down.
pub const DIGEST_NAME: &str = "sparse-sha256-v1";

const HEADER: &[u8] = b"amint-sparse-sha256-v1\n";
/// Zeros are looked for in runs of this length, so that a block with content is told early.
const RUN: usize = 4096;

/// The digest of one block that is not all zeros.
pub(super) struct BlockDigest {
    pub(super) index: u64,
    pub(super) sha256: [u8; 32],
}

/// Digests the blocks in `bytes`, which begin at block `first`.
pub(super) fn blocks(first: u64, bytes: &[u8]) -> Vec<BlockDigest> {
    let blocks = bytes.chunks(BLOCK_SIZE as usize).zip(first..);
    blocks
        .filter(|(block, _)| !is_zero(block))
        .map(|(block, index)| BlockDigest {
            index,
            sha256: sha256(block),
        })
        .collect()
}

fn sha256(block: &[u8]) -> [u8; 32] {
    const ZEROS: [u8; RUN] = [0; RUN];
    let mut hasher = Sha256::new();
    hasher.update(block);
    let mut missing = BLOCK_SIZE as usize - block.len();
    while missing > 0 {
        let length = missing.min(RUN);
        hasher.update(&ZEROS[..length]);
        missing -= length;
    }
    hasher.finalize().into()
}

fn is_zero(block: &[u8]) -> bool {
    // A fold without an early exit becomes vector code.
    block
        .chunks(RUN)
        .all(|run| run.iter().fold(0, |all, byte| all | byte) == 0)
}

/// Folds block digests, in order, into the disk's.
pub(super) struct DiskDigest(Sha256);

impl DiskDigest {
    pub(super) fn new(size: u64) -> Self {
        Self(
            Sha256::new()
                .chain_update(HEADER)
                .chain_update(size.to_le_bytes()),
        )
    }

    pub(super) fn add(&mut self, block: &BlockDigest) {
        self.0.update(block.index.to_le_bytes());
        self.0.update(block.sha256);
    }

    /// In lower-case hexadecimal.
    pub(super) fn finish(self) -> String {
        self.0
            .finalize()
            .iter()
            .fold(String::new(), |mut hex, byte| {
                // Writing to a String cannot fail.
                let _ = write!(hex, "{byte:02x}");
                hex
            })
    }
}
