//! Disks of images, read over the EBS direct API.
//!
//! - [`open()`]: an image's disks.
//! - `source`: one disk as the inspection wants it: bytes at any offset, on blocking threads. `ahead`: what will be
//!   asked for next.
//! - `pool`: blocks in memory, bounded, shared by all disks that are open; `limit`: how fast AWS lets them be read.
//! - `snapshot`: a snapshot's blocks, each checked against its checksum; `listing`: which there are.

mod ahead;
mod limit;
mod listing;
mod open;
mod pool;
mod snapshot;
mod source;

pub(crate) use open::{mapping, open};
pub(crate) use pool::Pool;
pub(crate) use snapshot::{Snapshot, checksum};
