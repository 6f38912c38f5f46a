//! `clear-package-cache`

use amint_inspect::{EntryKind, TreeError};

use crate::disk::{DiskContext, join, walk};
use crate::finding::{Finding, Severity};
use crate::rule::MP_CLEAN_005;
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "clear-package-cache",
    title: "remove downloaded packages and package lists",
    why: "They are stale when an instance starts, and make the image larger. What is left is a \
          warning: it is no secret.",
    rules: &["MP-CLEAN-005"],
    applies: "always",
    stage: Stage::Detached,
    script: include_str!("clear-package-cache.sh"),
    live_check: None,
    disk_check: check,
};

/// The same folders as in the script.
const FOLDERS: [&str; 6] = [
    "/var/cache/apt",
    "/var/lib/apt/lists",
    "/var/cache/dnf",
    "/var/cache/libdnf5",
    "/var/cache/yum",
    "/var/cache/PackageKit",
];

/// The same as in the script, in every home.
const IN_HOMES: [&str; 8] = [
    ".npm/_cacache",
    ".npm/_logs",
    ".cargo/registry",
    ".cache/pip",
    ".cache/uv",
    ".cache/go-build",
    ".cache/yarn",
    ".cache/composer",
];

/// One finding a folder: thousands of lists say no more than one.
fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    let in_homes = disk
        .homes()
        .iter()
        .flat_map(|home| IN_HOMES.map(|folder| join(home, folder)));
    for folder in FOLDERS.map(str::to_owned).into_iter().chain(in_homes) {
        let files: Vec<_> = walk(disk.tree, &folder)?
            .into_iter()
            .filter(|(_, metadata)| metadata.kind == EntryKind::File && metadata.size > 0)
            .collect();
        if let [(path, _), others @ ..] = files.as_slice() {
            let message = match others.len() {
                0 => "a package manager's cache".to_owned(),
                more => format!("a package manager's cache, with {more} more files"),
            };
            let finding = MP_CLEAN_005.at(path, message);
            findings.push(Finding {
                severity: Severity::Warning,
                ..finding
            });
        }
    }
    Ok(findings)
}
