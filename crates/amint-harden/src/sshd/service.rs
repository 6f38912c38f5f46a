//! How units start sshd: with which words, and at which sockets.
//!
//! Source: the units that openssh-server ships: `ssh.service` and `ssh.socket` of Debian and Ubuntu, `sshd.service`,
//! `sshd.socket` and `sshd@.service` of RHEL and Amazon Linux; "SSHd now uses socket-based activation (Ubuntu 22.10 and
//! later)" on Ubuntu's forum for the generator.

use amint_inspect::{EntryKind, Tree, TreeError};

use super::options::Options;
use super::unit::{Unit, words};
use crate::disk::read_text;

/// sshd's service under its names: that of Debian, that of the others.
const SERVICES: [&str; 2] = ["ssh.service", "sshd.service"];
/// One service a connection, for sockets with `Accept=yes`.
const TEMPLATES: [&str; 2] = ["ssh@.service", "sshd@.service"];
const SOCKETS: [&str; 2] = ["ssh.socket", "sshd.socket"];
/// Makes the socket's addresses from sshd's configuration (Ubuntu 24.04).
const GENERATORS: [&str; 2] = [
    "/usr/lib/systemd/system-generators/sshd-socket-generator",
    "/lib/systemd/system-generators/sshd-socket-generator",
];
/// Largest file of variables that is read, and longest word that they make, in bytes.
const MAX_VARIABLES: usize = 64 << 10;
/// Most command lines, and files of variables, that are looked at.
const MAX_COMMANDS: usize = 8;
/// Longest list of words that variables may make of a command.
const MAX_WORDS: usize = 4096;

/// How a disk starts sshd.
#[derive(Debug, Default)]
pub(super) struct Services {
    /// What each command line sets.
    pub(super) options: Vec<Options>,
    /// The units that are there.
    pub(super) units: Vec<Unit>,
    /// The sockets that systemd listens at for sshd, when it does.
    pub(super) sockets: Option<Vec<Socket>>,
    /// Whether the sockets' addresses are those of sshd's configuration, where that names any.
    pub(super) generated: bool,
    /// Whether a service or socket is started at boot.
    pub(super) enabled: bool,
}

/// One `ListenStream`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Socket {
    pub(super) value: String,
    pub(super) file: String,
}

impl Services {
    pub(super) fn read(tree: &dyn Tree) -> Result<Self, TreeError> {
        let mut services = Self::default();
        for (names, target) in [(SERVICES, "multi-user.target"), (SOCKETS, "sockets.target")] {
            // Of two names of one unit the second is read only as the first one's other name, and the other way round.
            let second = is_link(tree, names[1], names[0])?;
            let first = !second && is_link(tree, names[0], names[1])?;
            for (name, other, skipped) in
                [(names[0], names[1], first), (names[1], names[0], second)]
            {
                if !skipped {
                    services.unit(tree, name, other, first || second, target)?;
                }
            }
        }
        for name in TEMPLATES {
            if let Some(unit) = Unit::read(tree, name, &[])?.filter(|unit| !unit.masked) {
                services.start(tree, &unit)?;
            }
        }
        for generator in GENERATORS {
            services.generated |= tree.metadata(generator)?.is_some();
        }
        Ok(services)
    }

    /// Adds a service or a socket. Its other name is one also where no unit has it.
    fn unit(
        &mut self,
        tree: &dyn Tree,
        name: &str,
        other: &str,
        is_alias: bool,
        target: &str,
    ) -> Result<(), TreeError> {
        let is_alias = is_alias || Unit::read(tree, other, &[])?.is_none();
        let aliases: &[&str] = if is_alias { &[other] } else { &[] };
        let Some(unit) = Unit::read(tree, name, aliases)? else {
            return Ok(());
        };
        if !unit.masked {
            let mut wanted = is_wanted(tree, name, target)?;
            wanted |= is_alias && is_wanted(tree, other, target)?;
            self.enabled |= wanted;
            let listened = unit.list("Socket", "ListenStream");
            if wanted && target == "sockets.target" {
                let found = listened.into_iter().map(|one| Socket {
                    value: one.value.clone(),
                    file: one.file.clone(),
                });
                self.sockets.get_or_insert_default().extend(found);
            }
            self.start(tree, &unit)?;
        }
        self.units.push(unit);
        Ok(())
    }

