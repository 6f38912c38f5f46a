//! The parser's events to the located tree, and what recipes refuse of YAML.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};

use super::node::{Entry, Node, Scalar, Value};
use crate::code::Code;
use crate::diagnostic::{MAX_DIAGNOSTICS, Problem};
use crate::source::Source;
use crate::sources::Sources;
use crate::span::{FileId, Span};

/// How deep lists and mappings may lie in each other. A recipe needs 6.
pub(crate) const MAX_DEPTH: usize = 64;

/// How many values a recipe may hold.
pub(crate) const MAX_NODES: usize = 50_000;

/// Reads the text's one document. `None` when it is no YAML, too deep, too large or wrong in very many places; the
/// problems then say so. Other problems (a key given twice, an anchor) leave a tree to look at.
pub(crate) fn read(sources: &Sources, file: FileId, problems: &mut Vec<Problem>) -> Option<Node> {
    let Source { text, .. } = sources.get(file)?;
    let mut builder = Builder {
        offsets: Offsets::of(text),
        text,
        file,
        sources,
        problems,
        stack: Vec::new(),
        nodes: 0,
        root: None,
    };
    let mut parser = Parser::new_from_str(text);
    let mut documents = 0;
    while let Some(event) = parser.next_event() {
        let (event, place) = match event {
            Ok(event) => event,
            Err(error) => {
                builder.syntax(&error);
                return None;
            }
        };
        let span = builder.span(place);
        match event {
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    builder.several_documents(span);
                    break;
                }
            }
            event => builder.take(event, span)?,
        }
    }
    builder.root
}

/// A list or mapping that is not complete yet.
struct Open {
    span: Span,
    content: OpenContent,
}

enum OpenContent {
    Sequence(Vec<Node>),
    Mapping {
        entries: Vec<Entry>,
        /// Keys so far, with the place of each.
        seen: HashMap<String, Span>,
        key: Option<Key>,
    },
}

struct Key {
    text: String,
    span: Span,
    /// Reported already: its value is read and dropped.
    refused: bool,
}

struct Builder<'a> {
    offsets: Offsets,
    text: &'a str,
    file: FileId,
    sources: &'a Sources,
    problems: &'a mut Vec<Problem>,
    stack: Vec<Open>,
    nodes: usize,
    root: Option<Node>,
}

