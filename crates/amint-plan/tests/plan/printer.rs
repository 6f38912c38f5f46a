//! Writes a tree as YAML in one of many styles, all of which mean the same.

use std::fmt::Write;

/// What a recipe says, apart from how it is written.
#[derive(Clone, Debug)]
pub(crate) enum Tree {
    /// A string, whatever it looks like.
    Text(String),
    /// A number or boolean.
    Bare(String),
    /// In order.
    List(Vec<Tree>),
    /// In any order.
    Map(Vec<(String, Tree)>),
}

impl Tree {
    pub(crate) fn text(text: impl Into<String>) -> Tree {
        Tree::Text(text.into())
    }

    pub(crate) fn map<const N: usize>(entries: [(&str, Tree); N]) -> Tree {
        Tree::Map(entries.map(|(key, value)| (key.to_owned(), value)).into())
    }

    /// As JSON, which is YAML too: nothing of this printer's styles is in it.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match self {
            Tree::Text(text) => text.as_str().into(),
            Tree::Bare(bare) => serde_json::from_str(bare).unwrap(),
            Tree::List(items) => items.iter().map(Tree::to_json).collect(),
            Tree::Map(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| (key.clone(), value.to_json()));
                serde_json::Value::Object(entries.collect())
            }
        }
    }
}

/// Choices of a style, one after the other, the same for the same seed.
struct Choices(u64);

impl Choices {
    /// A number below `bound` (xorshift64).
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }
}

/// The tree as YAML, in the style of this seed: order of keys, flow or block, quotes, indentation, comments, empty lines.
pub(crate) fn print(tree: &Tree, seed: u64) -> String {
    let mut printer = Printer {
        choices: Choices(seed | 1),
        text: String::new(),
    };
    printer.block(tree, 0);
    printer.text
}

struct Printer {
    choices: Choices,
    text: String,
}

impl Printer {
    /// A value whose lines begin at this column; the text ends with a newline.
    fn block(&mut self, tree: &Tree, column: usize) {
        match tree {
            Tree::Map(entries) if !entries.is_empty() => {
                for index in self.order(entries.len()) {
                    let (key, value) = &entries[index];
                    self.comment(column);
                    self.indent(column);
                    self.key(key);
                    self.text.push(':');
                    self.after_key(value, column);
                }
            }
            Tree::List(items) if !items.is_empty() => {
                for item in items {
                    self.comment(column);
                    self.indent(column);
                    self.text.push('-');
                    self.after_dash(item, column);
                }
            }
            other => {
                self.indent(column);
                self.flow(other);
                self.text.push('\n');
            }
        }
    }

    fn after_key(&mut self, value: &Tree, column: usize) {
        let is_block = match value {
            Tree::Map(entries) => !entries.is_empty(),
            Tree::List(items) => !items.is_empty(),
            _ => false,
        };
        if is_block && !self.choices.one_in(3) {
            self.line_end();
            // A list may begin below its key.
            let deeper = match value {
                Tree::List(_) => self.choices.below(4),
                _ => 1 + self.choices.below(4),
            };
            self.block(value, column + deeper);
        } else {
            self.text.push(' ');
            self.scalar_or_flow(value, column);
        }
    }

    fn after_dash(&mut self, item: &Tree, column: usize) {
        match item {
            Tree::Map(entries) if !entries.is_empty() && !self.choices.one_in(3) => {
                let space = 1 + self.choices.below(3);
                // The first key stands behind the dash, the others below it.
                let start = self.text.len();
                self.block(item, column + 1 + space);
                let block = self.text.split_off(start);
                let lines: Vec<&str> = block.lines().collect();
                let first = lines.iter().position(|line| {
                    let line = line.trim_start();
                    !line.is_empty() && !line.starts_with('#')
                });
                let first = first.unwrap();
                let _ = writeln!(
                    self.text,
                    "{}{}",
                    " ".repeat(space),
                    lines[first].trim_start()
                );
                for line in &lines[first + 1..] {
                    let _ = writeln!(self.text, "{line}");
                }
            }
            _ => {
                self.text.push(' ');
                self.scalar_or_flow(item, column);
            }
        }
    }

