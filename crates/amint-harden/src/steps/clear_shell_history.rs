//! `clear-shell-history`

use amint_inspect::TreeError;

use super::trace::{Trace, left};
use crate::disk::DiskContext;
use crate::finding::Finding;
use crate::rule::MP_CLEAN_002;
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "clear-shell-history",
    title: "remove the histories of shells and interactive programs",
    why: "Every account's home is looked at, wherever it is: histories of services' accounts are \
          the ones that are forgotten.",
    rules: &["MP-CLEAN-002"],
    applies: "always",
    stage: Stage::Detached,
    script: include_str!("clear-shell-history.sh"),
    live_check: None,
    disk_check: check,
};

/// The same patterns as in the script. A shell's temporary file and an editor's copy have the name and more.
const HISTORIES: [&str; 22] = [
    ".*history",
    ".*history[-.~]*",
    ".histfile",
    ".lesshs*",
    ".viminf*",
    ".vim/.netrwhist",
    ".wget-hsts",
    ".dbshell",
    ".bash_sessions/*",
    ".zsh_sessions/*",
    ".mongodb/mongosh/*history*",
    ".config/*/*history",
    ".cache/*/*history",
    ".local/share/wget-hsts",
    ".local/share/*history*",
    ".local/share/*/*history*",
    ".local/share/recently-used.xbel",
    ".local/share/nvim/shada/*.shada",
    ".local/state/nvim/shada/*.shada",
    ".local/state/lesshst",
    ".local/state/*history*",
    ".local/state/*/*history*",
];

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let traces = HISTORIES.map(|pattern| Trace::new(pattern, &MP_CLEAN_002, "a history"));
    let mut findings = Vec::new();
    for home in disk.homes() {
        findings.extend(left(disk, home, &traces)?);
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::{HISTORIES, STEP};

    #[test]
    fn the_script_removes_what_the_check_finds() {
        for pattern in HISTORIES {
            assert!(STEP.script.contains(&format!("/{pattern}")), "{pattern}");
        }
    }
}
