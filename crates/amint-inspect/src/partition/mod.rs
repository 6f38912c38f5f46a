//! Partition tables: where on the disk the file systems are.
//!
//! - `gpt`: GUID partition tables, with the backup as a way out.
//! - `mbr`: the older table, logical partitions included.
//! - [`Purpose`]: what the table says that a partition is for.
//! - [`Layout`]: what was found; [`Layout::unused`] is what belongs to nobody.

mod gpt;
mod layout;
mod mbr;
mod purpose;
mod read;

pub use layout::{Layout, Note, Partition, Table};
pub use purpose::Purpose;
pub use read::{PartitionError, read};

/// What belongs to no partition and to no partition table: space that a scrub may clear.
///
/// See [`Layout::unused`].
pub fn unused(layout: &Layout) -> Vec<crate::Extent> {
    layout.unused()
}
