//! Which packages steps install and remove, by the step of that kind or by a script.

use super::change::Class;
use super::facts::{About, Fact};
use super::rule::{DiffRule, pair};
use super::shell::Command;
use crate::steps::install_packages::packages;

static ADDED: DiffRule = pair(
    "DIFF-PACKAGE-001",
    Class::Changed,
    "DIFF-PACKAGE-002",
    "a package is installed",
    "It brings along files, and perhaps services and accounts; the package manager checks whose it is.",
);
static REMOVED: DiffRule = pair(
    "DIFF-PACKAGE-002",
    Class::Changed,
    "DIFF-PACKAGE-001",
    "a package is no longer installed",
    "What it brought along is missing, unless the base image or another package brings it.",
);
static RISKY: DiffRule = pair(
    "DIFF-PACKAGE-003",
    Class::Weakened,
    "DIFF-PACKAGE-004",
    "a package is installed that lets somebody in",
    "It is a server for logins or files, a remote-control agent or a tool of attackers; every instance would have it.",
);
static NOT_RISKY: DiffRule = pair(
    "DIFF-PACKAGE-004",
    Class::Strengthened,
    "DIFF-PACKAGE-003",
    "a package that lets somebody in is no longer installed",
    "One way in less on every instance.",
);
static GUARD: DiffRule = pair(
    "DIFF-PACKAGE-005",
    Class::Strengthened,
    "DIFF-PACKAGE-006",
    "a package is installed that guards instances",
    "It closes, confines, watches or mends.",
);
static NO_GUARD: DiffRule = pair(
    "DIFF-PACKAGE-006",
    Class::Weakened,
    "DIFF-PACKAGE-005",
    "a package that guards instances is no longer installed",
    "What it closed, confined, watched or mended is left open.",
);
static GUARD_TAKEN: DiffRule = pair(
    "DIFF-PACKAGE-007",
    Class::Weakened,
    "DIFF-PACKAGE-008",
    "a script removes a package that guards instances",
    "What the base image has to close, confine, watch or mend is taken off.",
);
static GUARD_LEFT: DiffRule = pair(
    "DIFF-PACKAGE-008",
    Class::Strengthened,
    "DIFF-PACKAGE-007",
    "a script no longer removes a package that guards instances",
    "What the base image has to close, confine, watch or mend stays.",
);
static UNSIGNED: DiffRule = pair(
    "DIFF-PACKAGE-009",
    Class::Weakened,
    "DIFF-PACKAGE-010",
    "a script installs packages whose signature nobody checks",
    "The signature is all that says who made a package; what stands between the builder and the mirror can replace it.",
);
static SIGNED: DiffRule = pair(
    "DIFF-PACKAGE-010",
    Class::Strengthened,
    "DIFF-PACKAGE-009",
    "a script no longer installs packages whose signature nobody checks",
    "The signature says who made a package.",
);

pub(super) static RULES: &[&DiffRule] = &[
    &ADDED,
    &REMOVED,
    &RISKY,
    &NOT_RISKY,
    &GUARD,
    &NO_GUARD,
    &GUARD_TAKEN,
    &GUARD_LEFT,
    &UNSIGNED,
    &SIGNED,
];

/// Starts of names of packages that let somebody in.
const RISKY_PACKAGES: [&str; 34] = [
    "anydesk",
    "cockpit",
    "dropbear",
    "hydra",
    "inetutils-telnetd",
    "ncat",
    "netatalk",
    "netcat",
    "nfs-kernel-server",
    "ngrok",
    "nis",
    "nmap",
    "novnc",
    "openbsd-inetd",
    "openssh-server",
    "proftpd",
    "pure-ftpd",
    "rpcbind",
    "rsh-server",
    "rsync-daemon",
    "samba",
    "shellinabox",
    "socat",
    "tailscale",
    "teamviewer",
    "telnet-server",
    "telnetd",
    "tftp",
    "tigervnc",
    "vsftpd",
    "webmin",
    "x11vnc",
    "xinetd",
    "xrdp",
];

/// Starts of names of packages that guard.
const GUARD_PACKAGES: [&str; 20] = [
    "aide",
    "apparmor",
    "audit",
    "chkrootkit",
    "clamav",
    "crowdsec",
    "dnf-automatic",
    "fail2ban",
    "firewalld",
    "iptables",
    "libpam-pwquality",
    "lynis",
    "needrestart",
    "nftables",
    "rkhunter",
    "rsyslog",
    "selinux-policy",
    "ufw",
    "unattended-upgrades",
    "yum-cron",
];

/// Options that take packages from anybody.
const UNSIGNED_OPTIONS: [&str; 7] = [
    "--allow-unauthenticated",
    "--force-yes",
    "--no-gpg-checks",
    "--nogpgcheck",
    "--allow-untrusted",
    "--no-gpg-check",
    "--nosignature",
];

fn is_one_of(name: &str, starts: &[&str]) -> bool {
    starts.iter().any(|start| {
        let end = name.strip_prefix(start);
        end.is_some_and(|end| end.is_empty() || end.starts_with(['-', '=', ':', 'd', '.']))
    })
}

/// The packages of a step `install-packages`.
pub(super) fn of_step(step: usize, script: &str, facts: &mut Vec<Fact>) {
    for name in packages(script) {
        installs(step, name, facts);
    }
}

