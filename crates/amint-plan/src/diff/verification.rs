//! What a script compares with a digest or a signature, and where in the script it does.

use std::collections::{BTreeMap, BTreeSet};

use super::shell::{Command, Next};

/// The positions of the last commands that compare something. A download counts as compared when it comes before one of them.
#[derive(Debug, Default)]
pub(super) struct Verification {
    /// By the names of the files that are compared.
    files: BTreeMap<String, usize>,
    /// A list of digests that did not come from where the files came from names files that nobody knows here.
    list: Option<usize>,
    /// A checkout of a full commit id.
    commit: Option<usize>,
}

impl Verification {
    /// What the script compares; `fetched` are the names of the files that it downloads.
    pub(super) fn of(commands: &[Command], fetched: &BTreeSet<&str>) -> Self {
        let mut verification = Self::default();
        let has_digest = commands.iter().flat_map(words).any(is_digest);
        let ignored = ignored(commands);
        for (at, command) in commands.iter().enumerate() {
            // Whatever it finds, the script goes on.
            if ignored[at] {
                continue;
            }
            let before = commands[..at].last().filter(|_| command.piped);
            let reads_list = before.is_none() && reads_a_list(command, fetched);
            let compares = match command.program() {
                "sha256sum" | "sha384sum" | "sha512sum" | "shasum" | "b2sum" if checks(command) => {
                    if reads_list {
                        verification.list = Some(at);
                    }
                    let texts = [Some(command), before].into_iter().flatten();
                    let literal = texts.flat_map(words).any(is_digest);
                    // In a variable, it was set in the script or came with the recipe.
                    literal || before.is_some_and(|before| before.line().contains('$'))
                }
                // It prints a digest, which something compares with one that the script holds.
                "sha256sum" | "sha384sum" | "sha512sum" | "shasum" | "b2sum" | "openssl" => {
                    has_digest
                }
                "gpg" | "gpg2" | "gpgv" | "cosign" | "minisign" | "signify" | "slsa-verifier"
                | "rpm" | "rpmkeys" => is_signature_check(command),
                "git" => {
                    let commit = |word: &String| is_hex(word, 40) || is_hex(word, 64);
                    if command.arguments().iter().any(commit) {
                        verification.commit = Some(at);
                    }
                    false
                }
                _ => false,
            };
            if compares {
                for command in [Some(command), before].into_iter().flatten() {
                    verification
                        .files
                        .extend(names(command).map(|name| (name, at)));
                }
            }
        }
        verification
    }

    /// Whether a command after this position compares the file of this name.
    pub(super) fn covers_after(&self, at: usize, name: &str) -> bool {
        let named = self.files.get(name).is_some_and(|check| *check > at);
        named || self.list.is_some_and(|check| check > at)
    }

    /// Whether a command after this position checks out a commit by its full id.
    pub(super) fn pins_commit_after(&self, at: usize) -> bool {
        self.commit.is_some_and(|check| check > at)
    }
}

/// Of each command, whether the script goes on as if nothing was when it fails, as before `|| true`.
fn ignored(commands: &[Command]) -> Vec<bool> {
    let mut ignored = vec![false; commands.len()];
    let mut in_group = false;
    let mut inner: Vec<(&str, usize)> = Vec::new();
    for (at, command) in commands.iter().enumerate().rev() {
        let after = ignored.get(at + 1).copied().unwrap_or_default();
        let is_piped_on = commands.get(at + 1).is_some_and(|next| next.piped);
        let itself = match command.next {
            Next::Or => !stops(&commands[at + 1..]),
            Next::Background => true,
            Next::And => after,
            Next::Then => is_piped_on && after,
        };
        // What runs in its words comes before it.
        if itself {
            let made = command.words.iter().filter(|word| word.contains("$("));
            inner.extend(made.map(|word| (word.as_str(), at)));
        } else {
            inner.retain(|(text, from)| {
                at + LONGEST_GROUP > *from && text.contains(command.program())
            });
        }
        let is_inner = !itself && !inner.is_empty();
        ignored[at] = itself || in_group || is_inner;
        if command.program() == "}" {
            in_group |= itself;
        } else if command.assignments().iter().any(|word| word == "{") {
            in_group = false;
        }
    }
    ignored
}

