//! `clear-logs`

use amint_inspect::{EntryKind, TreeError};

use crate::disk::{DiskContext, walk};
use crate::finding::Finding;
use crate::rule::MP_CLEAN_003;
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "clear-logs",
    title: "empty /var/log: logs, rotated copies, journals, login records",
    why: "Runs in the seal, after everything that logs was stopped: a daemon that still holds its log \
          open would write it again.",
    rules: &["MP-CLEAN-003"],
    applies: "always",
    stage: Stage::Detached,
    script: include_str!("clear-logs.sh"),
    live_check: None,
    disk_check: check,
};

const DATABASES: [&str; 2] = ["/var/lib/wtmpdb/wtmp.db", "/var/lib/lastlog/lastlog2.db"];

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for (path, metadata) in walk(disk.tree, "/var/log")? {
        if metadata.kind == EntryKind::File && metadata.size > 0 {
            findings.push(MP_CLEAN_003.at(path, format!("a log of {} bytes", metadata.size)));
        }
    }
    for path in DATABASES {
        if disk.has_content(path)? {
            findings.push(MP_CLEAN_003.at(path, "a record of logins"));
        }
    }
    Ok(findings)
}
