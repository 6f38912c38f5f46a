//! Values for variables, so that plans can be compared without knowing those of a build.

use std::collections::{BTreeMap, BTreeSet};

use amint_recipe::Outline;
use regex_lite::Regex;

/// What may fit a pattern, after the variable's own name.
const CANDIDATES: [&str; 10] = [
    "placeholder",
    "Placeholder1",
    "1",
    "1.0",
    "1.0.0",
    "true",
    "placeholder.example.com",
    "/placeholder",
    "https://example.com/placeholder",
    "2000-01-01",
];

/// What a recipe is parsed with: of the given values those that it declares, and for variables without any value one
/// that stands for it, the same on both sides.
pub(super) fn values(
    outline: &Outline,
    given: &BTreeMap<String, String>,
    used: &mut BTreeSet<String>,
) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for axis in outline.keys(&["matrix"]) {
        if let Some(value) = given.get(axis) {
            used.insert(axis.to_owned());
            values.insert(axis.to_owned(), value.clone());
        }
    }
    for name in outline.keys(&["variables"]) {
        if let Some(value) = given.get(name) {
            used.insert(name.to_owned());
            values.insert(name.to_owned(), value.clone());
            continue;
        }
        let declared = |key| outline.scalar(&["variables", name, key]);
        let has_value =
            declared("default").is_some() || outline.scalar(&["variables", name]).is_some();
        // The value of a secret is nowhere in a plan.
        let is_secret = declared("secret").is_some_and(|secret| secret == "true");
        if !has_value && !is_secret {
            let value = stand_in(name, declared("type"), declared("pattern"));
            let choice = outline.scalar(&["variables", name, "choices", "0"]);
            let value = choice.map_or(value, str::to_owned);
            values.insert(name.to_owned(), value);
        }
    }
    values
}

/// A value that tells by itself that it is none, where the declaration allows it.
fn stand_in(name: &str, kind: Option<&str>, pattern: Option<&str>) -> String {
    match kind {
        Some("integer") => return "1".to_owned(),
        Some("boolean") => return "false".to_owned(),
        _ => {}
    }
    let pattern = pattern.and_then(|pattern| Regex::new(pattern).ok());
    let fits = |value: &&str| {
        pattern
            .as_ref()
            .is_none_or(|pattern| pattern.is_match(value))
    };
    let value = std::iter::once(name).chain(CANDIDATES).find(fits);
    value.unwrap_or(name).to_owned()
}
