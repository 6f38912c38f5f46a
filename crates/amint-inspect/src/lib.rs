//! Reads disks, and holds no opinion about what it finds.
//!
//! - [`source`]: where bytes come from ([`BlockSource`]); [`raw`] is a raw disk file or a block
//!   device, holes skipped, [`qcow2`] an image of that format, and [`window`] a part of a disk. [`open()`](open) tells
//!   them apart.
//! - [`partition`]: partition tables (GPT, MBR, none), and what belongs to nobody.
//! - [`probe`](mod@probe): which file system an extent holds; [`identity`](mod@identity): what it calls itself;
//!   [`zeros`]: whether there is anything at all.
//! - [`tree`]: a read-only file tree ([`Tree`]); [`file_system`] opens one in a partition, whichever kind it is of:
//!   [`ext4`], [`xfs`], [`vfat`]. `inodes` is what they have in common; [`mounted`] makes one tree of several.
//! - [`map`]: the free blocks of a file system; [`region`]: what an offset belongs to;
//!   [`scrub`]: what cleans a disk from outside, [`slack`] among it; [`name`]: how names become text.
//! - [`search`]: one streaming pass over every written byte: patterns and the disk's digest.
//!
//! Disks are hostile input: no panic, no unbounded allocation, no path that leaves the tree.

mod bytes;
pub mod ext4;
pub mod file_system;
pub mod identity;
mod inodes;
pub mod map;
pub mod mounted;
pub mod name;
mod open;
pub mod partition;
pub mod probe;
pub mod qcow2;
pub mod raw;
pub mod region;
pub mod scrub;
pub mod search;
pub mod slack;
pub mod source;
pub mod tree;
pub mod vfat;
pub mod window;
pub mod xfs;
pub mod zeros;

pub use file_system::{FileSystem, FileSystemError};
pub use map::FreeMap;
pub use open::open;
pub use source::{BlockSource, Extent, ReadError};
pub use tree::{Attribute, EntryKind, Metadata, Tree, TreeError};
