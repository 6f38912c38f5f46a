//! XFS, version 5 and the older version 4, read-only, from metadata that is not trusted.
//!
//! - [`XfsTree`]: the file tree, for disk checks.
//! - `map`: which blocks are free, and what of the log may go, for scrubbing.
//! - `owners`: what an offset belongs to, by one walk over everything in use.
//!
//! Below them, each on the ones before: `superblock` (geometry and features), `volume` (bounded reads, and blocks
//! that say where they are), `group` (an allocation group's headers), `btree` (its trees), `inode`, `fork` (where a
//! file's blocks are), `content`, `directory`, `link`, `attributes` and `acl`; `log` (whether anything waits in it).
//!
//! Everything that the disk can claim is bounded before it costs memory or time. Checksums are verified where the
//! file system has them (version 5). The layout is that of the kernel's "XFS Algorithms & Data Structures". A log
//! that has to be replayed is not: the tree is then what lies on the disk.

mod acl;
mod attributes;
mod btree;
mod checksum;
mod content;
mod directory;
mod fork;
mod group;
mod inode;
mod link;
mod log;
pub(crate) mod map;
mod owners;
mod superblock;
mod tree;
mod volume;

pub use tree::XfsTree;
