//! `remove-registrations`

use amint_inspect::{EntryKind, TreeError};

use super::trace::{Trace, left};
use crate::disk::{DiskContext, walk};
use crate::finding::Finding;
use crate::rule::{MP_CLEAN_005, MP_SEC_006, MP_SEC_007, MP_SEC_008, MP_SEC_010, Rule};
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "remove-registrations",
    title: "remove what the builder got where it was registered",
    why: "Instances that share a certificate, a ticket or an id are one machine to whoever gave it, and take \
          what it may have.",
    rules: &[
        "MP-CLEAN-005",
        "MP-SEC-006",
        "MP-SEC-007",
        "MP-SEC-008",
        "MP-SEC-010",
    ],
    applies: "where the machine was registered with a directory, a subscription or a management server",
    stage: Stage::Detached,
    script: include_str!("remove-registrations.sh"),
    live_check: None,
    disk_check: check,
};

/// Folders in which no file may be left; the same paths as in the script.
const FOLDERS: [(&str, &Rule, &str); 12] = [
    (
        "/etc/pki/consumer",
        &MP_SEC_007,
        "a subscription's certificate",
    ),
    (
        "/etc/pki/entitlement",
        &MP_SEC_007,
        "a subscription's certificate",
    ),
    (
        "/var/lib/ipa-client/pki",
        &MP_SEC_007,
        "what a directory gave",
    ),
    (
        "/var/lib/ipa-client/sysrestore",
        &MP_CLEAN_005,
        "what was before a directory was joined",
    ),
    (
        "/var/lib/sss/db",
        &MP_SEC_006,
        "a directory's users, with hashes of their passwords",
    ),
    ("/var/lib/sss/secrets", &MP_SEC_008, "what a directory gave"),
    ("/var/lib/sss/keytabs", &MP_SEC_007, "what a directory gave"),
    (
        "/var/lib/ubuntu-advantage/private",
        &MP_SEC_008,
        "a subscription's token",
    ),
    (
        "/var/lib/puppet/ssl",
        &MP_SEC_007,
        "a management server's certificate",
    ),
    (
        "/etc/puppetlabs/puppet/ssl",
        &MP_SEC_007,
        "a management server's certificate",
    ),
    (
        "/etc/salt/pki/minion",
        &MP_SEC_007,
        "a management server's key",
    ),
    (
        "/var/lib/ecs/data",
        &MP_CLEAN_005,
        "the state of a container agent",
    ),
];
/// The same paths as in the script.
const FILES: [Trace; 19] = [
    Trace::new(
        "/etc/sysconfig/rhn/systemid",
        &MP_SEC_008,
        "a subscription's id",
    ),
    Trace::new(
        "/etc/sysconfig/rhn/osad-auth.conf",
        &MP_SEC_008,
        "a subscription's password",
    ),
    Trace::new("/etc/ecs/ecs.token", &MP_SEC_008, "a token"),
    Trace::new(
        "/etc/krb5.keytab",
        &MP_SEC_007,
        "the builder's Kerberos keys",
    ),
    Trace::new(
        "/var/lib/samba/private/secrets.tdb",
        &MP_SEC_008,
        "the builder's password in a domain",
    ),
    Trace::new(
        "/var/lib/samba/private/passdb.tdb",
        &MP_SEC_006,
        "hashes of passwords",
    ),
    Trace::new(
        "/etc/samba/secrets.tdb",
        &MP_SEC_008,
        "the builder's password in a domain",
    ),
    Trace::new(
        "/etc/chef/client.pem",
        &MP_SEC_007,
        "a management server's key",
    ),
    Trace::new(
        "/etc/insights-client/machine-id",
        &MP_CLEAN_005,
        "the builder's id",
    ),
    Trace::new(
        "/etc/docker/key.json",
        &MP_SEC_007,
        "a key that identifies the builder",
    ),
    Trace::new(
        "/var/lib/docker/engine-id",
        &MP_CLEAN_005,
        "the builder's id",
    ),
    Trace::new(
        "/var/lib/tailscale/tailscaled.state",
        &MP_SEC_010,
        "membership in a private network",
    ),
    Trace::new(
        "/var/lib/zerotier-one/identity.secret",
        &MP_SEC_010,
        "membership in a private network",
    ),
    Trace::new(
        "/var/lib/zerotier-one/identity.public",
        &MP_SEC_010,
        "membership in a private network",
    ),
    Trace::new(
        "/etc/lvm/devices/system.devices",
        &MP_CLEAN_005,
        "the builder's disks",
    ),
    Trace::new("/var/lib/yum/uuid", &MP_CLEAN_005, "the builder's id"),
    Trace::new("/etc/sysconfig/hw-uuid", &MP_CLEAN_005, "the builder's id"),
    Trace::new("/etc/smolt/uuid", &MP_CLEAN_005, "the builder's id"),
    Trace::new("/etc/smolt/hw-uuid", &MP_CLEAN_005, "the builder's id"),
];

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = left(disk, "", &FILES)?;
    for (folder, rule, what) in FOLDERS {
        for (path, metadata) in walk(disk.tree, folder)? {
            if metadata.kind == EntryKind::File && metadata.size > 0 {
                findings.push(rule.at(path, what));
            }
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::{FILES, FOLDERS, STEP};

    #[test]
    fn the_script_removes_what_the_check_finds() {
        let folders = FOLDERS.iter().map(|(folder, _, _)| *folder);
        for path in folders.chain(FILES.iter().map(|trace| trace.pattern())) {
            assert!(
                STEP.script
                    .split_whitespace()
                    .any(|word| word.trim_end_matches(';') == path),
                "{path}"
            );
        }
    }
}
