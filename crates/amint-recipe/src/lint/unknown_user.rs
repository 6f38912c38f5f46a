//! Users that nobody made: `~ec2-uesr` stays as it is, and what was meant to happen to a home does not.

use std::collections::BTreeSet;
use std::ops::Range;

use super::base::{Family, families};
use super::shell::{Command, Word};
use super::subject::{Material, Place, Role};
use super::{Context, Findings};
use crate::code::Code;
use crate::suggest::nearest;

/// Users and groups that Linux systems come with.
const SYSTEM: [&str; 66] = [
    "_apt",
    "_chrony",
    "adm",
    "audio",
    "avahi",
    "backup",
    "bin",
    "chrony",
    "crontab",
    "daemon",
    "dbus",
    "dialout",
    "disk",
    "docker",
    "ftp",
    "games",
    "gnats",
    "halt",
    "input",
    "irc",
    "kmem",
    "kvm",
    "libstoragemgmt",
    "list",
    "lp",
    "mail",
    "man",
    "messagebus",
    "netdev",
    "news",
    "nobody",
    "nogroup",
    "ntp",
    "operator",
    "plugdev",
    "polkitd",
    "pollinate",
    "postfix",
    "proxy",
    "render",
    "root",
    "rpc",
    "rpcuser",
    "shadow",
    "shutdown",
    "src",
    "ssh",
    "sshd",
    "ssm-user",
    "staff",
    "stapunpriv",
    "sudo",
    "sync",
    "sys",
    "syslog",
    "systemd-journal",
    "systemd-network",
    "systemd-resolve",
    "systemd-timesync",
    "tape",
    "tcpdump",
    "tss",
    "tty",
    "users",
    "uucp",
    "uuidd",
];

/// More of them, with names that packages of the same name bring.
const MORE: [&str; 8] = [
    "utmp",
    "uidd",
    "video",
    "wheel",
    "whoopsie",
    "www-data",
    "landscape",
    "lxd",
];

/// Users that let people in on images of one family, and are on no other.
const OTHERS: [&str; 9] = [
    "admin", "bitnami", "centos", "debian", "ec2-user", "fedora", "rocky", "ubuntu", "vagrant",
];

/// How many names, hints and known users are compared with each other at most: far more than a recipe has.
const MAX_NAMES: usize = 1_000;

/// What is known about users, at some point of the build.
struct Users<'a> {
    /// How many names were looked at.
    looked_at: usize,
    known: BTreeSet<&'a str>,
    /// Words of scripts and names of packages before, one of which may have made a user.
    hints: BTreeSet<&'a str>,
    /// Whether something before may have made users that nobody can tell.
    opaque: bool,
}

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    let families = families(material.base.as_ref()).unwrap_or_default();
    let mut users = Users {
        looked_at: 0,
        known: SYSTEM.into_iter().chain(MORE).collect(),
        hints: BTreeSet::new(),
        // Nobody knows the users of an image that does not tell what it is.
        opaque: families.is_empty(),
    };
    users
        .known
        .extend(families.iter().map(|family| family.user()));
    for (step, piece) in material.steps.iter().enumerate() {
        for (owner, span) in &piece.owners {
            users.check(owner, Place::Span(*span, Some(step)), found, &families);
        }
        let room = MAX_NAMES.saturating_sub(users.hints.len());
        let packages = piece.packages.iter().map(String::as_str);
        users.hints.extend(packages.take(room));
        users.opaque |= !piece.packages.is_empty();
        for passage in &piece.passages {
            if passage.role != Role::Script {
                let room = MAX_NAMES.saturating_sub(users.hints.len());
                let mut words = words(&passage.text);
                users.hints.extend(words.by_ref().take(room));
                users.opaque |= words.next().is_some();
                continue;
            }
            for command in &passage.script().commands {
                // Who makes a user may name it in the same command.
                users.learn(command);
                for (name, range) in named(command) {
                    users.check(name, Place::Passage(passage, range, step), found, &families);
                }
            }
        }
    }
}

