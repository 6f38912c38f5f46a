//! XFS disks, made by mkfs.xfs and filled by the kernel where that is allowed, by mkfs.xfs itself elsewhere.

mod files;
mod fixture;
mod hostile;
mod log;
mod map;
mod owners;
mod tree;
