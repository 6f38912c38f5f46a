//! A cloud that is one QEMU machine on this computer: no account, no network service.
//!
//! - `options`: where things are kept ([`LocalOptions`]).
//! - `cloud`: [`LocalCloud`], the port's methods, each a few lines on what follows.
//! - `base`: base images in the cache: a Debian made here, or the user's own disk.
//! - `machine`: one QEMU process: its command line, its monitor, what limits its time, how it ended.
//! - `launch`: a builder's machine, started.
//! - `warm`: a booted machine saved to a file, so that the next builder's agent answers at once.
//! - `agent`, `guest`: the guest agent, and commands and files through it.
//! - `builder`: a machine over its reboots, until it is stopped or gone.
//! - `record`: what is written down about a builder, for other processes.
//! - `adopt`: a builder that an earlier process launched, taken over.
//! - `owned`: what there is of a build, listed and released by any process.
//! - `image`: a builder's disk on its way to the published image.
//! - `claim`: the lock on an output folder.
//! - `scratch`: folders that a killed process leaves, and who removes them.
//! - `accel`: whether KVM works here, found out by trying.
//!
//! Everything a build makes is in two folders named after it: the runtime folder (sockets, process
//! id, console) and a hidden one in the output folder (the disk). The build's record, written before
//! either, names both. That is how it is found again.

mod accel;
mod adopt;
mod agent;
mod base;
mod builder;
mod cache;
mod claim;
mod cloud;
mod files;
mod guest;
mod image;
mod kernel;
mod launch;
mod machine;
mod options;
mod owned;
mod program;
mod record;
mod scratch;
mod warm;

pub use cloud::LocalCloud;
pub use options::LocalOptions;
