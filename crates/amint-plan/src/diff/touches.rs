//! What scripts and files of steps do to the subjects that guard an image.

use super::change::Class;
use super::facts::{About, Fact};
use super::rule::{DiffRule, pair};
use super::shell::Command;
use super::subject::{Effect, Subject, is_filter};
use super::subjects_guard::SERVICES;
use super::{rights, subjects_access, subjects_guard};
use crate::digest::sha256;
use crate::plan::{Action, Step};

static OPENED: DiffRule = pair(
    "DIFF-GUARD-001",
    Class::Weakened,
    "DIFF-GUARD-002",
    "a step loosens what guards the image",
    "The line is known to let more in: a login without a key, a port, a protection that is switched off.",
);
static NOT_OPENED: DiffRule = pair(
    "DIFF-GUARD-002",
    Class::Strengthened,
    "DIFF-GUARD-001",
    "a step no longer loosens what guards the image",
    "A line that was known to let more in is gone.",
);
static GUARDED: DiffRule = pair(
    "DIFF-GUARD-003",
    Class::Strengthened,
    "DIFF-GUARD-004",
    "a step guards the image",
    "The line is known to let less in: a login that is refused, a port that is closed, a protection that is switched on.",
);
static NOT_GUARDED: DiffRule = pair(
    "DIFF-GUARD-004",
    Class::Weakened,
    "DIFF-GUARD-003",
    "a step no longer guards the image",
    "A line that was known to let less in is gone.",
);
static HIDDEN: DiffRule = pair(
    "DIFF-SCRIPT-001",
    Class::Weakened,
    "DIFF-SCRIPT-002",
    "a step runs code that the recipe does not show",
    "What is decoded, put together or read while the build runs can be anything, and no diff will ever show what it was.",
);
static NOT_HIDDEN: DiffRule = pair(
    "DIFF-SCRIPT-002",
    Class::Strengthened,
    "DIFF-SCRIPT-001",
    "a step no longer runs code that the recipe does not show",
    "What runs can be read.",
);

/// All subjects.
pub(super) fn subjects() -> impl Iterator<Item = &'static Subject> {
    let all = [subjects_access::SUBJECTS, subjects_guard::SUBJECTS];
    all.into_iter().flatten().copied()
}

/// Those that do not belong to one subject.
pub(super) static RULES: &[&DiffRule] = &[
    &OPENED,
    &NOT_OPENED,
    &GUARDED,
    &NOT_GUARDED,
    &HIDDEN,
    &NOT_HIDDEN,
];

static HIDDEN_CODE: About = About {
    added: &HIDDEN,
    removed: &NOT_HIDDEN,
    says: ["now runs", "no longer runs"],
    what: "code that the recipe does not show",
};

/// Interpreters that run what they read.
const INTERPRETERS: [&str; 13] = [
    "ash", "bash", "dash", "ksh", "node", "perl", "php", "python", "python2", "python3", "ruby",
    "sh", "zsh",
];

/// Most commands of a pipeline that are read together.
const LONGEST_PIPELINE: usize = 8;

/// The longest command or path that is told with each of its lines, in characters.
const LONGEST_HEAD: usize = 1_000;

/// Most lines of one file that are told apart; a longer one is told by its digest.
const MOST_LINES: usize = 2_000;

/// Whether a fact is of a line that guards its subject against what comes before it. What confines a unit does so wherever
/// it stands, and no other unit.
pub(super) fn guards(fact: &Fact) -> bool {
    *fact.about.added == GUARDED && fact.about.what != SERVICES.name
}

fn about(subject: &'static Subject, effect: Effect) -> About {
    let (added, removed, says) = match effect {
        Effect::Opens => (&OPENED, &NOT_OPENED, ["now loosens", "no longer loosens"]),
        Effect::Guards => (&GUARDED, &NOT_GUARDED, ["now guards", "no longer guards"]),
        Effect::Unknown => (
            &subject.touched,
            &subject.untouched,
            ["now touches", "no longer touches"],
        ),
    };
    About {
        added,
        removed,
        says,
        what: subject.name,
    }
}

