//! Firewalls, SELinux, AppArmor and the audit daemon, turned off for good.

use super::shell::{Command, Word};
use super::subject::Material;
use super::{Context, Findings};
use crate::code::Code;

const SERVICES: [&str; 7] = [
    "apparmor",
    "auditd",
    "fail2ban",
    "firewalld",
    "iptables",
    "nftables",
    "ufw",
];

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    for at in material.commands() {
        if let Some(what) = turned_off(at.command) {
            found.warn(
                Code::GuardStopped,
                at.place(),
                format!("this turns off {what} on every instance of the image"),
                "open what the product needs instead, or say with `allow` why it must be off",
            );
        }
    }
}

fn turned_off(command: &Command) -> Option<&'static str> {
    let texts = || command.operands().map(|word| word.text.as_str());
    let service = || {
        let names = texts().map(|name| name.trim_end_matches(".service"));
        let mut known = names.filter_map(|name| SERVICES.iter().find(|service| **service == name));
        known.next().copied()
    };
    match command.name() {
        // A stop alone lasts until the next boot, but so does the build.
        "systemctl" if texts().any(|verb| matches!(verb, "disable" | "mask")) => service(),
        "ufw" if texts().any(|verb| verb == "disable") => Some("the firewall"),
        "iptables" | "ip6tables" if command.has_option("-F") || command.has_option("--flush") => {
            Some("the firewall")
        }
        "nft" if texts().take(2).eq(["flush", "ruleset"]) => Some("the firewall"),
        "setenforce" if texts().any(|verb| matches!(verb, "0" | "Permissive" | "permissive")) => {
            Some("SELinux")
        }
        "aa-teardown" | "aa-disable" => Some("AppArmor"),
        "sed" | "echo" => {
            let off = |word: &Word| {
                word.text.contains("SELINUX=disabled") || word.text.contains("SELINUX=permissive")
            };
            command
                .arguments()
                .iter()
                .any(|word| off(word) && writes_it(word))
                .then_some("SELinux")
        }
        _ => None,
    }
}

/// `s/SELINUX=disabled/SELINUX=enforcing/` turns it on.
fn writes_it(word: &Word) -> bool {
    !word.text.ends_with("enforcing/") && !word.text.contains("=enforcing/g")
        || word.text.matches("SELINUX=").count() == 1
}
