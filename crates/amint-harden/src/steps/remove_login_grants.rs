//! `remove-login-grants`

use amint_inspect::TreeError;

use super::trace::{Trace, left, warning};
use crate::disk::{DiskContext, expand};
use crate::finding::Finding;
use crate::rule::{MP_CLEAN_005, MP_SEC_010};
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "remove-login-grants",
    title: "remove trust in hosts, and the sudo rights of the builder's user",
    why: "A file in a home may let in whoever comes from some host. cloud-init grants sudo to its user again on \
          each instance; other users who need no password for it are reported.",
    rules: &["MP-SEC-010", "MP-CLEAN-005"],
    applies: "always",
    stage: Stage::Detached,
    script: include_str!("remove-login-grants.sh"),
    live_check: None,
    disk_check: check,
};

const IN_HOMES: [Trace; 2] = [trust(".rhosts"), trust(".shosts")];
const SHARED: [Trace; 3] = [
    trust("/etc/hosts.equiv"),
    trust("/etc/shosts.equiv"),
    trust("/etc/ssh/shosts.equiv"),
];

const fn trust(pattern: &'static str) -> Trace {
    Trace::new(pattern, &MP_SEC_010, "lets in whoever comes from a host")
}

/// What cloud-init writes, and where it is installed.
const GRANT: &str = "/etc/sudoers.d/90-cloud-init-users";
const CLOUD_INIT: &str = "/etc/cloud/cloud.cfg";
/// Largest file of rights that is read, in bytes.
const MAX_SIZE: usize = 1 << 20;
/// Ids of people's accounts begin here (login.defs(5)).
const FIRST_UID: u32 = 1000;

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = left(disk, "", &SHARED)?;
    for home in disk.homes() {
        findings.extend(left(disk, home, &IN_HOMES)?);
    }
    let managed = disk.has_content(CLOUD_INIT)?;
    let mut files = expand(disk.tree, "", "/etc/sudoers.d/*")?;
    files.push("/etc/sudoers".to_owned());
    for path in files {
        let text = disk.text(&path, MAX_SIZE)?.unwrap_or_default();
        if managed && path == GRANT && !text.is_empty() {
            findings.push(warning(
                MP_CLEAN_005.at(path, "the sudo rights of the builder's user"),
            ));
            continue;
        }
        for name in text.lines().filter_map(passwordless) {
            let person = |user: &&crate::accounts::User| user.name == name && user.uid >= FIRST_UID;
            if disk.accounts.users.iter().any(|user| person(&user)) {
                let message = format!("lets {name} do something by sudo without a password");
                findings.push(warning(MP_CLEAN_005.at(&path, message)));
            }
        }
    }
    Ok(findings)
}

/// Whom a line of sudoers(5) asks for no password.
fn passwordless(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let rights = line.contains("NOPASSWD:") && !line.starts_with('#');
    line.split_whitespace().next().filter(|_| rights)
}
