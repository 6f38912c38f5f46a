//! The SSM agent of a base image that has none: brought by the first boot, removed again by the seal.
//!
//! - [`install_user_data`]: user data for cloud-init, with `install.sh`.
//! - [`remove_script`]: what the seal runs first, `remove.sh`.
//! - `removed`: whether the disk holds an agent after that.

mod install;
mod remove;

pub use install::install_user_data;
pub use remove::remove_script;
pub(crate) use remove::{REMOVE, check_removed};
