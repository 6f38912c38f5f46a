//! A code of a diagnostic: what it means, and how the recipe should be.

use std::fmt::Write;

use amint_recipe::CodeInfo;
use serde::Serialize;

use crate::render::text::wrapped;

/// Where what follows a label begins.
const MARGIN: usize = 9;

/// It for programs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Entry {
    id: &'static str,
    title: &'static str,
    meaning: &'static str,
    /// A piece of a recipe that is wrong.
    wrong: &'static str,
    /// The same as it should be.
    right: &'static str,
    why: &'static str,
    /// Whether a recipe may silence it with `allow`.
    can_be_allowed: bool,
}

pub(super) fn entry(info: &'static CodeInfo) -> Entry {
    Entry {
        id: info.id,
        title: info.title,
        meaning: info.meaning,
        wrong: info.wrong,
        right: info.right,
        why: info.why,
        can_be_allowed: info.can_be_allowed,
    }
}

/// What it is, in a word.
pub(super) fn kind(info: &CodeInfo) -> &'static str {
    match info.is_lint {
        true => "lint",
        false => "problem",
    }
}

/// It for people. Writing to a `String` cannot fail, hence the ignored results.
pub(super) fn explain(info: &CodeInfo) -> String {
    let mut text = format!("{}: {}\n", info.id, info.title);
    let _ = writeln!(text, "meaning  {}", wrapped(info.meaning, MARGIN));
    for (label, example) in [("wrong", info.wrong), ("right", info.right)] {
        let _ = writeln!(text, "{label}\n");
        for line in example.lines() {
            let _ = writeln!(text, "    {line}");
        }
        text.push('\n');
    }
    let _ = writeln!(text, "why      {}", wrapped(info.why, MARGIN));
    if info.is_lint {
        let allowed = match info.can_be_allowed {
            true => format!(
                "by `allow: [{{ lint: {}, reason: … }}]`, for all steps or one (`step: NAME`)",
                info.id
            ),
            false => "never: it guards secrets".to_owned(),
        };
        let _ = writeln!(text, "allowed  {}", wrapped(&allowed, MARGIN));
    }
    text
}
