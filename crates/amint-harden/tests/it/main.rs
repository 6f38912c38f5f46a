//! The catalogue against real file systems, real shells and shellcheck.

mod disks;
mod hidden;
mod near_misses;
mod scripts;
mod shellcheck;
mod support;
mod violations;
