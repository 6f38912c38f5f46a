//! `clear-package-history`

use amint_inspect::{EntryKind, TreeError};

use super::trace::{Trace, left, warning};
use crate::disk::{DiskContext, walk};
use crate::finding::Finding;
use crate::rule::{MP_CLEAN_005, MP_SEC_006};
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "clear-package-history",
    title: "remove what package managers remember of their use",
    why: "Histories say who installed what and when, by which command. debconf keeps the passwords that packages           were given in the clear.",
    rules: &["MP-CLEAN-005", "MP-SEC-006"],
    applies: "where dnf, yum, rpm or debconf is installed",
    stage: Stage::Detached,
    script: include_str!("clear-package-history.sh"),
    live_check: None,
    disk_check: check,
};

/// The same paths as in the script.
const FILES: [Trace; 5] = [
    history("/var/lib/dnf/history.sqlite*"),
    history("/usr/lib/sysimage/libdnf5/transaction_history.sqlite*"),
    history("/var/lib/rpm/__db.*"),
    history("/usr/lib/sysimage/rpm/__db.*"),
    history("/var/cache/debconf/*-old"),
];
const FOLDERS: [&str; 2] = ["/var/lib/dnf/history", "/var/lib/yum/history"];
/// Answers to debconf's questions of type "password", each with a line for its value.
const PASSWORDS: &str = "/var/cache/debconf/passwords.dat";
/// Largest file of answers that is read, in bytes.
const MAX_SIZE: usize = 4 << 20;

const fn history(pattern: &'static str) -> Trace {
    Trace::new(pattern, &MP_CLEAN_005, "a package manager's memory").warning()
}

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = left(disk, "", &FILES)?;
    for folder in FOLDERS {
        for (path, metadata) in walk(disk.tree, folder)? {
            if metadata.kind == EntryKind::File && metadata.size > 0 {
                findings.push(warning(MP_CLEAN_005.at(path, "a package manager's memory")));
            }
        }
    }
    let answers = disk.text(PASSWORDS, MAX_SIZE)?.unwrap_or_default();
    let set = |line: &str| {
        line.strip_prefix("Value:")
            .is_some_and(|value| !value.trim().is_empty())
    };
    if answers.lines().any(set) {
        findings.push(MP_SEC_006.at(PASSWORDS, "a password that a package was given"));
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::{FILES, FOLDERS, PASSWORDS, STEP};

    #[test]
    fn the_script_removes_what_the_check_finds() {
        let files = FILES.iter().map(|trace| trace.pattern());
        for path in files.chain(FOLDERS).chain([PASSWORDS]) {
            let named = |word: &str| word.trim_end_matches(';') == path;
            assert!(STEP.script.split_whitespace().any(named), "{path}");
        }
    }
}
