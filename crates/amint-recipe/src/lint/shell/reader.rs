//! A script's text to its commands.

use super::command::{Command, Redirect, RedirectKind, Script, is_name};
use super::word::Word;
use super::words::ends_word;

/// The commands of a script, at most `most` of them.
pub(crate) fn read(text: &str, most: usize) -> Script {
    let mut reader = Reader::new(text, most);
    reader.commands(End::Text);
    reader.script
}

/// Where a list of commands ends.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum End {
    /// With the text.
    Text,
    /// At the `)` of a substitution.
    Bracket,
}

/// What commands lie in.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Nest {
    /// `( … )`, `true` for a function's body.
    Bracket(bool),
    /// `{ … }`, `true` for a function's body.
    Brace(bool),
    /// `do … done`.
    Loop,
    /// `case … esac`.
    Case,
}

pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    /// How many commands are read.
    most: usize,
    /// The next byte.
    pub(super) at: usize,
    /// Where reading ends: the text's end, or that of a backtick substitution.
    pub(super) limit: usize,
    /// How many expansions this lies in.
    pub(super) depth: usize,
    script: Script,
    /// Here-documents whose bodies follow after this line: delimiter, tabs removed, and the index.
    pending: Vec<(String, bool, usize)>,
    pipelines: usize,
    /// How many loops and functions all this lies in.
    loops: usize,
    functions: usize,
}

