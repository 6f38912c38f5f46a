//! `reset-network`

use amint_inspect::TreeError;

use super::trace::{Trace, left, warning};
use crate::disk::{DiskContext, expand};
use crate::finding::Finding;
use crate::rule::MP_CLEAN_005;
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "reset-network",
    title: "remove what was written for the builder's network, and its host name",
    why: "Settings that name the builder's network card leave an instance without a network, and every instance \
          would bear the builder's name. Files that cloud-init writes for each instance are removed where it \
          still looks after the network.",
    rules: &["MP-CLEAN-005"],
    applies: "always",
    stage: Stage::Detached,
    script: include_str!("reset-network.sh"),
    live_check: None,
    disk_check: check,
};

/// What cloud-init writes; the same paths as in the script.
const BY_CLOUD_INIT: [Trace; 7] = [
    card("/etc/netplan/50-cloud-init.yaml"),
    card("/etc/NetworkManager/conf.d/99-cloud-init.conf"),
    card("/etc/NetworkManager/conf.d/30-cloud-init-ip6-addr-gen-mode.conf"),
    card("/etc/NetworkManager/system-connections/cloud-init-*.nmconnection"),
    card("/etc/systemd/network/10-cloud-init-*.network"),
    card("/etc/network/interfaces.d/50-cloud-init"),
    card("/etc/network/interfaces.d/50-cloud-init.cfg"),
];
/// What others write; the same paths as in the script.
const BY_OTHERS: [Trace; 5] = [
    card("/var/lib/NetworkManager/seen-bssids"),
    card("/var/lib/NetworkManager/timestamps"),
    card("/var/lib/NetworkManager/internal-*.conf"),
    card("/etc/udev/rules.d/75-persistent-net-generator.rules"),
    card("/etc/systemd/network/*-cloud-init-*.link"),
];
const SCRIPTS: &str = "/etc/sysconfig/network-scripts/ifcfg-*";
const HOSTNAME: &str = "/etc/hostname";
/// Largest file of settings that is read, in bytes.
const MAX_SIZE: usize = 1 << 20;

const fn card(pattern: &'static str) -> Trace {
    Trace::new(pattern, &MP_CLEAN_005, "written for the builder's network").warning()
}

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = left(disk, "", &BY_OTHERS)?;
    let managed = is_managed(disk)?;
    if managed {
        findings.extend(left(disk, "", &BY_CLOUD_INIT)?);
    }
    for path in expand(disk.tree, "", SCRIPTS)? {
        let text = disk.text(&path, MAX_SIZE)?.unwrap_or_default();
        let names = |line: &str| {
            let keys = ["HWADDR=", "MACADDR=", "HOSTNAME=", "DHCP_HOSTNAME="];
            keys.iter().any(|key| line.starts_with(key))
        };
        let made = managed
            && text
                .lines()
                .any(|line| line.starts_with("# Created by cloud-init"));
        if made || text.lines().any(names) {
            findings.push(warning(
                MP_CLEAN_005.at(path, "written for the builder's network"),
            ));
        }
    }
    let name = disk.text(HOSTNAME, MAX_SIZE)?.unwrap_or_default();
    if name.lines().any(is_given_by_ec2) {
        findings.push(warning(
            MP_CLEAN_005.at(HOSTNAME, "the builder's host name"),
        ));
    }
    Ok(findings)
}

/// Whether cloud-init looks after the network.
fn is_managed(disk: &DiskContext<'_>) -> Result<bool, TreeError> {
    let main = "/etc/cloud/cloud.cfg";
    if !disk.has_content(main)? {
        return Ok(false);
    }
    let mut files = expand(disk.tree, "", "/etc/cloud/cloud.cfg.d/*")?;
    files.push(main.to_owned());
    for path in files {
        let text = disk.text(&path, MAX_SIZE)?.unwrap_or_default();
        let disabled = |line: &str| {
            let setting = line.split('#').next().unwrap_or_default();
            let value = setting
                .split_once("config:")
                .map(|(_, value)| value.trim_start_matches(' '));
            value.is_some_and(|value| {
                value
                    .trim_start_matches(['"', '\''])
                    .starts_with("disabled")
            })
        };
        if text.lines().any(disabled) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `ip-10-0-0-1` or an instance's id, with or without a domain.
fn is_given_by_ec2(name: &str) -> bool {
    let host = name.split('.').next().unwrap_or_default();
    let by_address = host.strip_prefix("ip-").is_some_and(|rest| {
        let number =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        rest.split('-').count() == 4 && rest.split('-').all(number)
    });
    let by_id = host.strip_prefix("i-").is_some_and(|rest| {
        let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (8..=17).contains(&rest.len()) && rest.bytes().all(hex)
    });
    by_address || by_id
}

#[cfg(test)]
mod tests {
    use super::{BY_CLOUD_INIT, BY_OTHERS, STEP, is_given_by_ec2};

    #[test]
    fn the_script_removes_what_the_check_finds() {
        for trace in BY_CLOUD_INIT.iter().chain(&BY_OTHERS) {
            let named = |word: &str| word.trim_end_matches('\\') == trace.pattern();
            assert!(
                STEP.script.split_whitespace().any(named),
                "{}",
                trace.pattern()
            );
        }
    }

    #[test]
    fn names_of_ec2_are_told_from_others() {
        for name in [
            "ip-10-0-0-1",
            "ip-10-0-0-1.ec2.internal",
            "i-0123456789abcdef0",
        ] {
            assert!(is_given_by_ec2(name), "{name}");
        }
        for name in [
            "debian",
            "ip-10-0-0",
            "ip-a-b-c-d",
            "i-machine",
            "localhost.localdomain",
            "",
        ] {
            assert!(!is_given_by_ec2(name), "{name}");
        }
    }
}
