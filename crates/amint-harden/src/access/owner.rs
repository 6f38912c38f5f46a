//! The account that gets the launch key, and its rights.

use amint_inspect::TreeError;

use super::cloud_init::{CloudInit, Owner};
use crate::disk::{DiskContext, join};
use crate::finding::Finding;
use crate::rule::{MP_SSH_005, MP_SSH_006};

const SUDOERS: &str = "/etc/sudoers";
/// Largest file of sudo's rules that is read, in bytes.
const MAX_SIZE: usize = 1 << 20;

pub(super) fn check(
    disk: &DiskContext<'_>,
    cloud_init: &CloudInit,
) -> Result<Vec<Finding>, TreeError> {
    let Some(owner) = &cloud_init.user else {
        let message = "cloud-init makes no account that gets the launch key";
        return Ok(vec![MP_SSH_005.at(&cloud_init.file, message)]);
    };
    let mut findings = Vec::new();
    if owner.name == "root" {
        let message = "the launch key goes to root, and root is locked";
        findings.push(MP_SSH_005.at(&cloud_init.file, message));
    }
    if owner.name != "root" && !owner.sudo && !has_rule(disk, owner)? {
        let message = format!("the account {} has no rule of sudo", name(owner));
        findings.push(MP_SSH_006.at(&cloud_init.file, message));
    }
    Ok(findings)
}

/// Names come from the disk, and findings are one line.
fn name(owner: &Owner) -> String {
    owner
        .name
        .chars()
        .filter(|c| !c.is_control())
        .take(64)
        .collect()
}

/// Whether sudo has a rule for the account or for one of the groups that it is put into.
fn has_rule(disk: &DiskContext<'_>, owner: &Owner) -> Result<bool, TreeError> {
    let folder = format!("{SUDOERS}.d");
    let others = disk.tree.list(&folder)?;
    let others = others.iter().map(|name| join(&folder, name));
    for file in std::iter::once(SUDOERS.to_owned()).chain(others) {
        let text = disk.text(&file, MAX_SIZE)?.unwrap_or_default();
        let mut subjects = text
            .lines()
            .filter_map(|line| line.split_whitespace().next());
        let names = |subject: &str| match subject.strip_prefix('%') {
            Some(group) => owner.groups.iter().any(|other| other == group),
            None => subject == owner.name,
        };
        if subjects.any(names) {
            return Ok(true);
        }
    }
    Ok(false)
}
