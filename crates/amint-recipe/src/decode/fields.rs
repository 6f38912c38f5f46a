//! The keys of a mapping: asked for by name, and the rest reported.

use super::decoder::Decoder;
use crate::code::Code;
use crate::diagnostic::Problem;
use crate::span::Span;
use crate::suggest::nearest;
use crate::yaml::node::{Entry, Node, Value};

/// A mapping that is being decoded.
pub(super) struct Fields<'n> {
    /// What messages call it, such as "`builder`".
    what: &'n str,
    /// What a missing key is reported at.
    at: Span,
    entries: &'n [Entry],
    asked: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    /// The mapping's keys; nothing (`reboot:`) is an empty mapping. Something else is reported.
    pub(super) fn of(
        decoder: &mut Decoder<'_>,
        node: &'n Node,
        what: &'n str,
        at: Span,
    ) -> Option<Fields<'n>> {
        let entries: &[Entry] = match &node.value {
            Value::Mapping(entries) => entries,
            _ if node.is_null() => &[],
            _ => {
                decoder.wrong_type(node, "a mapping");
                return None;
            }
        };
        Some(Fields {
            what,
            at,
            entries,
            asked: Vec::new(),
        })
    }

    /// The key's entry, when it is given.
    pub(super) fn optional(&mut self, key: &'static str) -> Option<&'n Entry> {
        self.asked.push(key);
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The key's entry; its absence is reported.
    pub(super) fn required(
        &mut self,
        decoder: &mut Decoder<'_>,
        key: &'static str,
        example: &str,
    ) -> Option<&'n Entry> {
        let entry = self.optional(key);
        if entry.is_none() {
            decoder.report(
                Problem::new(
                    Code::MissingKey,
                    self.at,
                    format!("{} needs `{key}`", self.what),
                )
                .hint(format!("add `{key}: {example}`")),
            );
        }
        entry
    }

    /// The one of two keys that is given; both or neither is reported.
    pub(super) fn either(
        &mut self,
        decoder: &mut Decoder<'_>,
        keys: [&'static str; 2],
    ) -> Option<&'n Entry> {
        let [first, second] = keys;
        match (self.optional(first), self.optional(second)) {
            (Some(entry), None) | (None, Some(entry)) => Some(entry),
            (Some(_), Some(second_entry)) => {
                decoder.report(
                    Problem::new(
                        Code::KeysExclude,
                        second_entry.key_span,
                        format!("`{first}` and `{second}` cannot be given together"),
                    )
                    .hint("keep the one that is meant"),
                );
                None
            }
            (None, None) => {
                // A misspelt key is reported by itself.
                if !self.has_unknown() {
                    decoder.report(
                        Problem::new(
                            Code::MissingKey,
                            self.at,
                            format!("{} needs `{first}` or `{second}`", self.what),
                        )
                        .hint("add one of the two"),
                    );
                }
                None
            }
        }
    }

    /// Reports every key that was not asked for.
    pub(super) fn finish(self, decoder: &mut Decoder<'_>) {
        for entry in self.unknown() {
            let hint = match nearest(&entry.key, self.asked.iter().copied()) {
                Some(known) => format!("did you mean `{known}`?"),
                None if self.asked.is_empty() => "it takes no keys: write `{}`".to_owned(),
                None => format!("there are `{}`", self.asked.join("`, `")),
            };
            decoder.report(
                Problem::new(
                    Code::UnknownKey,
                    entry.key_span,
                    format!("{} has no key `{}`", self.what, entry.key),
                )
                .hint(hint),
            );
        }
    }

    /// Whether there is a key that was not asked for.
    pub(super) fn has_unknown(&self) -> bool {
        self.unknown().next().is_some()
    }

    fn unknown(&self) -> impl Iterator<Item = &'n Entry> + '_ {
        self.entries
            .iter()
            .filter(|entry| !self.asked.contains(&entry.key.as_str()))
    }
}
