//! `remote-access`: who else may come in.

use amint_inspect::TreeError;

use crate::check::Check;
use crate::disk::{DiskContext, expand};
use crate::finding::Finding;
use crate::glob;
use crate::rule::MP_SEC_010;

/// The catalogue's entry.
pub const CHECK: Check = Check {
    id: "remote-access",
    title: "no agent that lets its maker in is started",
    why: "A product may offer one that the owner turns on; that it is on from the start has to be changed where \
          it was turned on.",
    rules: &["MP-SEC-010"],
    disk_check: check,
};

/// Units of agents for remote access, and of tunnels that are opened from inside.
const AGENTS: [&str; 17] = [
    "anydesk*.service",
    "autossh*.service",
    "chrome-remote-desktop*.service",
    "cloudflared*.service",
    "dwagent.service",
    "frpc*.service",
    "logmein*.service",
    "netbird.service",
    "ngrok*.service",
    "openvpn*.service",
    "reverse-ssh*.service",
    "rustdesk*.service",
    "splashtop*.service",
    "tailscaled.service",
    "teamviewerd.service",
    "teleport.service",
    "zerotier-one.service",
];
/// Units that are started have a link here (systemctl(1), "enable").
const ENABLED: [&str; 4] = [
    "/etc/systemd/system/*.wants/*",
    "/etc/systemd/system/*.requires/*",
    "/usr/lib/systemd/system/*.wants/*",
    "/etc/systemd/user/*.wants/*",
];

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for pattern in ENABLED {
        for path in expand(disk.tree, "", pattern)? {
            let unit = path.rsplit('/').next().unwrap_or_default();
            if AGENTS.iter().any(|agent| glob::matches(agent, unit)) {
                findings.push(MP_SEC_010.at(&path, "starts an agent that lets somebody in"));
            }
        }
    }
    Ok(findings)
}
