//! Reads disks, and holds no opinion about what it finds.
//!
//! - [`source`]: where bytes come from ([`BlockSource`]); [`raw`] is a raw disk file, holes skipped.
//! - [`partition`]: partition tables (GPT).
//! - [`tree`]: a read-only file tree ([`Tree`]), and [`ext4`] that offers one from a partition.
//! - [`search`]: one streaming pass over every written block: patterns and the disk's digest.
//!
//! Disks are hostile input: no panic, no unbounded allocation, no path that leaves the tree.

pub mod source;
pub mod tree;

pub use source::{BlockSource, Extent, ReadError};
pub use tree::{EntryKind, Metadata, Tree, TreeError};
