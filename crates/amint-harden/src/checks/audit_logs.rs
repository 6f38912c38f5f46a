//! `audit-logs`: what the audit does with a log that is full.

use amint_inspect::TreeError;

use crate::check::Check;
use crate::disk::DiskContext;
use crate::finding::Finding;
use crate::rule::CIS_AUDIT_001;

/// The catalogue's entry.
pub const CHECK: Check = Check {
    id: "audit-logs",
    title: "the audit keeps its logs",
    why: "How much room there is for logs, only the product knows.",
    rules: &["CIS-AUDIT-001"],
    disk_check: check,
};

const CONFIG: &str = "/etc/audit/auditd.conf";
/// Largest file of settings that is read, in bytes.
const MAX_SIZE: usize = 1 << 20;

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let Some(text) = disk.text(CONFIG, MAX_SIZE)? else {
        return Ok(Vec::new());
    };
    let settings = text.lines().filter_map(|line| line.split_once('='));
    let mut actions =
        settings.filter(|(key, _)| key.trim().eq_ignore_ascii_case("max_log_file_action"));
    let keeps = |value: &str| value.trim().eq_ignore_ascii_case("keep_logs");
    if actions.next_back().is_some_and(|(_, value)| keeps(value)) {
        return Ok(Vec::new());
    }
    let message = "max_log_file_action is not keep_logs: old logs are deleted";
    Ok(vec![CIS_AUDIT_001.at(CONFIG, message)])
}
