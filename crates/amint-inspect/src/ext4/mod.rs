//! ext4 (and ext2, ext3), read-only, from metadata that is not trusted.
//!
//! - [`Ext4Tree`]: the file tree, for disk checks.
//! - `map`: which blocks are free and which hold the journal, for scrubbing and attribution.
//!
//! Below them, each on the one before: `superblock` (geometry and features), `group` (block group
//! descriptors), `volume` (both, plus bounded reads), `inode`, `runs` (a file's blocks), `content`
//! (a file's bytes) and `directory`; `journal` and `replay` (what waits in it).
//!
//! Everything that the disk can claim is bounded before it costs memory or time. Checksums are verified
//! where the file system has them. The layout is that of the kernel's `Documentation/filesystems/ext4`.

mod checksum;
mod content;
mod directory;
mod group;
mod inode;
mod journal;
pub(crate) mod map;
mod replay;
mod runs;
mod superblock;
mod tree;
mod volume;

pub use tree::Ext4Tree;