/// What a script does to them, command by command.
pub(super) fn of_script(step: usize, commands: &[Command], facts: &mut Vec<Fact>) {
    for (at, command) in commands.iter().enumerate() {
        let touched: Vec<_> = subjects()
            .filter(|one| one.is_touched_by(command))
            .collect();
        let starts = touched.is_empty() && starts_something(command);
        let gives = rights::of_command(command);
        let hides = hides_code(command);
        if touched.is_empty() && !starts && gives.is_none() && !hides {
            continue;
        }
        let line = pipeline(&commands[..=at]);
        let told = bounded(&line);
        let lines = significant(Syntax::of_document(&line), &command.document);
        let filtered = is_filter(&line);
        let mut fact = |about: About, text: &str| {
            let shown = match text {
                "" => told.clone(),
                text => format!("{told}: {text}"),
            };
            facts.push(Fact {
                step,
                about,
                key: format!("{told}\n{text}"),
                shown,
            });
        };
        for subject in touched.into_iter().chain(starts.then_some(&SERVICES)) {
            // A here-document is told apart as a file is.
            match lines.len() {
                0 => fact(about(subject, subject.effect(&line)), ""),
                1..=MOST_LINES => lines.iter().for_each(|text| {
                    let effect = match filtered {
                        true => Effect::Unknown,
                        false => subject.effect(text),
                    };
                    fact(about(subject, effect), text);
                }),
                _ => fact(about(subject, Effect::Unknown), &command.document),
            }
        }
        for about in gives.into_iter().chain(hides.then_some(HIDDEN_CODE)) {
            fact(about, command.document.trim_end());
        }
    }
}

/// A text that every line of a here-document is told with: no longer than it takes, and still another one when it changes.
fn bounded(text: &str) -> String {
    match text.char_indices().nth(LONGEST_HEAD) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… (SHA-256 {})", &text[..end], sha256(text.as_bytes())),
    }
}

/// The last command with what it reads the output of: a secret that is piped into a program is as good as its argument.
fn pipeline(commands: &[Command]) -> String {
    let piped = commands.iter().rev().take(LONGEST_PIPELINE - 1);
    let length = 1 + piped.take_while(|command| command.piped).count();
    let stages = &commands[commands.len().saturating_sub(length)..];
    let lines: Vec<String> = stages.iter().map(Command::line).collect();
    lines.join(" | ")
}

/// A unit that none of the subjects owns is enabled, or no longer.
fn starts_something(command: &Command) -> bool {
    let lasting = [
        "enable",
        "disable",
        "mask",
        "unmask",
        "reenable",
        "link",
        "preset",
        "set-default",
    ];
    let asked = command
        .arguments()
        .iter()
        .any(|word| lasting.contains(&word.as_str()));
    command.program() == "systemctl" && asked
}

/// `… | sh`, `eval …`, `sh -c "$(…)"`, `sh <(…)`, `. <(…)`.
fn hides_code(command: &Command) -> bool {
    let program = command.program();
    let arguments = command.arguments();
    let script = arguments.iter().find(|word| !word.starts_with('-'));
    let is_made = |word: &String| word.starts_with("<(") || word.starts_with("/dev/");
    if matches!(program, "." | "source") || INTERPRETERS.contains(&program) {
        let is_read = command.piped && script.is_none();
        let flag = |word: &str| word.starts_with('-') && word.ends_with(['c', 'e', 's']);
        let is_put_together = arguments
            .windows(2)
            .any(|pair| flag(&pair[0]) && pair[1].starts_with("$("));
        return is_read
            || is_put_together
            || script.is_some_and(is_made)
            || (command.piped && arguments.iter().any(|word| word == "-s"));
    }
    program == "eval"
}

/// What the files of a step do to them: line by line, so that a line that changed is one that went and one that came.
pub(super) fn of_files(position: usize, step: &Step, facts: &mut Vec<Fact>) {
    for action in &step.actions {
        let Action::Upload {
            to,
            sha256,
            content,
            ..
        } = action
        else {
            continue;
        };
        let path = bounded(to);
        let syntax = Syntax::of_file(to);
        let lines = std::str::from_utf8(content).map(|text| significant(syntax, text));
        let lines = lines.unwrap_or_default();
        for subject in subjects().filter(|subject| subject.holds(to)) {
            let mut fact = |effect: Effect, key: &str, shown: String| {
                facts.push(Fact {
                    step: position,
                    about: about(subject, effect),
                    key: format!("{path}\n{key}"),
                    shown,
                });
            };
            // A file without a line may take the place of one that had some.
            match lines.len() {
                0 if content.is_empty() => fact(Effect::Unknown, sha256, path.clone()),
                0 => fact(Effect::Unknown, "", path.clone()),
                1..=MOST_LINES => lines.iter().for_each(|line| {
                    let effect = confined_to_user(syntax, line);
                    let effect = effect.unwrap_or_else(|| subject.effect(line));
                    fact(effect, line, format!("{path}: {line}"));
                }),
                _ => fact(Effect::Unknown, sha256, path.clone()),
            }
        }
    }
}

