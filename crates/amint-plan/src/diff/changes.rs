//! How the comparisons of all subjects say what they find.

use std::collections::BTreeSet;

use super::change::{Change, Detail, Place};
use super::recipe::REORDERED;
use super::rule::DiffRule;

/// The longest quotation in a message, in characters.
const LONGEST_QUOTE: usize = 100;

/// What was found so far, in the plan's order.
#[derive(Debug, Default)]
pub(super) struct Changes(pub(super) Vec<Change>);

impl Changes {
    pub(super) fn push(&mut self, change: Change) {
        self.0.push(change);
    }

    /// A value that replaced another: the same rule both ways round.
    pub(super) fn replaced(
        &mut self,
        rule: &'static DiffRule,
        place: Place,
        what: &str,
        old: &str,
        new: &str,
    ) {
        if old != new {
            let message = format!("{what} was {} and is {}", quoted(old), quoted(new));
            self.push(Change::by(rule, place, message).was(old).is(new));
        }
    }

    /// A number that grew or shrank; `say` writes it with its unit.
    pub(super) fn amount<T: Ord + Copy>(
        &mut self,
        (grew, shrank): (&'static DiffRule, &'static DiffRule),
        place: Place,
        what: &str,
        (old, new): (T, T),
        say: impl Fn(T) -> String,
    ) {
        if old != new {
            let rule = if new > old { grew } else { shrank };
            let (old, new) = (say(old), say(new));
            let message = format!("{what} was {old} and is {new}");
            self.push(Change::by(rule, place, message).was(old).is(new));
        }
    }

    /// Items of a list whose order says nothing. `added` and `removed` are what is said before the item's name.
    pub(super) fn items(
        &mut self,
        place: &Place,
        (old, new): (&[String], &[String]),
        (added, says_added): (&'static DiffRule, &str),
        (removed, says_removed): (&'static DiffRule, &str),
    ) {
        let before: BTreeSet<&String> = old.iter().collect();
        let after: BTreeSet<&String> = new.iter().collect();
        for item in new.iter().filter(|item| !before.contains(item)) {
            let message = format!("{says_added} {}", quoted(item));
            self.push(Change::by(added, place.clone(), message).is(item));
        }
        for item in old.iter().filter(|item| !after.contains(item)) {
            let message = format!("{says_removed} {}", quoted(item));
            self.push(Change::by(removed, place.clone(), message).was(item));
        }
        if before == after && old != new {
            let message = format!("the list {place} stands in another order");
            self.push(Change::by(&REORDERED, place.clone(), message));
        }
    }
}

impl Change {
    pub(super) fn by(rule: &'static DiffRule, place: Place, message: impl Into<String>) -> Self {
        Self {
            rule,
            class: rule.class,
            place,
            message: message.into(),
            old: None,
            new: None,
            detail: None,
        }
    }

    pub(super) fn was(mut self, old: impl Into<String>) -> Self {
        self.old = Some(old.into());
        self
    }

    pub(super) fn is(mut self, new: impl Into<String>) -> Self {
        self.new = Some(new.into());
        self
    }

    pub(super) fn with(mut self, detail: Option<Detail>) -> Self {
        self.detail = detail;
        self
    }
}

/// A text of the recipe in a message: in back quotes, on one line, shortened.
pub(super) fn quoted(text: &str) -> String {
    let mut characters = text.chars();
    let mut quoted = String::from("`");
    for character in characters.by_ref().take(LONGEST_QUOTE) {
        match character {
            '\'' | '"' | '\\' => quoted.push(character),
            other => quoted.extend(other.escape_debug()),
        }
    }
    if characters.next().is_some() {
        quoted.push('…');
    }
    quoted.push('`');
    quoted
}

/// Several of them, with commas.
pub(super) fn list(items: &[String]) -> String {
    let quoted: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    quoted.join(", ")
}

/// A duration in the largest units that leave nothing over.
pub(super) fn duration(seconds: u64) -> String {
    let units = [
        (24 * 60 * 60, "day"),
        (60 * 60, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let fitting = units
        .into_iter()
        .find(|(length, _)| seconds.is_multiple_of(*length) && seconds >= *length);
    let (length, unit) = fitting.unwrap_or((1, "second"));
    count(seconds / length, unit)
}

/// A number with its unit in the singular or plural.
pub(super) fn count(number: u64, unit: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}
