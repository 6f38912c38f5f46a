//! `remove-config-backups`

use amint_inspect::TreeError;

use super::trace::{Trace, left, warning};
use crate::disk::{DiskContext, walk};
use crate::finding::Finding;
use crate::glob;
use crate::rule::MP_CLEAN_006;
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "remove-config-backups",
    title: "remove the copies of configuration files that editors and package managers leave",
    why: "What was taken out of a file is still in the copy beside it. A version history of /etc is reported, \
          not removed.",
    rules: &["MP-CLEAN-006"],
    applies: "always",
    stage: Stage::Detached,
    script: include_str!("remove-config-backups.sh"),
    live_check: None,
    disk_check: check,
};

/// The same names as in the script.
const COPIES: [&str; 18] = [
    "*~",
    "*.bak",
    "*.old",
    "*.orig",
    "*.save",
    ".*.sw[a-p]",
    "#*#",
    "*.rpmsave",
    "*.rpmorig",
    "*.rpmnew",
    "*.dpkg-old",
    "*.dpkg-bak",
    "*.dpkg-dist",
    "*.dpkg-new",
    "*.dpkg-tmp",
    "*.ucf-old",
    "*.ucf-dist",
    "*.ucf-new",
];
const IN_HOMES: [Trace; 3] = [copy("*~"), copy(".*~"), copy(".*.sw[a-p]")];
/// etckeeper(8) records every version of every file in /etc, the shadow file among them.
const HISTORIES: [Trace; 2] = [
    Trace::new(
        "/etc/.git/HEAD",
        &MP_CLEAN_006,
        "a history of everything in /etc",
    ),
    Trace::new(
        "/etc/.hg/requires",
        &MP_CLEAN_006,
        "a history of everything in /etc",
    ),
];

const fn copy(pattern: &'static str) -> Trace {
    Trace::new(pattern, &MP_CLEAN_006, "an editor's copy").warning()
}

/// What account files are called; copies of those are judged by another step.
const ACCOUNT_FILES: [&str; 6] = ["passwd", "shadow", "group", "gshadow", "subuid", "subgid"];

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = left(disk, "", &HISTORIES)?;
    for (path, metadata) in walk(disk.tree, "/etc")? {
        let name = path.rsplit('/').next().unwrap_or_default();
        // A shell's star does not match a leading dot; find's does.
        let fits = |pattern: &&str| {
            glob::matches(pattern, name) || glob::matches(&format!(".{pattern}"), name)
        };
        let of_accounts = ACCOUNT_FILES
            .iter()
            .any(|file| name.starts_with(file) && path == format!("/etc/{name}"));
        if COPIES.iter().any(fits) && metadata.size > 0 && !of_accounts {
            findings.push(warning(
                MP_CLEAN_006.at(path, "a copy of a configuration file"),
            ));
        }
    }
    for home in disk.homes() {
        // Histories' copies are histories.
        let copies = left(disk, home, &IN_HOMES)?.into_iter();
        findings.extend(copies.filter(|finding| !finding.location.to_string().contains("history")));
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::{COPIES, STEP};

    #[test]
    fn the_script_removes_what_the_check_finds() {
        for pattern in COPIES {
            assert!(
                STEP.script.contains(&format!("-name '{pattern}'")),
                "{pattern}"
            );
        }
    }
}