    fn scalar_or_flow(&mut self, tree: &Tree, column: usize) {
        match tree {
            Tree::Text(text) if is_literal(text) && !self.choices.one_in(3) => {
                let deeper = 1 + self.choices.below(4);
                self.literal(text, column + deeper);
            }
            other => {
                self.flow(other);
                self.line_end();
            }
        }
    }

    fn flow(&mut self, tree: &Tree) {
        match tree {
            Tree::Text(text) => self.quoted(text),
            Tree::Bare(bare) => self.text.push_str(bare),
            Tree::List(items) => {
                self.text.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.text.push_str(", ");
                    }
                    self.flow(item);
                }
                self.text.push(']');
            }
            Tree::Map(entries) => {
                self.text.push('{');
                for (place, index) in self.order(entries.len()).into_iter().enumerate() {
                    self.text.push_str(if place > 0 { ", " } else { " " });
                    self.key(&entries[index].0);
                    self.text.push_str(": ");
                    self.flow(&entries[index].1);
                }
                self.text.push_str(" }");
            }
        }
    }

    fn key(&mut self, key: &str) {
        match self.choices.below(6) {
            0 => {
                let _ = write!(self.text, "\"{key}\"");
            }
            1 => {
                let _ = write!(self.text, "'{key}'");
            }
            _ => self.text.push_str(key),
        }
    }

    fn quoted(&mut self, text: &str) {
        let printable = !text.chars().any(char::is_control);
        match self.choices.below(3) {
            0 if is_plain(text) => self.text.push_str(text),
            1 if printable => {
                let _ = write!(self.text, "'{}'", text.replace('\'', "''"));
            }
            _ => self.text.push_str(&serde_json::to_string(text).unwrap()),
        }
    }

    /// A block scalar with its lines at this column.
    fn literal(&mut self, text: &str, column: usize) {
        let body = text.trim_end_matches('\n');
        self.text.push('|');
        match text.len() - body.len() {
            0 => self.text.push('-'),
            1 => {}
            _ => self.text.push('+'),
        }
        self.text.push('\n');
        for line in body.split('\n') {
            if !line.is_empty() {
                self.indent(column);
            }
            let _ = writeln!(self.text, "{line}");
        }
        for _ in 1..(text.len() - body.len()) {
            self.text.push('\n');
        }
    }

    fn comment(&mut self, column: usize) {
        match self.choices.below(8) {
            // Behind a block scalar that keeps its end, an empty line would be a part of it.
            0 if !self.text.ends_with("\n\n") => self.text.push('\n'),
            1 => {
                self.indent(column);
                self.text.push_str("# why: {it} is so\n");
            }
            _ => {}
        }
    }

    fn line_end(&mut self) {
        if self.choices.one_in(8) {
            self.text.push_str(" # a remark");
        }
        self.text.push('\n');
    }

    fn indent(&mut self, column: usize) {
        self.text.push_str(&" ".repeat(column));
    }

    /// The numbers below `count`, in some order.
    fn order(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for index in (1..count).rev() {
            order.swap(index, self.choices.below(index + 1));
        }
        order
    }
}

/// Whether a text means itself without quotes, wherever it stands.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 6] = ["true", "false", "null", "yes", "no", "on"];
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
    text.len() > 1
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(plain)
        && !WORDS.contains(&text)
}

/// Whether a text can be a block scalar without an indentation indicator.
fn is_literal(text: &str) -> bool {
    let printable =
        |c: char| c == '\n' || !(c.is_control() || "\u{85}\u{2028}\u{2029}\u{feff}".contains(c));
    let begins = text.starts_with(|c: char| !c.is_whitespace());
    begins && text.contains('\n') && text.chars().all(printable)
}
