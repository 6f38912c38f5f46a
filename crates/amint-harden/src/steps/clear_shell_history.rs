//! `clear-shell-history`

use amint_inspect::TreeError;

use crate::disk::{DiskContext, join};
use crate::finding::Finding;
use crate::glob;
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

/// The same names as in the script, where a pattern does not cover them.
const NAMES: [&str; 7] = [
    ".histfile",
    ".lesshst",
    ".viminfo",
    ".wget-hsts",
    ".local/share/fish/fish_history",
    ".local/state/lesshst",
    ".local/state/nvim/shada/main.shada",
];

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    // A shell's temporary file and an editor's copy have the name and more.
    let history = |name: &String| {
        [".*history", ".*history[-.~]*"]
            .iter()
            .any(|pattern| glob::matches(pattern, name))
    };
    let mut findings = Vec::new();
    for home in disk.homes()? {
        let mut names: Vec<String> = disk.tree.list(&home)?.into_iter().filter(history).collect();
        names.extend(NAMES.map(str::to_owned));
        for name in names {
            let path = join(&home, &name);
            if disk.has_content(&path)? {
                findings.push(MP_CLEAN_002.at(path, "a history"));
            }
        }
    }
    Ok(findings)
}
