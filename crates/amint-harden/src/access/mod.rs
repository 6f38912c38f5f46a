//! Whether those who should get in can: AWS's vetting and the instance's owner, by key, over SSH. No step makes that
//! so; a recipe can spoil it.
//!
//! - [`check`]: all of it.
//! - `reach`: whether sshd starts, listens and lets the owner in.
//! - `owner`: the account that gets the launch key, and its rights.
//! - [`cloud_init`]: what cloud-init's configuration says about both.

pub mod cloud_init;
mod owner;
mod reach;

use amint_inspect::TreeError;

use crate::disk::DiskContext;
use crate::finding::Finding;
use crate::rule::{AMINT_SSHD_001, MP_SSH_009};
use cloud_init::CloudInit;

/// What keeps people out, and lines of sshd's configuration that cannot be relied on.
///
/// # Errors
/// When the file system is damaged where these things are.
pub fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let cloud_init = CloudInit::read(disk.tree)?;
    let mut findings = Vec::new();
    if let Some(sshd) = &disk.sshd {
        for problem in sshd.problems() {
            let place = match problem.line {
                0 => String::new(),
                line => format!(" (line {line})"),
            };
            findings.push(AMINT_SSHD_001.at(&problem.file, format!("{}{place}", problem.reason)));
        }
        let by_name = sshd
            .in_force("usedns")
            .filter(|setting| setting.value() == "yes");
        findings.extend(by_name.map(|setting| {
            let message = format!("UseDNS is yes (line {})", setting.line);
            MP_SSH_009.at(&setting.file, message)
        }));
        findings.extend(reach::check(disk, sshd, cloud_init.as_ref())?);
    }
    if let Some(cloud_init) = &cloud_init {
        findings.extend(owner::check(disk, cloud_init)?);
    }
    findings.dedup();
    Ok(findings)
}
