//! `root-password`: whether root has one.

use amint_inspect::TreeError;

use crate::accounts::PasswordKind;
use crate::check::Check;
use crate::disk::DiskContext;
use crate::finding::Finding;
use crate::rule::CIS_ACCT_007;

/// The catalogue's entry.
pub const CHECK: Check = Check {
    id: "root-password",
    title: "root has a password",
    why: "No step sets one: every instance would have the same. A first-boot secret can.",
    rules: &["CIS-ACCT-007"],
    disk_check: check,
};

const SHADOW: &str = "/etc/shadow";

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let message = match disk.accounts.password(SHADOW, "root") {
        Some(PasswordKind::Hash) => return Ok(Vec::new()),
        _ => "root has no password that could be typed at a console",
    };
    Ok(vec![CIS_ACCT_007.at(SHADOW, message)])
}
