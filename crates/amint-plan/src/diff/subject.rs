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
    /// Its files by their whole paths, where a start would hold others, too.
    pub(super) files: &'static [&'static str],
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

/// Programs that hand on some of what they read, or something else.
const FILTERS: [&str; 20] = [
    "awk", "cut", "ed", "egrep", "ex", "fgrep", "gawk", "grep", "head", "mawk", "patch", "perl",
    "python", "python3", "rev", "ruby", "sed", "sort", "tail", "tr",
];

/// Where programs are, of which those of a subject are as good as its files.
const PROGRAM_FOLDERS: [&str; 6] = [
    "/bin/",
    "/sbin/",
    "/usr/bin/",
    "/usr/sbin/",
    "/usr/local/bin/",
    "/usr/local/sbin/",
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
            .any(|word| word.contains('=') && self.is_named_in(word));
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
        }) || self.files.contains(&path)
            || self.is_program(path)
    }

    /// Whether a file is one of its programs: another one in its place does what it likes.
    fn is_program(&self, path: &str) -> bool {
        let folder = PROGRAM_FOLDERS
            .iter()
            .find_map(|start| path.strip_prefix(start));
        folder.is_some_and(|name| self.programs.contains(&name))
    }

    /// Whether one of its files is named anywhere in a word, as in `--config=/etc/…`.
    fn is_named_in(&self, word: &str) -> bool {
        let whole = word.rsplit('=').next().unwrap_or(word);
        self.paths.iter().any(|path| word.contains(path))
            || self.files.contains(&whole)
            || self.is_program(whole)
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
        let named = |parts: &[&str]| parts.iter().any(|part| is_in_force(&line, part));
        // A filter that looks for a part may well take it away.
        let filters = filters(&words);
        let left = |parts: &[&str]| match filters {
            0 => true,
            1 => parts.iter().any(|part| is_left_by_sed(&line, part)),
            _ => false,
        };
        match (named(self.opens), named(self.guards)) {
            (true, false) if left(self.opens) && !deletes_rule(text) => Effect::Opens,
            (false, true) if left(self.guards) && is_one_thing(text) && !takes_away(text) => {
                Effect::Guards
            }
            _ => Effect::Unknown,
        }
    }
}

/// How many programs of a line are filters.
fn filters(words: &[&str]) -> usize {
    let programs = words.iter().filter_map(|word| word.rsplit('/').next());
    programs.filter(|name| FILTERS.contains(name)).count()
}

/// Whether a command hands on some of what it reads: what its here-document says need not be what it writes.
pub(super) fn is_filter(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    filters(&words) > 0
}

/// Whether a line has a part that no `#` stands before.
fn is_in_force(line: &str, part: &str) -> bool {
    let mut found = line.match_indices(part);
    found.any(|(at, _)| !line[..at].trim_end().ends_with('#'))
}

/// Whether what a call of sed or perl leaves behind has a part: by `s/…/part/`, or by `a`, `i` and `c`. Of any other
/// expression that can't be said here.
fn is_left_by_sed(line: &str, part: &str) -> bool {
    let scripts = ["-e", "--expression", "-f", "--file"];
    let is_script = |word: &&str| scripts.iter().any(|start| word.starts_with(start));
    let is_editor = |word: &str| matches!(word.rsplit('/').next(), Some("sed" | "perl"));
    if line.split_whitespace().filter(is_script).count() > 1
        || !line.split_whitespace().any(is_editor)
    {
        return false;
    }
    if let Some(replacement) = replacement(line) {
        return is_in_force(replacement, part);
    }
    line.match_indices(part).any(|(at, _)| {
        let before = line[..at].trim_end_matches([' ', '\\']);
        let address = before.strip_suffix(['a', 'c', 'i']).map(str::trim_end);
        address.is_some_and(|end| {
            end.ends_with(|last: char| matches!(last, '/' | '$') || last.is_ascii_digit())
        })
    })
}

/// The replacement of the only `s/…/…/` of a line, whatever stands for `/`.
fn replacement(line: &str) -> Option<&str> {
    let is_delimiter =
        |sign: char| sign.is_ascii_punctuation() && !matches!(sign, '\\' | '-' | '.' | '_');
    let rest = line.match_indices(" s").find_map(|(at, _)| {
        let rest = &line[at + 2..];
        rest.starts_with(is_delimiter).then_some(rest)
    })?;
    let delimiter = rest.chars().next()?;
    let mut escaped = false;
    let ends = rest.char_indices().skip(1).filter(|(_, sign)| {
        let is_end = *sign == delimiter && !escaped;
        escaped = *sign == '\\' && !escaped;
        is_end
    });
    let ends: Vec<usize> = ends.map(|(at, _)| at).take(2).collect();
    let [looked_for, end] = ends[..] else {
        return None;
    };
    let flags = rest[end + 1..].split(' ').next().unwrap_or_default();
    let is_flag = |sign: char| matches!(sign, 'g' | 'i' | 'm') || sign.is_ascii_digit();
    flags
        .chars()
        .all(is_flag)
        .then(|| &rest[looked_for + 1..end])
}

/// Whether a line takes a rule of a guard away, or puts another one in its place. Letters are not alike here: `auditctl -w`
/// adds, `auditctl -W` removes.
fn takes_away(text: &str) -> bool {
    const OPTIONS: [&str; 5] = ["-D", "-W", "-R", "--delete", "--replace"];
    text.split_whitespace().any(|word| OPTIONS.contains(&word))
}

/// Whether a rule of the firewall is deleted: one that opened is one less.
fn deletes_rule(text: &str) -> bool {
    text.contains("tables") && takes_away(text)
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
