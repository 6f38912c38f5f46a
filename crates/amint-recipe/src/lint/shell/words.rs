//! Words: quotes, escapes and expansions.

use super::reader::{End, Reader};
use super::word::{Guard, Word};

/// How deep expansions may lie in each other; what is deeper is not looked at.
const MAX_DEPTH: usize = 24;

/// Bytes that end a word, where they are not quoted.
pub(super) fn ends_word(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')'
    )
}

impl<'a> Reader<'a> {
    /// The word that begins here; empty when none does.
    pub(super) fn word(&mut self) -> Word {
        let mut word = Word::default();
        let start = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b'\'' => self.single_quoted(&mut word),
                b'"' => self.double_quoted(&mut word),
                b'\\' => self.escaped(&mut word),
                b'$' => self.dollar(&mut word, false),
                b'`' => self.backtick(&mut word),
                // An array of bash: `name=(a b)`.
                b'(' if word.text.ends_with('=') => {
                    self.at += 1;
                    self.balanced(b'(', b')');
                    word.push_substitution();
                }
                byte if ends_word(byte) => break,
                _ => {
                    let rest = &self.text.as_bytes()[self.at..self.limit];
                    let special = |byte: &u8| {
                        ends_word(*byte) || matches!(byte, b'\'' | b'"' | b'\\' | b'$' | b'`')
                    };
                    let length = rest.iter().position(special).unwrap_or(rest.len());
                    word.push_text(&self.text[self.at..self.at + length], false);
                    self.at += length;
                }
            }
        }
        word.range = start..self.at.min(self.text.len());
        word
    }

    fn single_quoted(&mut self, word: &mut Word) {
        let start = self.at + 1;
        let end = self.find(start, b'\'');
        word.push_text(&self.text[start.min(end)..end], true);
        self.at = end + 1;
    }

    fn double_quoted(&mut self, word: &mut Word) {
        self.at += 1;
        word.push_text("", true);
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\\' => {
                    self.at += 1;
                    if let Some(b'$' | b'`' | b'"' | b'\\' | b'\n') = self.peek() {
                        self.one_character(word);
                    } else {
                        word.push_text("\\", true);
                    }
                }
                b'$' => self.dollar(word, true),
                b'`' => self.backtick(word),
                _ => {
                    let rest = &self.text.as_bytes()[self.at..self.limit];
                    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | b'$' | b'`');
                    let length = rest.iter().position(special).unwrap_or(rest.len());
                    word.push_text(&self.text[self.at..self.at + length], true);
                    self.at += length;
                }
            }
        }
    }

    fn escaped(&mut self, word: &mut Word) {
        self.at += 1;
        match self.peek() {
            Some(b'\n') => self.at += 1,
            Some(_) => self.one_character(word),
            None => {}
        }
    }

    /// Takes one character, whatever it is, as text that means itself.
    fn one_character(&mut self, word: &mut Word) {
        if let Some(character) = self.text[self.at..self.limit].chars().next() {
            let end = self.at + character.len_utf8();
            if character != '\n' {
                word.push_text(&self.text[self.at..end], true);
            }
            self.at = end;
        }
    }

    /// `$…`
    fn dollar(&mut self, word: &mut Word, in_quotes: bool) {
        self.at += 1;
        match self.peek() {
            Some(b'(') if self.rest().starts_with("((") => {
                self.at += 1;
                self.balanced(b'(', b')');
                word.push_substitution();
            }
            Some(b'(') => {
                self.at += 1;
                self.deeper(|reader| reader.commands(End::Bracket));
                word.push_substitution();
            }
            Some(b'{') => {
                self.at += 1;
                self.deeper(|reader| reader.braces(word));
            }
            Some(b'\'') if !in_quotes => {
                self.at += 1;
                let start = self.at;
                let end = self.find_unescaped(start, b'\'');
                word.push_text(&self.text[start..end], true);
                self.at = end + 1;
            }
            Some(b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'$' | b'!' | b'-') => {
                word.push_variable(&self.text[self.at..=self.at], Guard::None);
                self.at += 1;
            }
            Some(byte) if byte == b'_' || byte.is_ascii_alphabetic() => {
                let name = self.take_name();
                word.push_variable(name, Guard::None);
            }
            _ => word.push_text("$", in_quotes),
        }
    }

    /// What follows `${`, to its `}`.
    fn braces(&mut self, word: &mut Word) {
        let length = matches!(self.peek(), Some(b'#' | b'!'));
        if length {
            self.at += 1;
        }
        let start = self.at;
        let mut name = self.take_name();
        if name.is_empty() && matches!(self.peek(), Some(b'@' | b'*' | b'?' | b'$' | b'-')) {
            self.at += 1;
            name = &self.text[start..self.at];
        }
        let colon = self.peek() == Some(b':');
        self.at += usize::from(colon);
        let operator = self.peek();
        let mut operand = Word::default();
        self.until_brace(&mut operand);
        let guard = match operator {
            Some(b'}') if !length => Guard::None,
            Some(b'?') => Guard::Required,
            Some(b'-' | b'=') if operand.text.len() > 1 => Guard::Default,
            Some(b'-' | b'=') => Guard::None,
            _ => Guard::Other,
        };
        word.push_variable(name, guard);
    }

    fn until_brace(&mut self, operand: &mut Word) {
        while let Some(byte) = self.peek() {
            match byte {
                b'}' => {
                    self.at += 1;
                    return;
                }
                b'\'' => self.single_quoted(operand),
                b'"' => self.double_quoted(operand),
                b'\\' => self.escaped(operand),
                b'$' => self.dollar(operand, false),
                b'`' => self.backtick(operand),
                _ => self.one_character(operand),
            }
        }
    }

    fn backtick(&mut self, word: &mut Word) {
        let start = self.at + 1;
        let end = self.find_unescaped(start, b'`');
        self.at = start;
        let limit = self.limit;
        self.limit = end.max(start).min(limit);
        self.deeper(|reader| reader.commands(End::Text));
        self.limit = limit;
        self.at = self.at.max(end + 1);
        word.push_substitution();
    }

    /// Reads something in something else, unless that is too deep: then the rest of the script is left out.
    pub(super) fn deeper(&mut self, read: impl FnOnce(&mut Self)) {
        if self.depth >= MAX_DEPTH {
            self.at = self.text.len();
            return;
        }
        self.depth += 1;
        read(self);
        self.depth -= 1;
    }

    /// Goes past the `close` that belongs to an `open` before here.
    pub(super) fn balanced(&mut self, open: u8, close: u8) {
        let mut depth = 1usize;
        while let Some(byte) = self.peek() {
            self.at += 1;
            if byte == open {
                depth += 1;
            } else if byte == close {
                depth -= 1;
                if depth == 0 {
                    return;
                }
            }
        }
    }

    fn take_name(&mut self) -> &'a str {
        let rest = self.rest();
        let name = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
        let length = rest.bytes().position(|byte| !name(byte));
        let start = self.at;
        self.at += length.unwrap_or(rest.len());
        &self.text[start..self.at]
    }

    /// Where the byte is next, or the end.
    fn find(&self, start: usize, byte: u8) -> usize {
        let bytes = &self.text.as_bytes()[start.min(self.limit)..self.limit];
        let found = bytes.iter().position(|one| *one == byte);
        found.map_or(self.limit, |at| start + at)
    }

    /// As [`Self::find`], past backslashes and what follows each.
    fn find_unescaped(&self, start: usize, byte: u8) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = start;
        while at < self.limit && bytes[at] != byte {
            at += if bytes[at] == b'\\' { 2 } else { 1 };
        }
        at.min(self.limit)
    }
}
