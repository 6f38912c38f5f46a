//! Commands on a builder.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The cloud's name for a command that was started.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct CommandId(pub String);

/// A command for the builder, run by `/bin/sh` as root.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CommandRequest {
    /// The build that it belongs to.
    pub build: String,
    /// Unique in its build; finds the command again after a lost answer.
    pub token: String,
    /// The script. It never holds a secret.
    pub script: String,
    /// When the cloud should give it up by itself.
    pub timeout: Duration,
}

/// Where a command is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum CommandState {
    /// Not finished.
    Running,
    /// Finished with this exit code (128 + signal when killed).
    Finished {
        /// 0 is success.
        exit_code: i32,
    },
}

/// A part of what a command printed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CommandOutput {
    /// stdout and stderr, as they came.
    pub bytes: Vec<u8>,
    /// Whether more is there already.
    pub more: bool,
}

/// How files come onto a builder.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Transfer {
    /// [`Cloud::put_file`](crate::Cloud::put_file) takes them as they are.
    Direct,
    /// By commands that hold parts of them, with [`Cloud::stage_file`](crate::Cloud::stage_file) for large ones.
    Commands {
        /// The most bytes of a file that one command may hold.
        part: usize,
        /// The largest file that is sent that way, in bytes.
        largest: usize,
    },
}

/// A file for the builder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileUpload {
    /// Absolute path; its folder is made when missing.
    pub to: String,
    /// Owner's name; root when absent.
    pub owner: Option<String>,
    /// Group's name; the owner's when absent.
    pub group: Option<String>,
    /// Permission bits.
    pub mode: u32,
    /// What it holds.
    pub content: Vec<u8>,
}
