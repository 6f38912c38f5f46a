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
            let value = match declared("type") {
                Some("integer") => integer(declared("min"), declared("max")),
                kind => stand_in(name, kind, declared("pattern")),
            };
            let choice = outline.scalar(&["variables", name, "choices", "0"]);
            let value = choice.map_or(value, str::to_owned);
            values.insert(name.to_owned(), value);
        }
    }
    values
}

/// One, or the bound that is nearest to it.
fn integer(min: Option<&str>, max: Option<&str>) -> String {
    let bound = |text: Option<&str>| text.and_then(|text| text.parse::<i64>().ok());
    let least = bound(min).unwrap_or(i64::MIN);
    let most = bound(max).unwrap_or(i64::MAX);
    1.max(least).min(most).to_string()
}

/// A value that tells by itself that it is none, where the declaration allows it.
fn stand_in(name: &str, kind: Option<&str>, pattern: Option<&str>) -> String {
    if kind == Some("boolean") {
        return "false".to_owned();
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

#[cfg(test)]
mod tests {
    use super::integer;

    #[test]
    fn an_integer_stands_in_that_the_recipe_takes() {
        assert_eq!(integer(Some("1024"), Some("65535")), "1024");
        assert_eq!(integer(None, Some("-3")), "-3");
        assert_eq!(integer(None, None), "1");
    }
}
