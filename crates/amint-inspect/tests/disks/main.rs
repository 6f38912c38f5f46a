//! Real disks, made by the tools that make them everywhere, read back by this crate.

#![allow(clippy::print_stderr, clippy::unwrap_used, unreachable_pub)]

mod attributes;
mod fixture;
mod furnished;
mod hostile;
mod kernel;
mod layouts;
mod map;
mod owners;
mod mounted;
mod partition;
mod qcow2;
mod raw;
mod replay;
mod scan;
mod slack;
mod secret_samples;
mod secrets;
mod tree;
mod xfs;
mod vfat;
