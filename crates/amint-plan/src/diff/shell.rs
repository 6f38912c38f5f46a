//! A shell script as commands, as far as that takes no shell: quotes are taken off, comments left out, here-documents kept.
//!
//! Whoever wants to hide a command from it can; a script that changed is shown as a whole in any case.

use super::prefixes::program_at;

/// How deep substitutions are followed.
const DEEPEST: usize = 8;

/// Programs whose scripts can be read here.
const SHELLS: [&str; 5] = ["ash", "bash", "dash", "ksh", "sh"];

/// How a command is joined to the next one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Next {
    #[default]
    Then,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `&`, after which nobody asks how it ended.
    Background,
}

/// One command with its arguments.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Command {
    /// Its words, without their quotes.
    pub(super) words: Vec<String>,
    /// The files that its output and its messages go to.
    pub(super) writes: Vec<String>,
    /// The file that its output goes to.
    pub(super) output: Option<String>,
    /// The text of its here-documents.
    pub(super) document: String,
    /// Whether it reads what the command before it prints.
    pub(super) piped: bool,
    /// What makes the next command run, or not.
    pub(super) next: Next,
    /// Where its program is among the words; behind them all when it only assigns.
    at: usize,
}

impl Command {
    /// The program's name without its folder, past assignments and words such as `sudo` and `then`.
    pub(super) fn program(&self) -> &str {
        let program = self.words.get(self.at).map_or("", String::as_str);
        program.rsplit('/').next().unwrap_or_default()
    }

    /// What follows the program.
    pub(super) fn arguments(&self) -> &[String] {
        self.words.get(self.at + 1..).unwrap_or_default()
    }

    /// What stands before the program; all of a command that only assigns.
    pub(super) fn assignments(&self) -> &[String] {
        &self.words[..self.at]
    }

    /// The script of `sh -c`, or of `su -c`.
    fn script(&self) -> Option<&str> {
        let runs = SHELLS.contains(&self.program())
            || matches!(self.program(), "su" | "runuser" | "flock");
        let mut arguments = self.arguments().iter().filter(|_| runs);
        let is_flag =
            |word: &String| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c');
        arguments.find(|word| is_flag(word) || *word == "--command")?;
        arguments.next().map(String::as_str)
    }

    /// Assignments and words such as `sudo`, with what belongs to those, come before the program.
    fn find_program(&mut self) {
        self.at = program_at(&self.words).min(self.words.len());
    }

    /// What `find` runs for each file that it finds.
    fn found(&self) -> Vec<Command> {
        let mut found = Vec::new();
        let mut words: Option<Vec<String>> = None;
        if self.program() != "find" {
            return Vec::new();
        }
        for word in self.arguments() {
            let begins = matches!(word.as_str(), "-exec" | "-execdir" | "-ok" | "-okdir");
            if begins || matches!(word.as_str(), ";" | "+") {
                found.extend(words.take());
                words = begins.then(Vec::new);
            } else if let Some(words) = &mut words {
                words.push(word.clone());
            }
        }
        found.extend(words);
        let commands = found.into_iter().map(|words| {
            let mut command = Command {
                words,
                ..Command::default()
            };
            command.find_program();
            command
        });
        commands.collect()
    }

    /// It on one line, without what stands before its program and without its here-documents.
    pub(super) fn line(&self) -> String {
        let start = if self.at < self.words.len() {
            self.at
        } else {
            0
        };
        let mut line = self.words[start..].join(" ");
        for path in &self.writes {
            line.push_str(" > ");
            line.push_str(path);
        }
        line
    }
}

/// The commands of a script in the order of its text; those of a substitution come before the command that they are part of.
pub(super) fn commands(script: &str) -> Vec<Command> {
    let mut reader = Reader::new(script, 0);
    reader.read();
    reader.commands
}

struct Reader<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    depth: usize,
    commands: Vec<Command>,
    command: Command,
    word: String,
    /// Whether a word has begun, though it may be empty as `''` is.
    in_word: bool,
    /// Whether the redirection under way is one of the output.
    is_output: bool,
    /// What the word under way is, where it is no argument.
    next_is: Word,
    /// Here-documents that begin at the end of this line: the word that ends each, and whether tabs are taken off.
    awaited: Vec<(String, bool)>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Word {
    Argument,
    Written,
    Read,
    DocumentEnd { tabs: bool },
}

impl<'a> Reader<'a> {
    fn new(script: &'a str, depth: usize) -> Self {
        Self {
            rest: script.chars().peekable(),
            depth,
            commands: Vec::new(),
            command: Command::default(),
            word: String::new(),
            in_word: false,
            is_output: false,
            next_is: Word::Argument,
            awaited: Vec::new(),
        }
    }

