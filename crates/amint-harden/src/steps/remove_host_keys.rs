//! `remove-host-keys`

use amint_inspect::TreeError;

use crate::disk::DiskContext;
use crate::finding::Finding;
use crate::rule::MP_CLEAN_001;
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "remove-host-keys",
    title: "remove the SSH host keys",
    why: "Each instance must make its own at its first boot (cloud-init and sshd-keygen do).",
    rules: &["MP-CLEAN-001"],
    applies: "always",
    stage: Stage::Detached,
    script: include_str!("remove-host-keys.sh"),
    live_check: None,
    disk_check: check,
};

const FOLDER: &str = "/etc/ssh";

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let key = |name: &&String| {
        name.starts_with("ssh_host_")
            || ["_key", "_key.pub", "_key-cert.pub"]
                .iter()
                .any(|suffix| name.ends_with(suffix))
    };
    let mut paths: Vec<String> = disk
        .tree
        .list(FOLDER)?
        .iter()
        .filter(key)
        .map(|name| format!("{FOLDER}/{name}"))
        .collect();
    // A host key may be kept anywhere that sshd is told of.
    let named = disk.sshd.iter().flat_map(|sshd| sshd.all("hostkey"));
    paths.extend(named.filter_map(|setting| setting.arguments.first().cloned()));
    paths.sort();
    paths.dedup();
    let mut findings = Vec::new();
    for path in paths {
        if disk.has_content(&path)? {
            findings.push(MP_CLEAN_001.at(path, "an SSH host key"));
        }
    }
    Ok(findings)
}
