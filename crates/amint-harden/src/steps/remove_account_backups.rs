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
/// Most copies that are searched; more are hostile.
const MAX_COPIES: usize = 256;

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings: Vec<Finding> = Vec::new();
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
    for path in unforeseen(disk)? {
        let copied = findings
            .iter()
            .any(|one| one.location == Location::Path(path.clone()));
        if !copied
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
        if text.lines().any(sets_root_password) {
            findings.push(MP_SEC_006.at(path, "holds root's password"));
        }
    }
    Ok(findings)
}

/// Whether a line of a kickstart file gives root a password: a word that is no option.
fn sets_root_password(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words.next() == Some("rootpw") && words.any(|word| !word.starts_with("--"))
}

/// Files whose names make one think of passwords. Nobody foresaw them: what they hold decides.
fn unforeseen(disk: &DiskContext<'_>) -> Result<Vec<String>, TreeError> {
    let mut names = disk.tree.list("/etc")?;
    names.retain(|name| {
        (name.contains("passwd") || name.contains("shadow")) && !ORIGINALS.contains(&name.as_str())
    });
    if names.len() > MAX_COPIES {
        return Err(TreeError {
            path: "/etc".to_owned(),
            reason: format!("more than {MAX_COPIES} copies of account files"),
        });
    }
    Ok(names.iter().map(|name| format!("/etc/{name}")).collect())
}
