//! `amint steps --conflicts`: where profiles disagree.

use std::fmt::Write;

use serde::Serialize;

use crate::render::text::wrapped;
use crate::report::text::MARGIN;

/// A conflict for programs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Entry {
    topic: &'static str,
    why: &'static str,
    sides: Vec<Side>,
}

/// One side of a conflict for programs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Side {
    profiles: &'static [&'static str],
    rules: &'static [&'static str],
    wants: &'static str,
    outcome: &'static str,
    /// The steps and checks that are left out when another side is chosen.
    entries: &'static [&'static str],
}

pub(super) fn document() -> Vec<Entry> {
    let side = |side: &amint_harden::conflict::Side| Side {
        profiles: side.profiles,
        rules: side.rules,
        wants: side.wants,
        outcome: side.outcome,
        entries: side.entries,
    };
    let entry = |conflict: &amint_harden::Conflict| Entry {
        topic: conflict.topic,
        why: conflict.why,
        sides: conflict.sides.iter().map(side).collect(),
    };
    amint_harden::conflicts().iter().map(entry).collect()
}

pub(super) fn text() -> String {
    let mut text = String::new();
    for (number, conflict) in amint_harden::conflicts().iter().enumerate() {
        if number > 0 {
            text.push('\n');
        }
        let _ = writeln!(text, "{}\n", conflict.topic);
        let _ = writeln!(text, "why      {}", wrapped(conflict.why, MARGIN));
        for side in conflict.sides {
            let _ = writeln!(text, "\nprofile  {}", side.profiles.join(", "));
            let _ = writeln!(text, "wants    {}", wrapped(side.wants, MARGIN));
            let _ = writeln!(text, "rules    {}", side.rules.join(", "));
            let _ = writeln!(text, "chosen   {}", wrapped(side.outcome, MARGIN));
            let _ = writeln!(text, "else     without {}", side.entries.join(", "));
        }
    }
    text
}
