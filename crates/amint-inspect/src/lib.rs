//! Reads disks, and holds no opinion about what it finds.
//!
//! - [`source`]: where bytes come from ([`BlockSource`]); [`raw`] is a raw disk file, holes skipped, and
//!   [`window`] a part of a disk.
//! - [`partition`]: partition tables (GPT, MBR, none), and what belongs to nobody.
//! - [`probe`](mod@probe): which file system an extent holds.
//! - [`tree`]: a read-only file tree ([`Tree`]), and [`ext4`] that offers one from a partition, and a map of
//!   its free blocks; [`region`] attributes an offset by it; [`name`] is how names become text.
//! - [`search`]: one streaming pass over every written byte: patterns and the disk's digest.
//!
//! Disks are hostile input: no panic, no unbounded allocation, no path that leaves the tree.

mod bytes;
pub mod ext4;
pub mod name;
pub mod partition;
pub mod probe;
pub mod raw;
pub mod region;
pub mod search;
pub mod source;
pub mod tree;
pub mod window;

pub use source::{BlockSource, Extent, ReadError};
pub use tree::{EntryKind, Metadata, Tree, TreeError};
