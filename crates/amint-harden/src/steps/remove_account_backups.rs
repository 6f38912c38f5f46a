//! `remove-account-backups`

use amint_inspect::TreeError;

use crate::accounts::holds_hash;
use crate::disk::DiskContext;
use crate::finding::{Finding, Location};
use crate::rule::{MP_CLEAN_006, MP_SEC_006};
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "remove-account-backups",
    title: "remove the copies that tools keep of account files",
    why: "After a password was removed, /etc/shadow- still holds its hash, or a blank field.",
    rules: &["MP-CLEAN-006", "MP-SEC-006"],
    applies: "always",
    stage: Stage::Detached,
    script: include_str!("remove-account-backups.sh"),
    live_check: None,
    disk_check: check,
};

/// The same names as in the script.
const NAMES: [&str; 6] = ["passwd", "shadow", "group", "gshadow", "subuid", "subgid"];
const SUFFIXES: [&str; 9] = [
    "-",
    "~",
    ".bak",
    ".old",
    ".orig",
    ".rpmorig",
    ".rpmsave",
    ".dpkg-bak",
    ".dpkg-old",
];
const KICKSTARTS: [&str; 3] = ["anaconda-ks.cfg", "initial-setup-ks.cfg", "original-ks.cfg"];
/// What the copies are of; their password fields are judged elsewhere.
const ORIGINALS: [&str; 3] = ["passwd", "shadow", "gshadow"];
/// Where PAM keeps the hashes of an account's former passwords (pam_pwhistory(8)).
const OLD_PASSWORDS: &str = "/etc/security/opasswd";
/// Largest copy that is searched for hashes, in bytes.
const MAX_SIZE: usize = 4 << 20;

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for name in NAMES {
        let beside = SUFFIXES.iter().map(|suffix| format!("/etc/{name}{suffix}"));
        for path in beside.chain([format!("/var/backups/{name}.bak")]) {
            if disk.tree.metadata(&path)?.is_none() {
                continue;
            }
            findings.push(MP_CLEAN_006.at(&path, format!("a copy of /etc/{name}")));
            let secret = name.ends_with("shadow") || name == "passwd";
            if secret
                && disk
                    .text(&path, MAX_SIZE)?
                    .is_some_and(|text| holds_hash(&text))
            {
                findings.push(MP_SEC_006.at(&path, "holds a password"));
            }
        }
    }
    // Copies with names that nobody foresaw are judged by what they hold.
    for name in disk.tree.list("/etc")? {
        let path = format!("/etc/{name}");
        let foreseen = ORIGINALS.contains(&name.as_str())
            || findings
                .iter()
                .any(|one: &Finding| one.location == Location::Path(path.clone()));
        let secret = name.contains("passwd") || name.contains("shadow");
        if secret
            && !foreseen
            && disk
                .text(&path, MAX_SIZE)?
                .is_some_and(|text| holds_hash(&text))
        {
            findings.push(MP_SEC_006.at(path, "holds a password"));
        }
    }
    if disk.has_content(OLD_PASSWORDS)? {
        findings.push(MP_SEC_006.at(OLD_PASSWORDS, "holds passwords that were replaced"));
    }
    for name in KICKSTARTS {
        let path = format!("/root/{name}");
        let text = disk.text(&path, MAX_SIZE)?.unwrap_or_default();
        let password = |line: &str| line.trim_start().starts_with("rootpw ") && line.contains('$');
        if text.lines().any(password) {
            findings.push(MP_SEC_006.at(path, "holds root's password"));
        }
    }
    Ok(findings)
}