/// Starts of the lines of a unit that say what it runs, as whom, when, and how it is confined.
const UNIT_KEYS: [&str; 34] = [
    "alias",
    "also",
    "ambient",
    "bind",
    "capability",
    "delegate",
    "device",
    "dynamicuser",
    "environment",
    "exec",
    "group",
    "inaccessible",
    "ipaddress",
    "listen",
    "lockpersonality",
    "memorydeny",
    "nonewprivileges",
    "noexec",
    "on",
    "passenvironment",
    "path",
    "private",
    "protect",
    "readonly",
    "readwrite",
    "requiredby",
    "restrict",
    "root",
    "secure",
    "supplementary",
    "systemcall",
    "unit",
    "user",
    "wantedby",
];

/// What has to be known of a file to read its lines.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Syntax {
    Unit,
    /// `#1000` is a user there, and `#include` no comment.
    Sudoers,
    /// A `Match` holds until the next one, and no line goes on in another.
    Sshd,
    Other,
}

impl Syntax {
    fn of_file(path: &str) -> Self {
        let units = [".service", ".socket", ".timer", ".path"];
        let is_unit = |end: &&str| path.ends_with(*end) || path.contains(&format!("{end}.d/"));
        match units.iter().any(is_unit) {
            true => Self::Unit,
            false => Self::of_document(path),
        }
    }

    /// By the command that reads a here-document; all lines of a unit in one count.
    fn of_document(line: &str) -> Self {
        if line.contains("sudoers") {
            return Self::Sudoers;
        }
        match line.contains("sshd_config") || line.contains("/etc/ssh/") {
            true => Self::Sshd,
            false => Self::Other,
        }
    }

    fn is_comment(self, line: &str) -> bool {
        let is_user = || {
            let rest = line.trim_start_matches('#');
            self == Self::Sudoers && rest.starts_with(|first: char| first.is_ascii_digit())
        };
        line.starts_with(['#', ';']) && !line.starts_with("#include") && !is_user()
    }

    fn matters(self, line: &str) -> bool {
        let is_heading = line.starts_with('[') && line.ends_with(']');
        let is_told = || {
            let line = line.to_ascii_lowercase();
            UNIT_KEYS.iter().any(|key| line.starts_with(key))
        };
        !is_heading && (self != Self::Unit || is_told())
    }
}

/// A unit that runs as another user than root is confined by it.
fn confined_to_user(syntax: Syntax, line: &str) -> Option<Effect> {
    let (key, user) = line.split_once('=').filter(|_| syntax == Syntax::Unit)?;
    let is_user = key.trim().eq_ignore_ascii_case("user");
    is_user.then(|| match user.trim() {
        "" | "root" | "0" => Effect::Opens,
        _ => Effect::Guards,
    })
}

/// Lines that are no comment and no heading, each with the lines that it goes on in and the `Match` that it is under.
fn significant(syntax: Syntax, text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut goes_on = String::new();
    let mut within = None;
    let written = text.lines().map(str::trim).filter(|line| !line.is_empty());
    // A comment ends where its line ends, whatever it ends with.
    for line in written.filter(|line| !syntax.is_comment(line)) {
        if syntax == Syntax::Sshd {
            let is_match = line
                .get(..5)
                .is_some_and(|start| start.eq_ignore_ascii_case("match"));
            if is_match {
                within = Some(line);
                lines.push(line.to_owned());
            } else {
                lines.push(match within {
                    Some(condition) => format!("{condition}: {line}"),
                    None => line.to_owned(),
                });
            }
            continue;
        }
        match line.strip_suffix('\\') {
            Some(start) => {
                goes_on.push_str(start.trim_end());
                goes_on.push(' ');
            }
            None => lines.push(std::mem::take(&mut goes_on) + line),
        }
    }
    if !goes_on.is_empty() {
        lines.push(goes_on.trim_end().to_owned());
    }
    lines.retain(|line| syntax.matters(line));
    lines
}
