//! FAT12, FAT16 and FAT32 with long names, read-only, from metadata that is not trusted: EFI system partitions.
//!
//! - [`VfatTree`]: the file tree; who owns which cluster is in `owners`.
//! - `map`: which clusters are free.
//!
//! Below them, each on the one before: `boot` (geometry), `table` (the file allocation table), `volume` (both, plus
//! bounded reads) and `directory` (names, short and long).
//!
//! What decides where readers differ is Linux (`fs/fat`), because that is what an instance runs.

mod boot;
mod directory;
pub(crate) mod map;
mod owners;
mod table;
mod tree;
mod volume;

pub use tree::VfatTree;
