//! What a hardening step is.

use amint_inspect::TreeError;

use crate::disk::DiskContext;
use crate::finding::Finding;
use crate::hex;

/// When a step's script runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// As an ordinary command before the seal: its output is seen, its failure stops the build.
    Attached,
    /// Inside the seal, unseen: its exit code is kept in the completion marker.
    Detached,
}

/// How a step's result is read back from a disk.
pub type DiskCheck = fn(&DiskContext<'_>) -> Result<Vec<Finding>, TreeError>;

/// One entry of the catalogue.
#[derive(Debug)]
pub struct HardeningStep {
    /// Its name in profiles, plans and findings.
    pub id: &'static str,
    /// What it does, in a few words.
    pub title: &'static str,
    /// Why it is done.
    pub why: &'static str,
    /// The ids of the rules that it serves.
    pub rules: &'static [&'static str],
    /// Where it has something to do.
    pub applies: &'static str,
    /// When its script runs.
    pub stage: Stage,
    /// The POSIX shell script, as it runs: as root, without arguments unless its head names some.
    pub script: &'static str,
    /// Another script, which asks the running machine whether it worked.
    pub live_check: Option<&'static str>,
    /// How the result is read back from the disk.
    pub disk_check: DiskCheck,
}

impl HardeningStep {
    /// The script and its live check as one command: what an [`Stage::Attached`] step runs.
    pub fn command(&self) -> String {
        match self.live_check {
            None => self.script.to_owned(),
            Some(check) => format!("set -eu\n(\n{}\n)\n(\n{check}\n)\n", self.script),
        }
    }

    /// SHA-256 of [`HardeningStep::command`] (hex).
    pub fn digest(&self) -> String {
        hex::sha256(self.command().as_bytes())
    }
}
