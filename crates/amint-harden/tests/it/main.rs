//! The catalogue against real file systems, real shells and shellcheck.

mod disks;
mod near_misses;
mod scripts;
mod shellcheck;
mod support;
mod violations;
