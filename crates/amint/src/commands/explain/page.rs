//! A page of plain English: what is told, apart from how it is printed.
//!
//! - [`text`]: for a terminal. [`markdown`]: for a pull request or a wiki. For programs it is JSON as it is.

pub(super) mod markdown;
pub(super) mod text;

use serde::{Serialize, Serializer};

/// A page.
#[derive(Serialize)]
pub(super) struct Page {
    /// What it is about.
    pub(super) title: Sentence,
    /// It in a few sentences.
    pub(super) summary: Vec<Sentence>,
    /// The rest, in order.
    pub(super) sections: Vec<Section>,
}

/// A part of a page.
#[derive(Serialize)]
pub(super) struct Section {
    /// What it is about.
    pub(super) title: &'static str,
    /// What it says.
    pub(super) blocks: Vec<Block>,
}

/// What stands by itself.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Block {
    /// What the blocks after it are about.
    Heading(Sentence),
    /// Sentences.
    Paragraph(Sentence),
    /// One of several that belong together.
    Item(Sentence),
    /// A script or a file, every character as it is.
    Verbatim(String),
}

/// One or a few sentences.
#[derive(Clone, Debug, Default)]
pub(super) struct Sentence(Vec<Piece>);

#[derive(Clone, Debug)]
enum Piece {
    /// Words.
    Words(String),
    /// A value of the recipe, word for word.
    Value(String),
}

impl Page {
    /// The page with every text in it replaced by what `change` makes of it.
    pub(super) fn map(mut self, change: &dyn Fn(&str) -> String) -> Self {
        self.title.change(change);
        self.summary.iter_mut().for_each(|one| one.change(change));
        for block in self.sections.iter_mut().flat_map(|one| &mut one.blocks) {
            match block {
                Block::Heading(one) | Block::Paragraph(one) | Block::Item(one) => {
                    one.change(change)
                }
                Block::Verbatim(text) => *text = change(text),
            }
        }
        self
    }
}

impl Sentence {
    fn change(&mut self, change: &dyn Fn(&str) -> String) {
        for piece in &mut self.0 {
            let (Piece::Words(text) | Piece::Value(text)) = piece;
            *text = change(text);
        }
    }

    /// Goes on with words.
    pub(super) fn say(mut self, words: impl Into<String>) -> Self {
        self.0.push(Piece::Words(words.into()));
        self
    }

    /// Goes on with a value.
    pub(super) fn value(mut self, value: impl Into<String>) -> Self {
        self.0.push(Piece::Value(value.into()));
        self
    }

    /// Goes on with another one.
    pub(super) fn join(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Goes on with values: `a, b and c`.
    pub(super) fn values(mut self, values: &[impl AsRef<str>]) -> Self {
        for (index, value) in values.iter().enumerate() {
            self = match index {
                0 => self,
                _ if index + 1 == values.len() => self.say(" and "),
                _ => self.say(", "),
            };
            self = self.value(value.as_ref());
        }
        self
    }
}

impl From<&str> for Sentence {
    fn from(words: &str) -> Self {
        Self::default().say(words)
    }
}

impl From<String> for Sentence {
    fn from(words: String) -> Self {
        Self::default().say(words)
    }
}

impl Serialize for Sentence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Words(text) | Piece::Value(text) => text.as_str(),
        });
        serializer.serialize_str(&pieces.collect::<String>())
    }
}