impl<'a> Users<'a> {
    fn learn(&mut self, command: &'a Command) {
        match command.name() {
            "useradd" | "adduser" | "groupadd" | "addgroup" | "newusers" | "usermod"
            | "groupmod" => {
                self.known
                    .extend(command.operands().filter_map(Word::literal));
            }
            "apt-get" | "apt" | "yum" | "dnf" | "zypper" | "rpm" | "dpkg" | "snap" | "pip"
            | "make" | "sh" | "bash" | "systemd-sysusers" | "." | "ansible-playbook" => {
                self.opaque = true;
                let room = MAX_NAMES.saturating_sub(self.hints.len());
                self.hints
                    .extend(command.operands().filter_map(Word::literal).take(room));
            }
            // A program by its path, or one that is in a variable, may be an installer.
            name => {
                let program = command.words.first().map_or("", |word| word.text.as_str());
                self.opaque |= program.starts_with(['.', '$'])
                    || program.starts_with("/opt/")
                    || name.is_empty() && !program.is_empty();
            }
        }
    }

    fn check(
        &mut self,
        name: &'a str,
        place: Place<'a>,
        found: &mut Findings<'a>,
        families: &[Family],
    ) {
        let number = name.bytes().all(|byte| byte.is_ascii_digit());
        if name.is_empty() || number || self.known.contains(name) || self.looked_at == MAX_NAMES {
            return;
        }
        self.looked_at += 1;
        let hinted = |hint: &&str| hint.contains(name) || (hint.len() > 3 && name.contains(*hint));
        if self.hints.iter().any(hinted) {
            return;
        }
        let known = self.known.iter().copied().filter(|known| known.len() > 4);
        let near = nearest(name, known.take(MAX_NAMES));
        let elsewhere = OTHERS.contains(&name) && !families.is_empty();
        let (message, hint) = match near {
            _ if elsewhere => (
                format!("`{name}` is the user of another system's images"),
                format!(
                    "here it is `{}`",
                    families.first().map_or("root", |family| family.user())
                ),
            ),
            Some(near) => (
                format!("there is no user `{name}`"),
                format!("did you mean `{near}`?"),
            ),
            None if !self.opaque => (
                format!("no step before has made a user `{name}`"),
                format!("make it first: `useradd --system {name}`"),
            ),
            None => return,
        };
        found.warn(Code::UnknownUser, place, message, hint);
    }
}

/// Users that a command names, and where.
fn named(command: &Command) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    let targets = command.redirects.iter().map(|one| &one.target);
    for word in command.words.iter().chain(targets) {
        found.extend(of_path(word).map(|name| (name, word.range.clone())));
    }
    // `sudo -u x`, `runuser -u x`.
    for pair in command.words.windows(2) {
        let program = command.words[0].text.as_str();
        if matches!(pair[0].text.as_str(), "-u" | "--user")
            && matches!(program, "sudo" | "runuser" | "doas")
        {
            found.extend(pair[1].literal().map(|name| (name, pair[1].range.clone())));
        }
    }
    let owner = match command.name() {
        "chown"
            if !command
                .arguments()
                .iter()
                .any(|word| word.text.starts_with("--reference")) =>
        {
            command.operands().next()
        }
        "su" => command.operands().find(|word| word.text != "-"),
        _ => None,
    };
    if let Some(word) = owner
        && let Some(text) = word.literal()
    {
        let user = text.split([':', '.']).next().unwrap_or_default();
        found.push((user, word.range.clone()));
    }
    found.retain(|(name, _)| is_user_name(name));
    found
}

/// The user of `~user/…` and `/home/user/…`.
fn of_path(word: &Word) -> Option<&str> {
    let text = match word.unquoted_start().strip_prefix('~') {
        Some(rest) => rest,
        None => word.text.strip_prefix("/home/")?,
    };
    let name = text.split('/').next()?;
    // `/home/$USER`, `/home/*`: not a name.
    let whole = name.len() < text.len() || word.literal().is_some();
    whole.then_some(name)
}

fn is_user_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.')
        })
}

/// Words that may be users' names, of a file that may make them (`sysusers.d`, an installer).
fn words(text: &str) -> impl Iterator<Item = &str> {
    let breaks = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_');
    text.split(breaks)
        .filter(|word| (3..=32).contains(&word.len()))
}
