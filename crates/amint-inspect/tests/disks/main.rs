//! Real disks, made by the tools that make them everywhere, read back by this crate.

#![allow(clippy::unwrap_used, unreachable_pub)]

mod fixture;
mod hostile;
mod kernel;
mod layouts;
mod map;
mod partition;
mod raw;
mod replay;
mod scan;
mod tree;
mod xfs;