    /// Adds the command lines of a service.
    fn start(&mut self, tree: &dyn Tree, unit: &Unit) -> Result<(), TreeError> {
        let variables = variables(tree, unit)?;
        for command in unit.list("Service", "ExecStart") {
            if self.options.len() == MAX_COMMANDS {
                break;
            }
            let text = command
                .value
                .trim_start_matches(['@', '-', ':', '+', '!', '|']);
            // A percent sign is doubled in units; what a single one stands for sshd's options do not need.
            let mut all = expand(&variables, words(&text.replace("%%", "%"))).into_iter();
            let program = all.next().unwrap_or_default();
            // Another program that in the end starts sshd: its options follow it.
            let mut rest: Vec<String> = all.collect();
            if !is_sshd(&program) {
                match rest.iter().position(|word| is_sshd(word)) {
                    Some(at) => rest = rest.split_off(at + 1),
                    None => continue,
                }
            }
            let rest = rest.iter().map(String::as_str);
            self.options
                .push(Options::parse(rest, &command.file, command.line));
        }
        Ok(())
    }
}

fn is_sshd(program: &str) -> bool {
    program.rsplit('/').next() == Some("sshd")
}

/// Whether one unit is another name of the other: a link under `/etc` to what the other reads.
fn is_link(tree: &dyn Tree, one: &str, other: &str) -> Result<bool, TreeError> {
    let link = format!("/etc/systemd/system/{one}");
    let metadata = tree.metadata(&link)?;
    if metadata.is_none_or(|metadata| metadata.kind != EntryKind::Symlink) {
        return Ok(false);
    }
    let text = tree.read(&link, MAX_VARIABLES)?;
    match Unit::read(tree, other, &[])? {
        Some(unit) => Ok(text.is_some() && tree.read(&unit.file, MAX_VARIABLES)? == text),
        None => Ok(false),
    }
}

/// Whether a target pulls the unit in at boot.
fn is_wanted(tree: &dyn Tree, name: &str, target: &str) -> Result<bool, TreeError> {
    let folders = [
        "/etc/systemd/system",
        "/usr/lib/systemd/system",
        "/lib/systemd/system",
    ];
    for folder in folders {
        for kind in ["wants", "requires"] {
            if tree
                .metadata(&format!("{folder}/{target}.{kind}/{name}"))?
                .is_some()
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// A command's words with the unit's variables in them: `$NAME` alone becomes words, `${NAME}` a part of one. A
/// variable that is not set becomes nothing.
fn expand(variables: &[(String, String)], all: Vec<String>) -> Vec<String> {
    let value = |name: &str| {
        let found = variables.iter().rev().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let mut found = Vec::new();
    for word in all {
        match word.strip_prefix('$').filter(|name| is_name(name)) {
            Some(name) => found.extend(words(value(name))),
            None => found.push(braced(&word, &value)),
        }
        if found.len() > MAX_WORDS {
            found.truncate(MAX_WORDS);
            break;
        }
    }
    found
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A word with each `${NAME}` replaced.
fn braced<'a>(word: &str, value: &impl Fn(&str) -> &'a str) -> String {
    let mut text = String::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once("${") {
        text.push_str(before);
        if text.len() > MAX_VARIABLES {
            return text;
        }
        match after.split_once('}') {
            Some((name, after)) => {
                text.push_str(value(name));
                rest = after;
            }
            None => {
                text.push_str("${");
                rest = after;
            }
        }
    }
    text + rest
}

/// What `Environment` and, over it, `EnvironmentFile` set.
fn variables(tree: &dyn Tree, unit: &Unit) -> Result<Vec<(String, String)>, TreeError> {
    let mut found = Vec::new();
    for assignment in unit.list("Service", "Environment") {
        let pairs = words(&assignment.value);
        found.extend(
            pairs
                .iter()
                .filter_map(|pair| pair.split_once('='))
                .map(owned),
        );
    }
    for assignment in unit
        .list("Service", "EnvironmentFile")
        .into_iter()
        .take(MAX_COMMANDS)
    {
        let path = assignment.value.trim_start_matches('-');
        let text = read_text(tree, path, MAX_VARIABLES)?.unwrap_or_default();
        for line in text.lines().map(str::trim) {
            if let Some((name, value)) = line
                .split_once('=')
                .filter(|_| !line.starts_with(['#', ';']))
            {
                found.push((name.trim().to_owned(), words_joined(value)));
            }
        }
    }
    Ok(found)
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// A value of a file of variables: quotes around it go, what is in them stays.
fn words_joined(value: &str) -> String {
    let value = value.trim();
    let inner = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    inner.unwrap_or(value).to_owned()
}
