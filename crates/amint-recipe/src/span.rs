//! Places in the texts that a recipe is read from.

use serde::Serialize;

/// One of the texts that a recipe is read from; [`crate::Sources`] has it. The default is the recipe itself.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FileId(pub(crate) u32);

/// A range of bytes in one of the texts that a recipe is read from.
///
/// Take it as it is: what lies there, and on which line, [`crate::Sources`] says.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Span {
    /// The text.
    #[serde(skip)]
    pub file: FileId,
    /// The first byte, from 0.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

impl Span {
    /// The bytes from `start` up to `end` of a text.
    pub(crate) fn new(file: FileId, start: usize, end: usize) -> Span {
        Span { file, start, end }
    }

    /// Other bytes of the same text, counted from where this span starts.
    pub(crate) fn inside(self, start: usize, end: usize) -> Span {
        Span {
            start: self.start + start,
            end: self.start + end,
            ..self
        }
    }

    /// The empty span where this one starts.
    pub(crate) fn at_start(self) -> Span {
        self.inside(0, 0)
    }
}
