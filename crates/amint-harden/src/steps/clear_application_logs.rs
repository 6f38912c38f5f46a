//! `clear-application-logs`

use amint_inspect::TreeError;

use super::clear_logs::logs;
use crate::disk::DiskContext;
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
        let left = logs(disk, declared)?.into_iter();
        findings.extend(left.map(|(path, size)| {
            MP_CLEAN_003.at(path, format!("an application log of {size} bytes"))
        }));
    }
    Ok(findings)
}
