//! What differs in two texts and shows in no plan: a plan holds what templates came to with the values at hand, and
//! nothing of what other values would make of them.

use std::collections::{BTreeMap, BTreeSet};

use amint_plan::Change;
use amint_plan::diff::text;
use amint_recipe::Outline;

/// The changes between two texts that no plan shows.
pub(super) fn changes(old: &Outline, new: &Outline) -> Vec<Change> {
    let mut changes = Vec::new();
    for name in new.keys(&["variables"]) {
        let path = ["variables", name];
        if old.keys(&["variables"]).any(|known| known == name) {
            let (was, is) = (limits(old, &path), limits(new, &path));
            changes.extend(text::limits(name, &was, &is));
        }
    }
    changes.extend(text::silenced(&silenced(old), &silenced(new)));
    changes.extend(text::conditions(&conditions(old), &conditions(new)));
    changes
}

/// What a variable's declaration says about its values.
fn limits(outline: &Outline, path: &[&str]) -> BTreeMap<String, String> {
    let said = outline.scalars(path).into_iter();
    let said = said.filter(|(key, _)| !matches!(key.as_str(), "" | "default" | "description"));
    said.collect()
}

/// The lints that are silenced, with the step where it is only one's.
fn silenced(outline: &Outline) -> BTreeSet<String> {
    let of = |index: usize| {
        let index = index.to_string();
        let lint = outline.scalar(&["allow", &index, "lint"])?;
        let step = outline.scalar(&["allow", &index, "step"]);
        Some(step.map_or_else(|| lint.to_owned(), |step| format!("{lint} of {step}")))
    };
    // The list ends where there is no lint: a recipe with another item is wrong.
    (0..).map_while(of).collect()
}

/// The templates whose outcome depends on more than what they insert.
fn conditions(outline: &Outline) -> Vec<String> {
    let texts = outline.scalars(&[]).into_values();
    let mut conditions: Vec<String> = texts
        .filter(|text| text.contains("{{#") || text.contains("{{~#") || text.contains("{{^"))
        .collect();
    conditions.sort();
    conditions
}
