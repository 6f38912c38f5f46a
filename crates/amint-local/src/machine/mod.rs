//! One machine.
//!
//! - [`spec`]: what the machine is, and the command line that makes it so.
//! - [`limit`]: what ends it when nobody else does.
//! - [`process`]: its processes, whoever started them.
//! - [`monitor`]: QEMU's monitor, and what it reports.
//! - [`run`]: the machine itself: started or taken over, asked, ended.

mod limit;
mod monitor;
mod process;
mod run;
mod spec;

pub(crate) use limit::Limit;
pub(crate) use process::{end_all, is_running};
pub(crate) use run::{End, Machine, STATE_DEADLINE, saved_file_uri};
pub(crate) use spec::{Accelerator, Boot, MachineSpec, Paths};
