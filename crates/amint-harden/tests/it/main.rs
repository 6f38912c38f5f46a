//! The catalogue against real file systems, real shells and shellcheck.

mod access;
mod agent;
mod chroot;
mod cis;
mod data_disks;
mod disks;
mod distributions;
#[allow(unreachable_pub)] // A library of its own when it is fuzzed.
#[path = "../../fuzz/src/lib.rs"]
mod fuzzed;
mod hidden;
mod hostile;
mod leftovers;
mod near_leftovers;
mod near_misses;
mod partitions;
mod residue;
mod scripts;
mod seal;
mod shellcheck;
mod sshd;
mod ssm;
mod stand_ins;
mod support;
mod trees;
mod violations;
