//! One streaming pass over every written byte of a disk: what occurs in it, and its digest.
//!
//! - [`scan`]: the pass.
//! - `plan`: which bytes are read together, so that no match falls between two reads.
//! - `matcher`: many patterns at once, every occurrence; `sampler` is its fast path for long ones.
//! - `secret`: secrets that show by their own shape.
//! - `digest`: a digest of the content that does not depend on where the holes are.
//!
//! Worker threads read and search whole units, and merge their results in order. Memory is bounded by the
//! number of workers, not by the disk.

mod digest;
mod matcher;
mod plan;
mod sampler;
mod scan;
mod secret;

pub use digest::{BLOCK_SIZE, DIGEST_NAME};
pub use scan::{Hit, MAX_HITS, MAX_SECRETS, Options, Pattern, Scan, ScanError, scan};
pub use secret::{Secret, SecretKind};
