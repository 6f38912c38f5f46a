//! `refuse-blank-passwords`

use amint_inspect::TreeError;

use super::trace::warning;
use crate::disk::{DiskContext, expand};
use crate::finding::Finding;
use crate::rule::MP_SEC_005;
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "refuse-blank-passwords",
    title: "let PAM refuse blank passwords",
    why: "Distributions let in whom the account files give a blank password. No account has one when the image \
          ships, and none should open to anybody when one gets it later.",
    rules: &["MP-SEC-005"],
    applies: "where PAM is configured",
    stage: Stage::Detached,
    script: include_str!("refuse-blank-passwords.sh"),
    live_check: None,
    disk_check: check,
};

/// Largest file of settings that is read, in bytes.
const MAX_SIZE: usize = 1 << 20;

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for path in expand(disk.tree, "", "/etc/pam.d/*")? {
        let text = disk.text(&path, MAX_SIZE)?.unwrap_or_default();
        if text.lines().any(allows_blank) {
            findings.push(warning(
                MP_SEC_005.at(path, "lets in whoever has a blank password"),
            ));
        }
    }
    Ok(findings)
}

fn allows_blank(line: &str) -> bool {
    let allows = |word| word == "nullok" || word == "nullok_secure";
    !line.trim_start().starts_with('#') && line.split_whitespace().any(allows)
}
