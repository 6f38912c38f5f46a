//! `ownership`: files that belong to nobody, and programs that run as their owner.

use amint_inspect::TreeError;

use crate::check::Check;
use crate::disk::DiskContext;
use crate::finding::Finding;
use crate::rule::{CIS_PERM_005, CIS_PERM_006};

/// The catalogue's entry.
pub const CHECK: Check = Check {
    id: "ownership",
    title: "files without an owner, and programs with their owner's rights in odd places",
    why: "Whom a file should belong to, and whether a product needs such a program, only whoever made it knows.",
    rules: &["CIS-PERM-005", "CIS-PERM-006"],
    disk_check: check,
};

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let survey = disk.survey()?;
    let unowned = |path: &String| {
        CIS_PERM_005.at(path, "belongs to an account or a group that does not exist")
    };
    let privileged =
        |path: &String| CIS_PERM_006.at(path, "runs with its owner's rights, or with capabilities");
    let findings = survey.unowned.iter().map(unowned);
    Ok(findings
        .chain(survey.privileged.iter().map(privileged))
        .collect())
}
