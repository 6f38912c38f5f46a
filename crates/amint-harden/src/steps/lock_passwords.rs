//! `lock-passwords`, and what password fields may hold.

use amint_inspect::TreeError;

use crate::accounts::PasswordKind;
use crate::disk::DiskContext;
use crate::finding::Finding;
use crate::rule::{AMINT_DISK_003, MP_SEC_005, MP_SEC_006};
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "lock-passwords",
    title: "take every password out of the account files",
    why: "An image must hold no password: a hash is one, also behind a lock, and a blank one opens to anybody. \
          Recipes and packages give some to accounts other than root.",
    rules: &["MP-SEC-005", "MP-SEC-006", "AMINT-DISK-003"],
    applies: "always",
    stage: Stage::Detached,
    script: include_str!("lock-passwords.sh"),
    live_check: None,
    disk_check: check,
};

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for entry in &disk.accounts.passwords {
        let name = &entry.name;
        let finding = match (entry.kind, entry.file) {
            // Without a group password only members may use the group: that is how it should be.
            (PasswordKind::Blank, "/etc/passwd" | "/etc/shadow") => {
                MP_SEC_005.at(entry.file, format!("{name} has a blank password"))
            }
            (PasswordKind::Hash, _) => MP_SEC_006.at(entry.file, format!("{name} has a password")),
            (PasswordKind::LockedHash, _) => MP_SEC_006.at(
                entry.file,
                format!("{name} has a password, locked but still there"),
            ),
            (PasswordKind::Blank | PasswordKind::Locked, _) => continue,
        };
        findings.push(finding);
    }
    for broken in &disk.accounts.broken {
        let message = format!("line {} cannot be understood", broken.line);
        findings.push(AMINT_DISK_003.at(broken.file, message));
    }
    Ok(findings)
}
