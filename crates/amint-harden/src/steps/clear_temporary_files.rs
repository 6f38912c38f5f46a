//! `clear-temporary-files`

use amint_inspect::TreeError;

use crate::disk::{DiskContext, walk};
use crate::finding::Finding;
use crate::rule::MP_CLEAN_005;
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "clear-temporary-files",
    title: "empty the folders for temporary files and crash reports",
    why: "Installers unpack into /tmp, and a core dump is a program's whole memory.",
    rules: &["MP-CLEAN-005"],
    applies: "always",
    stage: Stage::Detached,
    script: include_str!("clear-temporary-files.sh"),
    live_check: None,
    disk_check: check,
};

/// The same folders as in the script.
const FOLDERS: [&str; 5] = [
    "/tmp",
    "/var/tmp",
    "/var/crash",
    "/var/spool/abrt",
    "/var/lib/systemd/coredump",
];

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for folder in FOLDERS {
        let left = walk(disk.tree, folder)?.into_iter();
        findings.extend(left.map(|(path, _)| MP_CLEAN_005.at(path, "a temporary file")));
    }
    Ok(findings)
}
