//! `lock-root-password`

use amint_inspect::TreeError;

use crate::accounts::PasswordKind;
use crate::disk::DiskContext;
use crate::finding::Finding;
use crate::rule::MP_SSH_007;
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "lock-root-password",
    title: "delete root's password, then lock the account",
    why: "An image must hold no password, and a hash is one, also behind a lock. Administrators log in by \
          name and use sudo.",
    rules: &["MP-SSH-007", "MP-SEC-006"],
    applies: "always",
    stage: Stage::Detached,
    script: include_str!("lock-root-password.sh"),
    live_check: None,
    disk_check: check,
};

const SHADOW: &str = "/etc/shadow";

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let message = match disk.accounts.password(SHADOW, "root") {
        Some(PasswordKind::Locked) => return Ok(Vec::new()),
        Some(_) => "root is not locked",
        None => "root has no entry, so it is not locked",
    };
    Ok(vec![MP_SSH_007.at(SHADOW, message)])
}