/// The packages that a script's own calls of a package manager install and remove.
pub(super) fn of_script(step: usize, commands: &[Command], facts: &mut Vec<Fact>) {
    for command in commands {
        if !matches!(
            command.program(),
            "apt"
                | "apt-get"
                | "aptitude"
                | "dnf"
                | "microdnf"
                | "yum"
                | "zypper"
                | "apk"
                | "dpkg"
                | "rpm"
        ) {
            continue;
        }
        let (verb, names) = asked(command);
        let line = command.line();
        for name in names {
            match verb {
                Some(Verb::Installs) => installs(step, name, facts),
                Some(Verb::Removes) if is_one_of(name, &GUARD_PACKAGES) => {
                    let says = ["now removes", "no longer removes"];
                    push(step, (&GUARD_TAKEN, &GUARD_LEFT), says, name, facts);
                }
                Some(Verb::Removes) | None => {}
            }
        }
        if command
            .arguments()
            .iter()
            .any(|word| UNSIGNED_OPTIONS.contains(&word.as_str()))
        {
            let about = About {
                added: &UNSIGNED,
                removed: &SIGNED,
                says: ["now installs", "no longer installs"],
                what: "packages whose signature nobody checks",
            };
            facts.push(Fact {
                step,
                about,
                key: line.clone(),
                shown: line,
            });
        }
    }
}

/// What a package manager is asked for.
#[derive(Clone, Copy)]
enum Verb {
    Installs,
    Removes,
}

/// What a call asks for, and the packages that it names; addresses are downloads.
fn asked(command: &Command) -> (Option<Verb>, Vec<&str>) {
    let arguments = command.arguments();
    let mut words = words(command);
    let flags = |letters: &[char], long: &[&str]| {
        arguments.iter().any(|word| match word.strip_prefix("--") {
            Some(name) => long.contains(&name),
            None => word.starts_with('-') && word.contains(letters),
        })
    };
    let verb = match command.program() {
        "dpkg" if flags(&['i'], &["install"]) => Some(Verb::Installs),
        "dpkg" if flags(&['r', 'P'], &["remove", "purge"]) => Some(Verb::Removes),
        // Queries and checks have letters of their own.
        "rpm" if flags(&['q', 'V'], &["query", "verify"]) => None,
        "rpm" if flags(&['e'], &["erase"]) => Some(Verb::Removes),
        "rpm" if flags(&['i', 'U', 'F'], &["install", "upgrade"]) => Some(Verb::Installs),
        "dpkg" | "rpm" => None,
        _ => {
            // The value of an option that is not known here may stand before it.
            let mut numbered = words.iter().enumerate();
            let found = numbered.find_map(|(at, word)| Some((at, verb(word)?)));
            words.drain(..found.map_or(0, |(at, _)| at + 1));
            found.map(|(_, verb)| verb)
        }
    };
    (verb, words)
}

fn verb(word: &str) -> Option<Verb> {
    match word {
        "install" | "add" | "localinstall" | "reinstall" | "in" => Some(Verb::Installs),
        "remove" | "purge" | "autoremove" | "erase" | "del" | "rm" => Some(Verb::Removes),
        _ => None,
    }
}

/// The words of a call that are neither options, nor their values, nor addresses.
fn words(command: &Command) -> Vec<&str> {
    let valued: &[&str] = match command.program() {
        "apt" | "apt-get" | "aptitude" => &[
            "-t",
            "--target-release",
            "--default-release",
            "-o",
            "--option",
            "-c",
            "--config-file",
        ],
        "dnf" | "microdnf" | "yum" => &[
            "-x",
            "--exclude",
            "-c",
            "--config",
            "--enablerepo",
            "--disablerepo",
            "--repo",
            "--repoid",
            "--installroot",
            "--releasever",
            "--setopt",
        ],
        "apk" => &["-X", "--repository", "-p", "--root", "-t", "--virtual"],
        _ => &[],
    };
    let mut is_value = false;
    let words = command.arguments().iter().map(String::as_str);
    words
        .filter(|word| {
            let skipped = std::mem::replace(&mut is_value, valued.contains(word));
            !skipped && !word.starts_with('-') && !word.contains("://")
        })
        .collect()
}

/// Whether a script brings all packages up to date.
pub(super) fn upgrades(commands: &[Command]) -> bool {
    commands.iter().any(|command| {
        let words = words(command);
        let Some((verb, names)) = words.split_first() else {
            return false;
        };
        names.is_empty()
            && match command.program() {
                "apt" | "apt-get" | "aptitude" => {
                    matches!(
                        *verb,
                        "upgrade" | "dist-upgrade" | "full-upgrade" | "safe-upgrade"
                    )
                }
                "dnf" | "microdnf" | "yum" => matches!(*verb, "upgrade" | "update"),
                "zypper" => matches!(*verb, "update" | "up" | "dup" | "patch"),
                "apk" => *verb == "upgrade",
                _ => false,
            }
    })
}

fn installs(step: usize, name: &str, facts: &mut Vec<Fact>) {
    let rules = if is_one_of(name, &RISKY_PACKAGES) {
        (&RISKY, &NOT_RISKY)
    } else if is_one_of(name, &GUARD_PACKAGES) {
        (&GUARD, &NO_GUARD)
    } else {
        (&ADDED, &REMOVED)
    };
    let says = ["now installs", "no longer installs"];
    push(step, rules, says, name, facts);
}

fn push(
    step: usize,
    (added, removed): (&'static DiffRule, &'static DiffRule),
    says: [&'static str; 2],
    name: &str,
    facts: &mut Vec<Fact>,
) {
    facts.push(Fact {
        step,
        about: About {
            added,
            removed,
            says,
            what: "",
        },
        key: name.to_owned(),
        shown: name.to_owned(),
    });
}
