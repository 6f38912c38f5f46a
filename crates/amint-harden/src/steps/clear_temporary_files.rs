//! `clear-temporary-files`

use amint_inspect::TreeError;

use crate::disk::{DiskContext, walk};
use crate::finding::Finding;
use crate::rule::MP_CLEAN_005;
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "clear-temporary-files",
    title: "empty the folders for temporary files",
    why: "Installers unpack there, and leave what they forget.",
    rules: &["MP-CLEAN-005"],
    applies: "always",
    stage: Stage::Detached,
    script: include_str!("clear-temporary-files.sh"),
    live_check: None,
    disk_check: check,
};

/// The same folders as in the script.
const FOLDERS: [&str; 3] = ["/tmp", "/var/tmp", "/lost+found"];

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for folder in FOLDERS {
        let left = walk(disk.tree, folder)?.into_iter();
        findings.extend(left.map(|(path, _)| MP_CLEAN_005.at(path, "a temporary file")));
    }
    Ok(findings)
}
