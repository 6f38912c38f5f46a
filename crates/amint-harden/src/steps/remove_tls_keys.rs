//! `remove-tls-keys`

use amint_inspect::{EntryKind, TreeError};

use super::trace::warning;
use crate::disk::{DiskContext, walk};
use crate::finding::Finding;
use crate::rule::MP_SEC_007;
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "remove-tls-keys",
    title: "remove the keys of self-signed certificates that are made again",
    why: "A key that a package made when it was installed is the same on every instance. It is removed where a           unit of the package makes it anew; another one is reported.",
    rules: &["MP-SEC-007"],
    applies: "where packages made TLS keys",
    stage: Stage::Detached,
    script: include_str!("remove-tls-keys.sh"),
    live_check: None,
    disk_check: check,
};

const FOLDERS: [&str; 2] = ["/etc/ssl/private", "/etc/pki/tls/private"];
/// Keys that are made anew, and the units that do; the same names as in the script.
const MADE_ANEW: [(&str, &str); 2] = [
    ("/etc/pki/tls/private/localhost.key", "httpd-init.service"),
    ("/etc/ssl/private/ssl-cert-snakeoil.key", "ssl-cert.service"),
];

/// What cannot be removed is a recommendation: only the product knows whether it can do without.
fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for folder in FOLDERS {
        for (path, metadata) in walk(disk.tree, folder)? {
            if metadata.kind != EntryKind::File || metadata.size == 0 || !path.ends_with(".key") {
                continue;
            }
            let finding = MP_SEC_007.at(&path, "a key that every instance would share");
            let unit = MADE_ANEW.iter().find(|(key, _)| *key == path);
            let removed = match unit {
                Some((_, unit)) => has_unit(disk, unit)?,
                None => false,
            };
            findings.push(if removed { finding } else { warning(finding) });
        }
    }
    Ok(findings)
}

fn has_unit(disk: &DiskContext<'_>, unit: &str) -> Result<bool, TreeError> {
    let usual = disk.has_content(&format!("/usr/lib/systemd/system/{unit}"))?;
    Ok(usual || disk.has_content(&format!("/lib/systemd/system/{unit}"))?)
}
