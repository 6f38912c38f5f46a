//! What a script should not touch unseen: sshd, sudoers, accounts, the firewall and others, and how it is recognised.
//!
//! A command touches a subject by its program, by a file that it names, or by a unit that it hands to systemctl. Some
//! commands say themselves whether they open or guard; of the others only a reader can tell, so that one more of them
//! weakens, and one less just changes.

use super::change::Class;
use super::rule::{DiffRule, pair};
use super::shell::Command;

/// One thing that guards an image.
#[derive(Debug)]
pub(super) struct Subject {
    /// What it is called in messages.
    pub(super) name: &'static str,
    /// Starts of the paths of its files; parts of them where they do not begin with `/`.
    pub(super) paths: &'static [&'static str],
    /// Programs that change it.
    pub(super) programs: &'static [&'static str],
    /// Its units, for systemctl.
    pub(super) units: &'static [&'static str],
    /// Parts of lines, in small letters and with `=` as a space, that open something.
    pub(super) opens: &'static [&'static str],
    /// Those that guard something.
    pub(super) guards: &'static [&'static str],
    /// One more line touches it.
    pub(super) touched: DiffRule,
    /// One line less touches it.
    pub(super) untouched: DiffRule,
}

/// Which way a line about a subject works.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) enum Effect {
    Opens,
    Guards,
    Unknown,
}

/// Programs that only look; what their output is written to counts all the same.
const READERS: [&str; 24] = [
    "[",
    "[[",
    "cat",
    "cmp",
    "cut",
    "diff",
    "echo",
    "egrep",
    "fgrep",
    "file",
    "getent",
    "grep",
    "head",
    "id",
    "less",
    "ls",
    "md5sum",
    "printf",
    "sha256sum",
    "stat",
    "tail",
    "test",
    "wc",
    "which",
];

/// What systemctl is asked for that outlives the build.
const LASTING: [&str; 12] = [
    "add-requires",
    "add-wants",
    "disable",
    "edit",
    "enable",
    "link",
    "mask",
    "preset",
    "reenable",
    "revert",
    "set-default",
    "unmask",
];

impl Subject {
    /// Whether a command touches it.
    pub(super) fn is_touched_by(&self, command: &Command) -> bool {
        let program = command.program();
        let by_program = self.programs.contains(&program);
        let by_unit =
            matches!(program, "systemctl" | "service") && self.names_unit(command.arguments());
        // A path in a variable is named to be used.
        let assigned = command
            .assignments()
            .iter()
            .any(|word| self.is_named_in(word));
        let written = command.writes.iter().any(|path| self.holds(path));
        let named = !READERS.contains(&program)
            && command
                .arguments()
                .iter()
                .any(|word| self.is_named_in(word));
        by_program || by_unit || assigned || written || named
    }

    fn names_unit(&self, arguments: &[String]) -> bool {
        let lasting = arguments
            .iter()
            .any(|word| LASTING.contains(&word.as_str()) || word == "stop" || word == "kill");
        lasting && arguments.iter().any(|word| self.is_unit(word))
    }

    fn is_unit(&self, word: &str) -> bool {
        let name = word.split(".service").next().unwrap_or(word);
        let name = name.strip_prefix("snap.").unwrap_or(name);
        self.units.iter().any(|unit| {
            let end = name.strip_prefix(unit);
            end.is_some_and(|end| end.is_empty() || end.starts_with(['.', '@']))
        })
    }

    /// Whether a file is one of its own.
    pub(super) fn holds(&self, path: &str) -> bool {
        self.paths.iter().any(|start| match start.starts_with('/') {
            true => path.starts_with(start),
            false => path.contains(start),
        })
    }

    /// Whether one of its files is named anywhere in a word, as in `--config=/etc/…`.
    fn is_named_in(&self, word: &str) -> bool {
        self.paths.iter().any(|path| word.contains(path))
    }

    /// Which way a line works. One that both loosens and guards, such as a replacement, has to be read; so has one that does
    /// several things of which only some are known to guard.
    pub(super) fn effect(&self, text: &str) -> Effect {
        let line = text.to_ascii_lowercase().replace('=', " ");
        let mut words: Vec<&str> = line.split_whitespace().collect();
        // `service ufw stop` is `systemctl stop ufw` by another program.
        if let ["service", unit, verb] = words[..] {
            words = vec!["systemctl", verb, unit];
        }
        let line = words.join(" ");
        let has = |parts: &[&str]| parts.iter().any(|part| line.contains(part));
        match (has(self.opens), has(self.guards)) {
            (true, false) => Effect::Opens,
            (false, true) if is_one_thing(text) => Effect::Guards,
            _ => Effect::Unknown,
        }
    }
}

/// Whether a text has one line and one expression.
fn is_one_thing(text: &str) -> bool {
    let several = ["\n", "\\n", ";", "&&", "||"];
    let expressions = text.split_whitespace().filter(|word| *word == "-e").count();
    expressions < 2 && !several.iter().any(|mark| text.trim_end().contains(mark))
}

/// The rule of one more line about a subject.
pub(super) const fn touched(
    id: &'static str,
    opposite: &'static str,
    title: &'static str,
    why: &'static str,
) -> DiffRule {
    pair(id, Class::Weakened, opposite, title, why)
}

/// The rule of one line less. It is no strengthening: the line may have guarded.
pub(super) const fn untouched(
    id: &'static str,
    opposite: &'static str,
    title: &'static str,
) -> DiffRule {
    const WHY: &str = "A line that touched it is gone. Whether it opened or guarded something is not known of such a line, so \
                       that this is no strengthening by itself.";
    pair(id, Class::Changed, opposite, title, WHY)
}