    fn read(&mut self) {
        while let Some(character) = self.rest.next() {
            match character {
                '\n' => {
                    self.end_command();
                    self.documents();
                }
                ' ' | '\t' | '\r' => self.end_word(),
                // The line goes on, and no word begins.
                '\\' if self.next_if('\n') => {}
                ';' | '(' | ')' => self.end_command(),
                '&' if self.next_if('>') => {
                    self.end_word();
                    self.is_output = true;
                    self.redirect('>');
                }
                '&' => {
                    let and = self.next_if('&');
                    self.end_command();
                    self.join(if and { Next::And } else { Next::Background });
                }
                '|' => {
                    let piped = !self.next_if('|');
                    self.next_if('&');
                    self.end_command();
                    if !piped {
                        self.join(Next::Or);
                    }
                    self.command.piped = piped;
                }
                '#' if !self.in_word => while self.rest.next_if(|next| *next != '\n').is_some() {},
                '<' | '>' => {
                    // A number right before it is a descriptor.
                    let is_number = self.word.bytes().all(|byte| byte.is_ascii_digit());
                    let is_output = !is_number || matches!(self.word.as_str(), "" | "1");
                    if is_number {
                        self.word.clear();
                        self.in_word = false;
                    }
                    self.end_word();
                    self.is_output = is_output;
                    if self.next_if('(') {
                        self.in_word = true;
                        let inner = self.parenthesised();
                        self.substitution(character, &inner);
                    } else {
                        self.redirect(character);
                    }
                }
                other => self.part_of_word(other),
            }
        }
        self.end_command();
    }

    fn part_of_word(&mut self, character: char) {
        self.in_word = true;
        match character {
            '\'' => self.until('\''),
            '"' => self.double_quoted(),
            '\\' => match self.rest.next() {
                Some('\n') | None => {}
                Some(escaped) => self.word.push(escaped),
            },
            '$' => self.dollar(),
            '`' => {
                let mut inner = String::new();
                while let Some(next) = self.rest.next().filter(|next| *next != '`') {
                    inner.push(next);
                }
                self.substitution('$', &inner);
            }
            plain => self.word.push(plain),
        }
    }

    fn next_if(&mut self, character: char) -> bool {
        self.rest.next_if_eq(&character).is_some()
    }

    fn until(&mut self, end: char) {
        while let Some(next) = self.rest.next().filter(|next| *next != end) {
            self.word.push(next);
        }
    }

    fn double_quoted(&mut self) {
        while let Some(next) = self.rest.next().filter(|next| *next != '"') {
            match next {
                '\\' => match self.rest.next() {
                    Some('\n') | None => {}
                    Some(escaped @ ('"' | '\\' | '$' | '`')) => self.word.push(escaped),
                    Some(other) => self.word.extend(['\\', other]),
                },
                '$' | '`' => self.part_of_word(next),
                plain => self.word.push(plain),
            }
        }
    }

    /// A variable stays as it is written; what a substitution runs is read by itself.
    fn dollar(&mut self) {
        if self.next_if('(') {
            let inner = self.parenthesised();
            self.substitution('$', &inner);
        } else if self.next_if('{') {
            self.word.push_str("${");
            self.until('}');
            self.word.push('}');
        } else {
            self.word.push('$');
        }
    }

    /// What is left up to the parenthesis that closes the one before.
    fn parenthesised(&mut self) -> String {
        let mut inner = String::new();
        let mut depth = 1;
        for next in self.rest.by_ref() {
            depth += i32::from(next == '(') - i32::from(next == ')');
            if depth == 0 {
                break;
            }
            inner.push(next);
        }
        inner
    }

    /// `$(…)`, or `<(…)` and `>(…)`.
    fn substitution(&mut self, mark: char, script: &str) {
        self.inner(script);
        self.word.extend([mark, '(']);
        self.word.push_str(script);
        self.word.push(')');
    }

    fn redirect(&mut self, direction: char) {
        let again = self.next_if(direction);
        self.next_is = match (direction, again) {
            ('<', true) if self.next_if('<') => Word::Argument,
            ('<', true) => Word::DocumentEnd {
                tabs: self.next_if('-'),
            },
            ('<', false) => Word::Read,
            _ => Word::Written,
        };
        self.next_if('|');
        // A copy of a descriptor is no file.
        if self.next_if('&') {
            self.next_is = Word::Read;
        }
    }

