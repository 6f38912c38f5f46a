//! `clear-application-logs`

use amint_inspect::{EntryKind, TreeError};

use crate::disk::{DiskContext, walk};
use crate::finding::Finding;
use crate::rule::MP_CLEAN_003;
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "clear-application-logs",
    title: "remove the logs that the recipe declares",
    why: "Products keep logs outside /var/log; the recipe names them in seal.application-logs.",
    rules: &["MP-CLEAN-003"],
    applies: "where the recipe declares application logs",
    stage: Stage::Detached,
    script: include_str!("clear-application-logs.sh"),
    live_check: None,
    disk_check: check,
};

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for declared in disk.application_logs {
        for (path, metadata) in walk(disk.tree, declared)? {
            if metadata.kind == EntryKind::File && metadata.size > 0 {
                let message = format!("an application log of {} bytes", metadata.size);
                findings.push(MP_CLEAN_003.at(path, message));
            }
        }
    }
    Ok(findings)
}