/// One list of commands, as far as it was read.
struct List {
    nests: Vec<Nest>,
    command: Command,
    pipeline: usize,
    /// The next body is that of a function.
    function: bool,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, most: usize) -> Reader<'a> {
        Reader {
            text,
            most,
            at: 0,
            limit: text.len(),
            depth: 0,
            script: Script::default(),
            pending: Vec::new(),
            pipelines: 0,
            loops: 0,
            functions: 0,
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        (self.at < self.limit).then(|| self.text.as_bytes()[self.at])
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..self.limit).unwrap_or_default()
    }

    /// Reads commands up to their end.
    pub(super) fn commands(&mut self, end: End) {
        let (loops, functions) = (self.loops, self.functions);
        let mut list = List {
            nests: Vec::new(),
            command: Command::default(),
            pipeline: self.next_pipeline(),
            function: false,
        };
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\\' if self.rest().starts_with("\\\n") => self.at += 2,
                b'#' => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                b'\n' => {
                    self.at += 1;
                    self.finish(&mut list, false);
                    self.documents();
                }
                b';' => {
                    let clause = self.rest().starts_with(";;") || self.rest().starts_with(";&");
                    self.at += 1 + usize::from(clause);
                    self.finish(&mut list, false);
                    if clause && list.nests.last() == Some(&Nest::Case) {
                        self.pattern(&mut list);
                    }
                }
                b'&' if self.rest().starts_with("&>") => {
                    self.at += 1;
                    self.redirect(&mut list.command);
                }
                b'&' => {
                    self.at += 1 + usize::from(self.rest().starts_with("&&"));
                    self.finish(&mut list, false);
                }
                b'|' => {
                    let or = self.rest().starts_with("||");
                    self.at += 1 + usize::from(or || self.rest().starts_with("|&"));
                    self.finish(&mut list, !or);
                }
                b'(' => self.open_bracket(&mut list),
                b')' => {
                    self.at += 1;
                    self.finish(&mut list, false);
                    if matches!(list.nests.last(), Some(Nest::Bracket(_))) {
                        self.close(&mut list);
                    } else if end == End::Bracket {
                        break;
                    }
                }
                b'<' | b'>' => self.redirect(&mut list.command),
                _ => self.next_word(&mut list),
            }
        }
        self.finish(&mut list, false);
        (self.loops, self.functions) = (loops, functions);
    }

    fn next_pipeline(&mut self) -> usize {
        self.pipelines += 1;
        self.pipelines
    }

    /// Puts the command with the others; the next one is in the same pipeline or begins its own.
    fn finish(&mut self, list: &mut List, piped: bool) {
        let mut command = std::mem::take(&mut list.command);
        if !command.is_empty() {
            command.pipeline = list.pipeline;
            command.in_loop = self.loops > 0;
            command.in_function = self.functions > 0;
            command.unwrap_program();
            self.script.commands.push(command);
            if self.script.commands.len() >= self.most {
                self.at = self.text.len();
            }
        }
        if !piped {
            list.pipeline = self.next_pipeline();
        }
    }

    fn open(&mut self, list: &mut List, nest: Nest) {
        match nest {
            Nest::Bracket(true) | Nest::Brace(true) => self.functions += 1,
            Nest::Loop => self.loops += 1,
            _ => {}
        }
        list.function = false;
        list.nests.push(nest);
    }

    fn close(&mut self, list: &mut List) {
        match list.nests.pop() {
            Some(Nest::Bracket(true) | Nest::Brace(true)) => self.functions -= 1,
            Some(Nest::Loop) => self.loops -= 1,
            _ => {}
        }
    }

    /// `(`: a subshell, `((…))`, or after a name a function.
    fn open_bracket(&mut self, list: &mut List) {
        if list.command.words.len() == 1
            && self.rest()[1..]
                .trim_start_matches([' ', '\t'])
                .starts_with(')')
        {
            self.at += self.rest().find(')').unwrap_or_default() + 1;
            list.command = Command::default();
            list.function = true;
        } else if self.rest().starts_with("((") && list.command.is_empty() {
            self.at += 1;
            self.balanced(b'(', b')');
        } else {
            self.at += 1;
            self.finish(list, true);
            let function = list.function;
            self.open(list, Nest::Bracket(function));
        }
    }

    fn next_word(&mut self, list: &mut List) {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && matches!(self.rest().as_bytes().get(digits), Some(b'<' | b'>')) {
            self.at += digits;
            return self.redirect(&mut list.command);
        }
        let word = self.word();
        if word.range.is_empty() {
            // No byte that begins a word is left to get here; never stand still.
            self.at += 1;
            return;
        }
        if list.command.words.is_empty() && !word.is_quoted() && self.reserved(list, &word) {
            return;
        }
        let command = &mut list.command;
        if command.is_empty() {
            command.range.start = word.range.start;
        }
        command.range.end = word.range.end;
        match assignment(&word) {
            Some(pair) if command.words.is_empty() => command.assignments.push(pair),
            _ => command.words.push(word),
        }
    }

    /// Takes a word of the shell's own grammar.
    fn reserved(&mut self, list: &mut List, word: &Word) -> bool {
        match word.literal().unwrap_or_default() {
            "if" | "then" | "elif" | "else" | "while" | "until" | "!" | "fi" => {}
            "do" => self.open(list, Nest::Loop),
            "done" if list.nests.last() == Some(&Nest::Loop) => self.close(list),
            "done" => {}
            "{" => {
                let function = list.function;
                self.open(list, Nest::Brace(function));
            }
            "}" if matches!(list.nests.last(), Some(Nest::Brace(_))) => self.close(list),
            "}" => {}
            "function" => {
                self.blanks();
                let _ = self.word();
                list.function = true;
            }
            "case" => {
                self.blanks();
                let _ = self.word();
                self.open(list, Nest::Case);
                self.pattern(list);
            }
            "esac" if list.nests.last() == Some(&Nest::Case) => self.close(list),
            "esac" => {}
            "[[" => {
                let line = self.rest().lines().next().unwrap_or_default();
                self.at += line.find("]]").map_or(line.len(), |at| at + 2);
                // Its own grammar; that it is there is all that is kept.
                list.command.range = word.range.clone();
                list.command.words.push(word.clone());
            }
            _ => return false,
        }
        true
    }

    /// Goes past `in` and a clause's pattern to its commands, or past `esac`.
    fn pattern(&mut self, list: &mut List) {
        loop {
            self.blanks();
            match self.peek() {
                Some(b'\n') => {
                    self.at += 1;
                    self.documents();
                }
                Some(b'#') => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                Some(b')') => {
                    self.at += 1;
                    return;
                }
                Some(byte) if ends_word(byte) => self.at += 1,
                Some(_) => {
                    let word = self.word();
                    if word.literal() == Some("esac") {
                        return self.close(list);
                    }
                }
                None => return,
            }
        }
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
    }

    /// `<`, `>` and the file after it.
    fn redirect(&mut self, command: &mut Command) {
        let start = self.at;
        let rest = self.rest();
        // `<(…)` is a word: a file that is a command's output.
        if rest.starts_with("<(") || rest.starts_with(">(") {
            self.at += 2;
            self.deeper(|reader| reader.commands(End::Bracket));
            let mut word = Word::default();
            word.push_substitution();
            word.range = start..self.at.min(self.text.len());
            return command.words.push(word);
        }
        let operator = ["<<<", "<<-", "<<", "<&", "<>", "<", ">>", ">&", ">|", ">"]
            .into_iter()
            .find(|operator| rest.starts_with(operator))
            .unwrap_or("<");
        self.at += operator.len();
        self.blanks();
        let target = self.word();
        let kind = match operator {
            ">>" => RedirectKind::Append,
            // `>&file` writes to a file, `>&2` does not.
            ">&" if !target
                .text
                .starts_with(|c: char| c.is_ascii_digit() || c == '-') =>
            {
                RedirectKind::Write
            }
            ">&" | "<&" => RedirectKind::Duplicate,
            ">" | ">|" => RedirectKind::Write,
            _ => RedirectKind::Read,
        };
        let document = matches!(operator, "<<" | "<<-").then(|| {
            let index = self.script.documents.len();
            self.script.documents.push(0..0);
            self.pending
                .push((target.text.clone(), operator == "<<-", index));
            index
        });
        if command.is_empty() {
            command.range.start = start;
        }
        command.range.end = target.range.end.max(self.at).min(self.text.len());
        command.redirects.push(Redirect {
            kind,
            target,
            document,
        });
    }

    /// The bodies of the here-documents of the line before.
    fn documents(&mut self) {
        for (delimiter, tabs, index) in std::mem::take(&mut self.pending) {
            let start = self.at.min(self.limit);
            let mut end = start;
            loop {
                let rest = self.rest();
                let line = rest.split_inclusive('\n').next().unwrap_or_default();
                self.at += line.len();
                let text = line.trim_end_matches(['\n', '\r']);
                let text = if tabs {
                    text.trim_start_matches('\t')
                } else {
                    text
                };
                if line.is_empty() || text == delimiter {
                    break;
                }
                end = self.at;
            }
            self.script.documents[index] = start..end;
        }
    }
}

/// `NAME=value` as name and value.
fn assignment(word: &Word) -> Option<(String, Word)> {
    let (name, _) = word.unquoted_start().split_once('=')?;
    let name = name.strip_suffix('+').unwrap_or(name);
    if !is_name(name) {
        return None;
    }
    let mut value = word.clone();
    if let Some(super::word::Part::Text { text, .. }) = value.parts.first_mut() {
        let (_, rest) = text.split_once('=')?;
        *text = rest.to_owned();
    }
    let (_, rest) = value.text.split_once('=')?;
    value.text = rest.to_owned();
    Some((name.to_owned(), value))
}