impl Builder<'_> {
    /// Takes one event; `None` when reading cannot go on.
    fn take(&mut self, event: Event<'_>, span: Span) -> Option<()> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_extras(anchor, tag.is_some(), span);
                self.count(span)?;
                let value = Value::Scalar(Scalar {
                    text: text.into_owned(),
                    plain: style == ScalarStyle::Plain,
                });
                let span = self.trimmed(span);
                self.place(Node { span, value });
            }
            Event::Alias(_) => {
                self.problems.push(
                    Problem::new(Code::Anchor, span, "a recipe cannot use YAML aliases")
                        .hint("write the value out here"),
                );
                self.count(span)?;
                self.place(Node {
                    span,
                    value: Value::Refused,
                });
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_extras(anchor, tag.is_some(), span);
                self.open(span, OpenContent::Sequence(Vec::new()))?;
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_extras(anchor, tag.is_some(), span);
                self.open(
                    span,
                    OpenContent::Mapping {
                        entries: Vec::new(),
                        seen: HashMap::new(),
                        key: None,
                    },
                )?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
        Some(())
    }

    fn open(&mut self, span: Span, content: OpenContent) -> Option<()> {
        self.count(span)?;
        if self.stack.len() >= MAX_DEPTH {
            self.problems.push(too_deep(span));
            return None;
        }
        self.stack.push(Open { span, content });
        Some(())
    }

    fn close(&mut self, end: Span) {
        let Some(open) = self.stack.pop() else { return };
        let span = self.trimmed(Span {
            end: end.end.max(open.span.start),
            ..open.span
        });
        let value = match open.content {
            OpenContent::Sequence(items) => Value::Sequence(items),
            OpenContent::Mapping { entries, .. } => Value::Mapping(entries),
        };
        self.place(Node { span, value });
    }

    /// Puts a complete node where it belongs: a key, a value, a list's item or the root.
    fn place(&mut self, node: Node) {
        match self.stack.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(OpenContent::Sequence(items)) => items.push(node),
            Some(OpenContent::Mapping { entries, seen, key }) => match key.take() {
                None => *key = Some(read_key(node, seen, self.sources, self.problems)),
                Some(key) if key.refused => {}
                Some(key) => entries.push(Entry {
                    key: key.text,
                    key_span: key.span,
                    node,
                }),
            },
        }
    }

    fn count(&mut self, span: Span) -> Option<()> {
        // Nobody reads on, and finding the line of each problem takes time.
        if self.problems.len() > MAX_DIAGNOSTICS {
            return None;
        }
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            self.problems.push(
                Problem::new(
                    Code::TooManyNodes,
                    span,
                    format!("the recipe holds more than {MAX_NODES} values"),
                )
                .hint("move data to a file beside the recipe and name it with `from:`"),
            );
            return None;
        }
        Some(())
    }

    fn refuse_extras(&mut self, anchor: usize, tagged: bool, span: Span) {
        let span = self.trimmed(span);
        if anchor != 0 {
            self.problems.push(
                Problem::new(Code::Anchor, span, "a recipe cannot use YAML anchors")
                    .hint("write the value out where it is needed, or use a variable"),
            );
        }
        if tagged {
            self.problems.push(
                Problem::new(Code::Tag, span, "a recipe cannot use YAML tags")
                    .hint("remove the `!…` before the value"),
            );
        }
    }

    fn several_documents(&mut self, span: Span) {
        self.problems.push(
            Problem::new(
                Code::SeveralDocuments,
                span,
                "the file holds more than one YAML document",
            )
            .hint("keep one recipe a file, without a second `---`"),
        );
    }

    fn syntax(&mut self, error: &ScanError) {
        let mut at = self.offsets.byte(error.marker().index());
        if error.info().ends_with("found a tab") {
            // The scanner names where the text before the tab ends, which is on an earlier line.
            let tab = self.text[at..].find('\t');
            at += tab.unwrap_or_default();
        }
        let span = Span::new(self.file, at, at);
        // The scanner has its own limit, for lists and mappings in brackets.
        if error.info().contains("recursion limit") {
            self.problems.push(too_deep(span));
            return;
        }
        let mut words = error.info().split(' ');
        let hint = if words.any(|word| matches!(word, "tab" | "tabs")) {
            "indent with spaces: YAML takes no tabs there"
        } else {
            "check indentation, quotes and brackets at and before this place"
        };
        let message = format!("this is not YAML: {}", error.info());
        self.problems
            .push(Problem::new(Code::Syntax, span, message).hint(hint));
    }

    fn span(&self, place: saphyr_parser::Span) -> Span {
        let start = self.offsets.byte(place.start.index());
        let end = self.offsets.byte(place.end.index());
        Span::new(self.file, start, end.max(start))
    }

    /// Without the blank lines that a block takes along.
    fn trimmed(&self, span: Span) -> Span {
        let text = self.sources.slice(span).trim_end();
        span.inside(0, text.len())
    }
}

fn read_key(
    node: Node,
    seen: &mut HashMap<String, Span>,
    sources: &Sources,
    problems: &mut Vec<Problem>,
) -> Key {
    let span = node.span;
    let Value::Scalar(Scalar { text, .. }) = node.value else {
        let hint = if sources.slice(span).starts_with('{') {
            "`{{…}}` at the start of a value needs quotes around the value"
        } else {
            "write `key: value`"
        };
        problems.push(Problem::new(Code::KeyNotText, span, "a key must be a word").hint(hint));
        return Key {
            text: String::new(),
            span,
            refused: true,
        };
    };
    let first = seen.get(&text).copied();
    match first {
        Some(first) => {
            let (line, _) = sources.position(first);
            problems.push(
                Problem::new(
                    Code::DuplicateKey,
                    span,
                    format!("`{text}` is given twice in the same mapping"),
                )
                .hint(format!("it was first given on line {line}; keep one")),
            );
        }
        None => {
            seen.insert(text.clone(), span);
        }
    }
    Key {
        text,
        span,
        refused: first.is_some(),
    }
}

fn too_deep(span: Span) -> Problem {
    Problem::new(
        Code::TooDeep,
        span,
        format!("lists and mappings lie more than {MAX_DEPTH} deep in each other"),
    )
    .hint("no recipe needs that; look for an unclosed bracket")
}

/// Character positions, which the parser counts in, to byte offsets.
struct Offsets {
    /// The byte at which each character starts; empty when every character is one byte.
    starts: Vec<u32>,
    length: usize,
}

impl Offsets {
    fn of(text: &str) -> Offsets {
        let starts = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices()
                .map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX))
                .collect()
        };
        Offsets {
            starts,
            length: text.len(),
        }
    }

    fn byte(&self, character: usize) -> usize {
        if self.starts.is_empty() {
            return character.min(self.length);
        }
        self.starts
            .get(character)
            .map_or(self.length, |start| *start as usize)
    }
}
