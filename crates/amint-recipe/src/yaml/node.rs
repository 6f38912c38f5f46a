//! The located tree.

use super::scalar::Meaning;
use crate::span::Span;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) value: Value,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Scalar(Scalar),
    Sequence(Vec<Node>),
    Mapping(Vec<Entry>),
    /// Something that recipes refuse; it has been reported already.
    Refused,
}

/// A single value, as written.
#[derive(Clone, Debug)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    /// Without quotes and not a block: only then may it mean something else than text.
    pub(crate) plain: bool,
}

/// One `key: value` of a mapping.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) node: Node,
}

impl Scalar {
    pub(crate) fn meaning(&self) -> Meaning {
        if self.plain {
            Meaning::of(&self.text)
        } else {
            Meaning::Text
        }
    }
}

impl Node {
    /// What it is, in words for a message: "a string", "a list", …
    pub(crate) fn describe(&self) -> &'static str {
        match &self.value {
            Value::Scalar(scalar) => match scalar.meaning() {
                Meaning::Null => "nothing",
                Meaning::Bool(_) => "a boolean",
                Meaning::Integer(_) => "an integer",
                Meaning::Float(_) => "a number",
                Meaning::Text => "a string",
            },
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
            Value::Refused => "something that recipes do not allow",
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(scalar) if scalar.meaning() == Meaning::Null)
    }
}