    fn end_word(&mut self) {
        if !std::mem::take(&mut self.in_word) {
            return;
        }
        let word = std::mem::take(&mut self.word);
        match std::mem::replace(&mut self.next_is, Word::Argument) {
            Word::Argument => self.command.words.push(word),
            Word::Written => {
                if self.is_output {
                    self.command.output = Some(word.clone());
                }
                self.command.writes.push(word);
            }
            Word::Read => {}
            Word::DocumentEnd { tabs } => self.awaited.push((word, tabs)),
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        let mut command = std::mem::take(&mut self.command);
        command.find_program();
        if command.words.is_empty() && command.writes.is_empty() {
            return;
        }
        let found = command.found();
        self.push(command);
        found.into_iter().for_each(|command| self.push(command));
    }

    /// Notes how the command before goes on.
    fn join(&mut self, next: Next) {
        if let Some(command) = self.commands.last_mut() {
            command.next = next;
        }
    }

    fn push(&mut self, command: Command) {
        if let Some(script) = command.script() {
            self.inner(script);
        }
        self.commands.push(command);
    }

    /// Reads the commands of a script in the script.
    fn inner(&mut self, script: &str) {
        if self.depth < DEEPEST {
            let mut inner = Reader::new(script, self.depth + 1);
            inner.read();
            self.commands.append(&mut inner.commands);
        }
    }

    /// The here-documents of the line that just ended belong to its last command: others rarely have one.
    fn documents(&mut self) {
        for (end, tabs) in std::mem::take(&mut self.awaited) {
            let mut text = String::new();
            while self.rest.peek().is_some() {
                let line: String = self
                    .rest
                    .by_ref()
                    .take_while(|next| *next != '\n')
                    .collect();
                let line = if tabs {
                    line.trim_start_matches('\t')
                } else {
                    &line
                };
                if line == end {
                    break;
                }
                text.push_str(line);
                text.push('\n');
            }
            if let Some(command) = self.commands.last_mut() {
                command.document.push_str(&text);
                if SHELLS.contains(&command.program()) {
                    self.inner(&text);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::commands;

    fn lines(script: &str) -> Vec<String> {
        commands(script).iter().map(super::Command::line).collect()
    }

    #[test]
    fn a_script_is_read_as_commands() {
        for (script, expected) in [
            ("a b # c\n# d\n e", &["a b", "e"][..]),
            ("a 'b c' \"d $e\" f\\ g", &["a b c d $e f g"]),
            ("a; b && c || d & e | f", &["a", "b", "c", "d", "e", "f"]),
            ("a \\\n  b", &["a b"]),
            ("if a; then sudo -E b; fi", &["a", "b", "fi"]),
            ("X=1 /usr/sbin/a b", &["/usr/sbin/a b"]),
            ("a >/b 2>&1 >> c < d", &["a > /b > c"]),
            ("a \"$(b c)\" `d`", &["b c", "d", "a $(b c) $(d)"]),
            ("a ${b#c} x#y", &["a ${b#c} x#y"]),
            ("sh -c 'a b'", &["a b", "sh -c a b"]),
            ("sudo bash -euc 'a b'", &["a b", "bash -euc a b"]),
            ("sh <<E\na b\nE\nc", &["sh", "a b", "c"]),
            ("cat <<-'E'\n\ta; b\n\tE\nc", &["cat", "c"]),
            ("a <<<b c", &["a b c"]),
            ("a <(b c) d", &["b c", "a <(b c) d"]),
            ("(a; b)", &["a", "b"]),
            ("sudo -u x a b", &["a b"]),
            ("su - x -c 'a b'", &["a b", "su - x -c a b"]),
            ("flock /l -c 'a b'", &["a b", "flock /l -c a b"]),
            (
                "find /x -exec a {} + -execdir sh -c 'b c' \\;",
                &[
                    "find /x -exec a {} + -execdir sh -c b c ;",
                    "a {}",
                    "b c",
                    "sh -c b c",
                ],
            ),
            ("''", &[""]),
            ("", &[]),
        ] {
            assert_eq!(lines(script), expected, "{script}");
        }
    }

    #[test]
    fn what_is_never_closed_ends_with_the_script() {
        for script in [
            "'a",
            "\"a",
            "$(a",
            "`a",
            "${a",
            "a <<E\nb",
            "a \\",
            "a >",
            "\"$(\"`${",
        ] {
            commands(script);
        }
    }

    #[test]
    fn output_is_what_no_other_descriptor_is() {
        for (script, expected) in [
            ("a > /b", Some("/b")),
            ("a 1>/b", Some("/b")),
            ("a &> /b", Some("/b")),
            ("a > /b > /c 2> /d", Some("/c")),
            ("a1>/b", Some("/b")),
            ("a 2>/b", None),
            ("a 2> /b 3>>/c", None),
            ("a < /b", None),
            ("a 2>&1", None),
        ] {
            assert_eq!(commands(script)[0].output.as_deref(), expected, "{script}");
        }
    }

    #[test]
    fn here_documents_are_kept() {
        let commands = commands("cat > /x <<A <<B\none\nA\ntwo\nB\n");
        assert_eq!(commands[0].document, "one\ntwo\n");
        assert_eq!(commands[0].writes, ["/x"]);
    }
}
