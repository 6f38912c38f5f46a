//! One QEMU process.
//!
//! - [`spec`]: what the machine is, and the command line that makes it so.
//! - [`process`]: the process: started, watched over its monitor, ended.

mod process;
mod spec;

pub(crate) use process::{End, Machine, saved_file_uri};
pub(crate) use spec::{Accelerator, Boot, MachineSpec, Paths};
