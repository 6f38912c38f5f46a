//! ext4 (and ext2, ext3), read-only, from metadata that is not trusted.
//!
//! - [`Ext4Tree`]: the file tree, for disk checks.
//! - `map`: which blocks are free and which hold the journal, for scrubbing and attribution.
//! - `owners`, `holdings` (what an inode owns) and `paths`: whom a byte belongs to.
//! - `slack`: patches for what is not in use in blocks that are.
//!
//! Below them, each on the one before: `superblock` (geometry and features), `group` (block group
//! descriptors), `volume` (both, plus bounded reads), `inode` and `inode_table` (which are in use), `runs` (a file's
//! blocks), `attributes` and `acl`, `inline` (content in the inode), `content` (a file's bytes), `used` (which bytes of
//! a directory's blocks mean something) and `directory`; `journal` and `replay` (what waits in it).
//!
//! Everything that the disk can claim is bounded before it costs memory or time. Checksums are verified
//! where the file system has them. The layout is that of the kernel's `Documentation/filesystems/ext4`.

mod acl;
mod attributes;
mod checksum;
mod content;
mod directory;
mod group;
mod holdings;
mod inline;
mod inode;
mod inode_table;
mod journal;
pub(crate) mod map;
mod owners;
mod paths;
mod replay;
mod runs;
pub(crate) mod slack;
mod superblock;
mod tree;
mod used;
mod volume;

pub use tree::Ext4Tree;