/// Longest `{ …; }` behind `||` that is read.
const LONGEST_GROUP: usize = 20;

/// Whether what is run after a failure ends the script, too, by itself or at the end of `{ …; }`.
fn stops(commands: &[Command]) -> bool {
    let fails = |command: &Command| match command.program() {
        "exit" | "return" => command
            .arguments()
            .first()
            .is_none_or(|code| code == "$?" || code.parse::<u8>().is_ok_and(|code| code > 0)),
        "false" | "die" | "fail" | "abort" | "fatal" | "bail" => true,
        _ => false,
    };
    // What is never run, or whose failure is ignored again, ends nothing.
    let is_sure = |command: &Command| fails(command) && command.next == Next::Then;
    let Some(first) = commands.first() else {
        return false;
    };
    if !first.assignments().iter().any(|word| word == "{") {
        return is_sure(first);
    }
    let group = commands.iter().take(LONGEST_GROUP);
    // What stands in a condition or a loop may never be run.
    let is_plain = |command: &&Command| {
        let mut before = command.assignments().iter();
        !matches!(command.program(), "}" | "case" | "for")
            && !before.any(|word| matches!(word.as_str(), "if" | "while" | "until"))
    };
    let mut group = group.take_while(is_plain);
    group.any(|command| is_sure(command) && command.assignments().iter().all(|word| word == "{"))
}

/// The last parts of all paths that a command names, in its here-documents too.
fn names(command: &Command) -> impl Iterator<Item = String> {
    let texts = command.words.iter().chain([&command.document]);
    let parts = texts.flat_map(|text| {
        text.split(|letter: char| letter.is_whitespace() || "*\"()".contains(letter))
    });
    let names = parts.map(|part| part.rsplit('/').next().unwrap_or_default());
    names.filter(|name| !name.is_empty()).map(str::to_owned)
}

/// `-c`, alone or among other letters.
fn checks(command: &Command) -> bool {
    command.arguments().iter().any(|word| {
        word == "--check"
            || (word.starts_with('-') && !word.starts_with("--") && word.contains('c'))
    })
}

fn reads_a_list(command: &Command, fetched: &BTreeSet<&str>) -> bool {
    let mut files = command
        .arguments()
        .iter()
        .filter(|word| !word.starts_with('-'));
    files.any(|file| {
        // `/dev/null` and the like are no lists that anybody wrote.
        if file.starts_with("/dev/") {
            return false;
        }
        let name = file.rsplit('/').next().unwrap_or_default();
        !name.is_empty() && !fetched.contains(name)
    })
}

fn is_signature_check(command: &Command) -> bool {
    let arguments = command.arguments();
    let has = |words: &[&str]| arguments.iter().any(|word| words.contains(&word.as_str()));
    match command.program() {
        "gpgv" => true,
        "gpg" | "gpg2" => has(&["--verify"]),
        "rpm" | "rpmkeys" => has(&["-K", "--checksig"]),
        "minisign" | "signify" => has(&["-V", "-Vm"]),
        _ => arguments.iter().any(|word| word.starts_with("verify")),
    }
}

fn words(command: &Command) -> impl Iterator<Item = &str> {
    let texts = command.words.iter().map(String::as_str);
    texts
        .chain([command.document.as_str()])
        .flat_map(|text| text.split(|character: char| !character.is_ascii_alphanumeric()))
}

fn is_digest(word: &str) -> bool {
    [64, 96, 128].iter().any(|length| is_hex(word, *length))
}

fn is_hex(word: &str, length: usize) -> bool {
    word.len() == length && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}
