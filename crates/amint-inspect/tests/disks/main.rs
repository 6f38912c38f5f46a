//! Real disks, made by the tools that make them everywhere, read back by this crate.

#![allow(clippy::print_stderr, clippy::unwrap_used, unreachable_pub)]

mod attributes;
mod fixture;
mod furnished;
mod hostile;
mod kernel;
mod layouts;
mod map;
mod mounted;
mod owners;
mod partition;
mod qcow2;
mod raw;
mod replay;
mod scan;
mod secret_samples;
mod secrets;
mod slack;
mod tree;
mod vfat;
mod xfs;
