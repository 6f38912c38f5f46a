//! `reset-machine-id`

use amint_inspect::TreeError;

use crate::disk::DiskContext;
use crate::finding::Finding;
use crate::rule::MP_CLEAN_005;
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "reset-machine-id",
    title: "remove the machine id, random seeds and leases",
    why: "Instances that share them get each other's addresses and start from the same randomness.",
    rules: &["MP-CLEAN-005"],
    applies: "always",
    stage: Stage::Detached,
    script: include_str!("reset-machine-id.sh"),
    live_check: None,
    disk_check: check,
};

const MACHINE_ID: &str = "/etc/machine-id";
const DBUS_ID: &str = "/var/lib/dbus/machine-id";

/// The same paths as in the script.
const FILES: [(&str, &str); 11] = [
    ("/var/lib/systemd/random-seed", "a random seed"),
    ("/var/lib/random-seed", "a random seed"),
    ("/var/lib/urandom/random-seed", "a random seed"),
    ("/boot/loader/random-seed", "a random seed"),
    ("/boot/efi/loader/random-seed", "a random seed"),
    ("/efi/loader/random-seed", "a random seed"),
    (
        "/var/lib/systemd/credential.secret",
        "a key that systemd made",
    ),
    (
        "/var/lib/NetworkManager/secret_key",
        "a key that NetworkManager made",
    ),
    ("/var/lib/dhcpcd/duid", "a DHCP identity"),
    ("/var/lib/dhcpcd/secret", "a DHCP identity"),
    (
        "/etc/udev/rules.d/70-persistent-net.rules",
        "the builder's network cards",
    ),
];

const LEASES: [&str; 4] = [
    "/var/lib/dhcp",
    "/var/lib/dhclient",
    "/var/lib/dhcpcd",
    "/var/lib/NetworkManager",
];

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    let mut ids = Vec::new();
    for path in [MACHINE_ID, DBUS_ID] {
        let id = disk.tree.read(path, 64)?.unwrap_or_default();
        let unset = ["", "uninitialized"].contains(&String::from_utf8_lossy(&id).trim());
        // The second is usually a link to the first.
        if !unset && !ids.contains(&id) {
            findings.push(MP_CLEAN_005.at(path, "the builder's machine id"));
            ids.push(id);
        }
    }
    for (path, what) in FILES {
        if disk.has_content(path)? {
            findings.push(MP_CLEAN_005.at(path, what));
        }
    }
    for folder in LEASES {
        for name in disk
            .tree
            .list(folder)?
            .into_iter()
            .filter(|name| name.contains(".lease"))
        {
            let path = format!("{folder}/{name}");
            if disk.has_content(&path)? {
                findings.push(MP_CLEAN_005.at(path, "a DHCP lease"));
            }
        }
    }
    Ok(findings)
}
