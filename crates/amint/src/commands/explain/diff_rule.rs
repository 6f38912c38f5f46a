//! A rule of the diff: what changed, in which class it is, why, and what it is the other way round.

use std::fmt::Write;

use amint_plan::{Class, DiffRule, diff_rule};
use serde::Serialize;

use crate::render::text::wrapped;
use crate::report::text::MARGIN;

/// It for programs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Entry {
    id: &'static str,
    title: &'static str,
    class: Class,
    why: &'static str,
    /// The rule of the same difference the other way round; the rule itself where both are one.
    opposite: &'static str,
}

/// It for programs.
pub(super) fn entry(rule: &DiffRule) -> Entry {
    Entry {
        id: rule.id,
        title: rule.title,
        class: rule.class,
        why: rule.why,
        opposite: rule.opposite.unwrap_or(rule.id),
    }
}

/// It for people.
pub(super) fn explain(rule: &DiffRule) -> String {
    let opposite = match rule.opposite.and_then(diff_rule) {
        Some(other) => format!("{} ({}): {}", other.id, other.class, other.title),
        None => "the same rule".to_owned(),
    };
    let mut text = format!("{}: {}\n", rule.id, rule.title);
    let class = format!("{}: {}", rule.class, rule.class.meaning());
    for (word, said) in [
        ("class   ", class.as_str()),
        ("why     ", rule.why),
        ("reversed", &opposite),
    ] {
        let _ = writeln!(text, "{word} {}", wrapped(said, MARGIN));
    }
    text
}
