//! `disable-root-ssh`

use amint_inspect::TreeError;

use super::disable_password_ssh::origin;
use crate::disk::DiskContext;
use crate::finding::Finding;
use crate::rule::MP_SSH_002;
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "disable-root-ssh",
    title: "refuse root logins over SSH",
    why: "Administrators log in by name and use sudo. The check also reports what lets root in under \
          a Match; it passes where root needs a key, as AWS's policy does.",
    rules: &["MP-SSH-002"],
    applies: "where an SSH server is configured",
    stage: Stage::Attached,
    script: include_str!("disable-root-ssh.sh"),
    live_check: Some(include_str!("disable-root-ssh.check.sh")),
    disk_check: check,
};

const KEYWORD: &str = "permitrootlogin";

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let Some(sshd) = &disk.sshd else {
        return Ok(Vec::new());
    };
    let mut findings = Vec::new();
    for config in sshd.configs() {
        let default = config.build().default(KEYWORD).concat();
        if config.is_default(KEYWORD) && default == "yes" {
            let message = "PermitRootLogin is not set, and its default may be yes in this OpenSSH";
            findings.push(MP_SSH_002.at(config.file(), message));
        }
    }
    let open = sshd
        .in_force(KEYWORD)
        .filter(|setting| setting.value() == "yes");
    let message = |setting| format!("PermitRootLogin is yes{}", origin(setting));
    findings.extend(open.map(|setting| MP_SSH_002.at(&setting.file, message(setting))));
    Ok(findings)
}
