//! One simple command of a script.

use std::ops::Range;

use super::word::Word;

/// What a script holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    /// Its commands, by where each begins; those of a substitution come before the command that it is in.
    pub(crate) commands: Vec<Command>,
    /// Where the bodies of its here-documents stand.
    pub(crate) documents: Vec<Range<usize>>,
}

/// A simple command: assignments, words and redirections, in the order of the text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Command {
    /// From its first word to its last one.
    pub(crate) range: Range<usize>,
    /// `NAME=value` before the program.
    pub(crate) assignments: Vec<(String, Word)>,
    /// The program and its arguments, wrappers such as `sudo` first.
    pub(crate) words: Vec<Word>,
    /// Where output goes and input comes from.
    pub(crate) redirects: Vec<Redirect>,
    /// Commands joined by `|` have the same.
    pub(crate) pipeline: usize,
    /// Whether it is in the body of a loop.
    pub(crate) in_loop: bool,
    /// Whether it is in the body of a function.
    pub(crate) in_function: bool,
    /// Which word is the program, after wrappers.
    program: usize,
    name: String,
}

/// A redirection.
#[derive(Clone, Debug)]
pub(crate) struct Redirect {
    /// What it does.
    pub(crate) kind: RedirectKind,
    /// The file, or the here-document's delimiter.
    pub(crate) target: Word,
    /// Which of [`Script::documents`] it reads.
    pub(crate) document: Option<usize>,
}

/// What a redirection does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum RedirectKind {
    /// `<`, `<<`, `<<<`.
    Read,
    /// `>`, `>|`, `&>`.
    Write,
    /// `>>`.
    Append,
    /// `2>&1` and the like.
    Duplicate,
}

/// Programs that run the command after them, with those of their options that take a value.
const WRAPPERS: [(&str, &[&str]); 12] = [
    ("command", &[]),
    ("doas", &["-u", "-C"]),
    ("env", &["-u", "-C", "--unset", "--chdir"]),
    ("exec", &["-a"]),
    ("ionice", &["-c", "-n"]),
    ("nice", &["-n"]),
    ("nohup", &[]),
    ("setsid", &[]),
    ("stdbuf", &["-i", "-o", "-e"]),
    (
        "sudo",
        &[
            "-u", "-g", "-h", "-p", "-C", "-r", "-t", "-U", "-D", "-R", "--user", "--group",
        ],
    ),
    ("time", &[]),
    ("timeout", &["-s", "-k", "--signal", "--kill-after"]),
];

impl Command {
    /// The program's name without its folder, after wrappers; empty when it is not known.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The program's arguments.
    pub(crate) fn arguments(&self) -> &[Word] {
        self.words.get(self.program + 1..).unwrap_or_default()
    }

    /// The arguments that are no options.
    pub(crate) fn operands(&self) -> impl Iterator<Item = &Word> {
        let operand = |word: &&Word| !word.text.starts_with('-') || word.text == "-";
        self.arguments().iter().filter(operand)
    }

    /// Whether one of the options is there: `-x`, also among others (`-rxf`), or `--long`, also with a value.
    pub(crate) fn has_option(&self, option: &str) -> bool {
        let letter = option.strip_prefix('-').filter(|rest| rest.len() == 1);
        let mut words = self.arguments().iter().map(|word| word.text.as_str());
        words.any(|word| match (letter, word.strip_prefix("--")) {
            (Some(_), Some(_)) => false,
            (Some(letter), None) => word.starts_with('-') && word.contains(letter),
            (None, _) => word.split('=').next() == Some(option),
        })
    }

    /// The words before the program: `sudo -u x`.
    pub(crate) fn wrappers(&self) -> &[Word] {
        &self.words[..self.program.min(self.words.len())]
    }

    /// Whether it only does something when the part of the script that it is in is called.
    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty() && self.assignments.is_empty() && self.redirects.is_empty()
    }

    /// Finds the program behind wrappers.
    pub(super) fn unwrap_program(&mut self) {
        let mut at = 0;
        while let Some((_, valued)) = self
            .words
            .get(at)
            .and_then(Word::literal)
            .map(|path| path.rsplit('/').next().unwrap_or_default())
            .and_then(|name| WRAPPERS.iter().find(|(wrapper, _)| *wrapper == name))
        {
            let wrapper = at;
            at += 1;
            while let Some(word) = self.words.get(at) {
                if valued.contains(&word.text.as_str()) {
                    at += 2;
                } else if word.text.starts_with('-') || is_assignment(&word.text) {
                    at += 1;
                } else {
                    break;
                }
            }
            // `timeout 5 program`.
            if self.words[wrapper].text.ends_with("timeout") {
                at += 1;
            }
            if at >= self.words.len() {
                at = wrapper;
                break;
            }
        }
        self.program = at;
        let path = self.words.get(at).and_then(Word::literal);
        let name = path.and_then(|path| path.rsplit('/').next());
        self.name = name.unwrap_or_default().to_owned();
    }
}

/// Whether a word is `NAME=…`.
pub(super) fn is_assignment(word: &str) -> bool {
    let name = word.split('=').next().unwrap_or_default();
    name.len() < word.len() && is_name(name)
}

/// Whether a word can be a variable's name.
pub(super) fn is_name(word: &str) -> bool {
    !word.is_empty()
        && !word.starts_with(|c: char| c.is_ascii_digit())
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
