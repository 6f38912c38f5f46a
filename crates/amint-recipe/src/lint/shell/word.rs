//! One word of a shell command.

use std::ops::Range;

/// A word: what is between two blanks, quotes removed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Word {
    /// Where it stands in the script, quotes included.
    pub(crate) range: Range<usize>,
    /// Its parts, in order.
    pub(crate) parts: Vec<Part>,
    /// The parts as one text: variables as `$NAME`, substitutions as `$()`.
    pub(crate) text: String,
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    /// Text that means itself, or a pattern where it is not quoted.
    Text { text: String, quoted: bool },
    /// `$NAME` or `${NAME…}`.
    Variable { name: String, guard: Guard },
    /// `$(…)`, `` `…` `` or `$((…))`.
    Substitution,
}

/// What happens when a variable is unset or empty.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Guard {
    /// Nothing: it is empty.
    None,
    /// `${X:?}`: the script ends.
    Required,
    /// `${X:-text}` with a text.
    Default,
    /// Anything else in braces.
    Other,
}

impl Word {
    /// The text, when nothing in the word is expanded.
    pub(crate) fn literal(&self) -> Option<&str> {
        let plain = |part: &Part| matches!(part, Part::Text { .. });
        self.parts.iter().all(plain).then_some(self.text.as_str())
    }

    /// Whether all of it stands in quotes, or it is empty.
    pub(crate) fn is_quoted(&self) -> bool {
        let quoted = |part: &Part| matches!(part, Part::Text { quoted: true, .. });
        self.parts.iter().all(quoted)
    }

    /// The text before the first expansion, when it is not quoted.
    pub(crate) fn unquoted_start(&self) -> &str {
        match self.parts.first() {
            Some(Part::Text {
                text,
                quoted: false,
            }) => text,
            _ => "",
        }
    }

    pub(super) fn push_text(&mut self, text: &str, in_quotes: bool) {
        self.text.push_str(text);
        if let Some(Part::Text { text: last, quoted }) = self.parts.last_mut()
            && *quoted == in_quotes
        {
            last.push_str(text);
        } else {
            self.parts.push(Part::Text {
                text: text.to_owned(),
                quoted: in_quotes,
            });
        }
    }

    pub(super) fn push_variable(&mut self, name: &str, guard: Guard) {
        self.text.push('$');
        self.text.push_str(name);
        self.parts.push(Part::Variable {
            name: name.to_owned(),
            guard,
        });
    }

    pub(super) fn push_substitution(&mut self) {
        self.text.push_str("$()");
        self.parts.push(Part::Substitution);
    }
}
