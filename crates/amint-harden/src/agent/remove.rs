//! How an agent gets off the builder, and whether it did.

use amint_inspect::{Tree, TreeError};

use crate::finding::Finding;
use crate::rule::MP_CLEAN_005;

/// What the removal is called in the seal and in the marker's list of failures.
pub(crate) const REMOVE: &str = "remove-ssm-agent";

/// A script for the seal that removes the SSM agent and its package. It fails where the agent is a snap.
pub fn remove_script() -> &'static str {
    include_str!("remove.sh")
}

/// What the packages of all distributions install, and what stays when only some of it is removed.
const PATHS: [&str; 12] = [
    "/usr/bin/amazon-ssm-agent",
    "/usr/bin/ssm-agent-worker",
    "/usr/bin/ssm-document-worker",
    "/usr/bin/ssm-session-worker",
    "/usr/bin/ssm-cli",
    "/snap/amazon-ssm-agent",
    "/etc/amazon/ssm",
    "/var/lib/amazon/ssm",
    "/etc/systemd/system/amazon-ssm-agent.service",
    "/etc/systemd/system/multi-user.target.wants/amazon-ssm-agent.service",
    "/lib/systemd/system/amazon-ssm-agent.service",
    "/var/lib/dpkg/info/amazon-ssm-agent.list",
];

/// Findings for what is left of an agent that should be gone.
pub(crate) fn check_removed(tree: &dyn Tree) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for path in PATHS {
        if tree.metadata(path)?.is_some() {
            let message = "left of the SSM agent, which should have been removed";
            findings.push(MP_CLEAN_005.at(path, message));
        }
    }
    Ok(findings)
}
