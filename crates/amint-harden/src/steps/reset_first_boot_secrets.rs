//! `reset-first-boot-secrets`

use amint_inspect::{EntryKind, TreeError};

use crate::disk::{DiskContext, walk};
use crate::finding::Finding;
use crate::rule::MP_SEC_004;
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "reset-first-boot-secrets",
    title: "remove first-boot secrets that were made on the builder",
    why: "A secret in the image is everybody's; a note that the first boot is over would keep an \
          instance from making its own.",
    rules: &["MP-SEC-004"],
    applies: "where a recipe uses first-boot-secret",
    stage: Stage::Detached,
    script: include_str!("reset-first-boot-secrets.sh"),
    live_check: None,
    disk_check: check,
};

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for (path, metadata) in walk(disk.tree, "/var/lib/amint/secrets")? {
        if metadata.kind != EntryKind::File || metadata.size > 0 {
            findings.push(MP_SEC_004.at(path, "a first-boot secret of the builder"));
        }
    }
    for (path, _) in walk(disk.tree, "/var/lib/amint/first-boot")? {
        if path.ends_with(".done") {
            let message = "says that the first boot is over, so an instance would make no secret";
            findings.push(MP_SEC_004.at(path, message));
        }
    }
    Ok(findings)
}
