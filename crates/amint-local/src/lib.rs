//! A cloud that is one QEMU machine on this computer: no account, no network service.
//!
//! - `options`: where things are kept ([`LocalOptions`]).
//! - `cloud`: [`LocalCloud`], the port's methods, each a few lines on what follows.
//! - `base`: base images in the cache: a Debian made here, or the user's own disk.
//! - `machine`: one QEMU process: its command line, its monitor, how it ended.
//! - `launch`: a builder's machine, started.
//! - `warm`: a booted machine saved to a file, so that the next builder's agent answers at once.
//! - `agent`, `guest`: the guest agent, and commands and files through it.
//! - `builder`: a machine over its reboots, until it is stopped or gone.
//! - `accel`: whether KVM works here, found out by trying.
//!
//! Everything a build makes is in two folders named after it: the runtime folder (sockets, process
//! id, console) and a hidden one in the output folder (the disk). That is how it is found again.

mod accel;
mod agent;
mod base;
mod builder;
mod cache;
mod cloud;
mod files;
mod guest;
mod kernel;
mod launch;
mod machine;
mod options;
mod program;
mod warm;

pub use cloud::LocalCloud;
pub use options::LocalOptions;
