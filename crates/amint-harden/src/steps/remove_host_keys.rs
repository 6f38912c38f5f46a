//! `remove-host-keys`

use amint_inspect::TreeError;

use crate::disk::{DiskContext, walk};
use crate::finding::Finding;
use crate::rule::MP_CLEAN_001;
use crate::sshd::path;
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
/// What a private key begins with, whatever its format: the line names it (RFC 7468).
const HEAD: usize = 64;

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut paths: Vec<String> = walk(disk.tree, FOLDER)?
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    // A host key may be kept anywhere that sshd is told of.
    let named: Vec<String> = disk
        .sshd
        .iter()
        .flat_map(|sshd| sshd.all("hostkey"))
        .filter_map(|setting| path::absolute(setting.arguments.first()?, &disk.accounts))
        .collect();
    paths.extend(named.iter().cloned());
    paths.sort();
    paths.dedup();
    let mut findings = Vec::new();
    for path in paths {
        let head = disk.tree.read(&path, HEAD)?.unwrap_or_default();
        if !head.is_empty() && (named.contains(&path) || has_key_name(&path) || is_private(&head)) {
            findings.push(MP_CLEAN_001.at(path, "an SSH host key"));
        }
    }
    Ok(findings)
}

fn has_key_name(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.starts_with("ssh_host_")
        || ["_key", "_key.pub", "_key-cert.pub"]
            .iter()
            .any(|suffix| name.ends_with(suffix))
}

fn is_private(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    head.starts_with("-----BEGIN ") && head.contains("PRIVATE KEY-----")
}
