//! A string of the recipe that may hold `{{…}}`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::names::Names;
use crate::span::Span;

/// What happens to an interpolated value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Escape {
    /// Nothing: it is inserted as it is.
    None,
    /// It becomes one word of a POSIX shell command.
    Shell,
}

/// A string of the recipe that may hold `{{…}}`. Everything that can be wrong with it has been
/// reported by [`crate::parse`]; [`crate::Renderer::render`] makes the final string.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Text {
    pub(crate) template: String,
    pub(crate) escape: Escape,
    pub(crate) span: Span,
    /// What it may name: the recipe's names, or the parameters of the file that it stands in.
    pub(crate) names: Arc<Names>,
    /// SHA-256 of the files that it names, by path as it names them.
    pub(crate) digests: BTreeMap<String, String>,
}

impl Text {
    pub(crate) fn new(
        template: impl Into<String>,
        escape: Escape,
        span: Span,
        names: Arc<Names>,
    ) -> Text {
        Text {
            template: template.into(),
            escape,
            span,
            names,
            digests: BTreeMap::new(),
        }
    }

    /// The string as written in the recipe.
    pub fn template(&self) -> &str {
        &self.template
    }

    /// What happens to its interpolated values.
    pub fn escape(&self) -> Escape {
        self.escape
    }

    /// Where it stands in the recipe.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Whether Handlebars has anything to do.
    pub(crate) fn is_literal(&self) -> bool {
        !self.template.contains("{{")
    }
}
