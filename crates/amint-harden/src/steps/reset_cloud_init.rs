//! `reset-cloud-init`

use amint_inspect::{EntryKind, TreeError};

use crate::disk::{DiskContext, walk};
use crate::finding::Finding;
use crate::rule::MP_CLEAN_005;
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "reset-cloud-init",
    title: "make cloud-init see a new instance",
    why: "Its state holds the builder's instance id and user data; with it, an instance that bears \
          the same id would skip its first boot.",
    rules: &["MP-CLEAN-005"],
    applies: "where cloud-init has run",
    stage: Stage::Detached,
    script: include_str!("reset-cloud-init.sh"),
    live_check: None,
    disk_check: check,
};

const STATE: &str = "/var/lib/cloud";

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for name in disk.tree.list(STATE)? {
        let state = match name.as_str() {
            "seed" => continue,
            "scripts" => format!("{STATE}/scripts/vendor"),
            other => format!("{STATE}/{other}"),
        };
        let left = match disk.tree.metadata(&state)? {
            None => false,
            Some(found) if found.kind == EntryKind::Directory => {
                !walk(disk.tree, &state)?.is_empty()
            }
            Some(_) => true,
        };
        if left {
            findings.push(MP_CLEAN_005.at(state, "state of the builder's cloud-init"));
        }
    }
    Ok(findings)
}
