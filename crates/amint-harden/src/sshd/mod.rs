//! sshd's configuration, read offline the way that sshd reads it.
//!
//! - [`Config`]: all settings in the order in which sshd meets them; the first value of one wins.
//! - `parse`: one line to a keyword and its arguments.
//! - `include`: what an `Include` names.
//!
//! What is set under `Match` is kept apart: for the connections that it matches, it beats the rest.

mod config;
mod include;
mod parse;

pub use config::{Config, Setting};
