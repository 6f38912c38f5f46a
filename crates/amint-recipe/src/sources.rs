//! All texts that a recipe is read from.

use crate::source::{Source, floor_char_boundary};
use crate::span::{FileId, Span};

/// The recipe's own text and those that it includes, in the order in which they were met.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Sources {
    recipe: Source,
    others: Vec<Source>,
}

impl Sources {
    /// The recipe's own text alone.
    pub fn new(recipe: Source) -> Sources {
        Sources {
            recipe,
            others: Vec::new(),
        }
    }

    /// The recipe's own text.
    pub fn recipe(&self) -> &Source {
        &self.recipe
    }

    /// Adds a text, for spans to be in.
    pub fn add(&mut self, text: Source) -> FileId {
        self.others.push(text);
        FileId(u32::try_from(self.others.len()).unwrap_or(u32::MAX))
    }

    /// The text that a span is in; `None` for a span of other sources.
    pub fn get(&self, file: FileId) -> Option<&Source> {
        match file.0.checked_sub(1) {
            None => Some(&self.recipe),
            Some(other) => self.others.get(other as usize),
        }
    }

    /// The texts, the recipe's own first.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        std::iter::once(&self.recipe).chain(&self.others)
    }

    /// What stands at a span; nothing for a span of other sources.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).map_or("", |text| {
            let start = floor_char_boundary(&text.text, span.start);
            let end = floor_char_boundary(&text.text, span.end).max(start);
            &text.text[start..end]
        })
    }

    /// Line and column where a span starts, both from 1, columns in characters.
    pub fn position(&self, span: Span) -> (usize, usize) {
        let Some(Source { text, .. }) = self.get(span.file) else {
            return (1, 1);
        };
        let before = &text[..floor_char_boundary(text, span.start)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = 1 + before.bytes().filter(|byte| *byte == b'\n').count();
        (line, 1 + before[line_start..].chars().count())
    }

    /// The last line, from 1, that a span reaches into.
    pub fn last_line(&self, span: Span) -> usize {
        let text = self.slice(span).trim_end();
        let (line, _) = self.position(span);
        line + text.bytes().filter(|byte| *byte == b'\n').count()
    }

    /// The path that the text of a span is known by, as users see it.
    pub fn shown_path(&self, file: FileId) -> String {
        self.get(file)
            .map(|text| text.path.to_string_lossy().into_owned())
            .unwrap_or_default()
    }
}
