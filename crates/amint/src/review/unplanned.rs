//! What differs in two texts and shows in no plan: a plan holds what templates came to with the values at hand, and
//! nothing of what other values would make of them.

use std::collections::{BTreeMap, BTreeSet};

use amint_plan::Change;
use amint_plan::diff::text;
use amint_recipe::Outline;

use super::included::Included;

/// The changes between two texts, each with what it includes, that no plan shows.
pub(super) fn changes(old: (&Outline, &Included), new: (&Outline, &Included)) -> Vec<Change> {
    let mut changes = Vec::new();
    for name in new.0.keys(&["variables"]) {
        let path = ["variables", name];
        if old.0.keys(&["variables"]).any(|known| known == name) {
            let (was, is) = (limits(old.0, &path), limits(new.0, &path));
            changes.extend(text::limits(name, &was, &is));
        }
    }
    changes.extend(parameters(old.1, new.1));
    changes.extend(text::silenced(&silenced(old.0), &silenced(new.0)));
    changes.extend(text::conditions(&conditions(old), &conditions(new)));
    changes
}

/// What the parameters of included files accept: they are variables that are set nearer by.
fn parameters(old: &Included, new: &Included) -> Vec<Change> {
    let mut changes = Vec::new();
    for (file, outline) in new.outlines() {
        for name in outline.keys(&["parameters"]) {
            let path = ["parameters", name];
            let has = |old: &Outline| old.keys(&["parameters"]).any(|known| known == name);
            // A file that is new is one that is gone under another name, if that has the parameter.
            let was = old.outline(file).or_else(|| {
                let mut gone = old.outlines();
                let gone = gone.find(|(path, old)| new.outline(path).is_none() && has(old));
                gone.map(|(_, outline)| outline)
            });
            let Some(was) = was.filter(|was| has(was)) else {
                continue;
            };
            let (was, is) = (limits(was, &path), limits(outline, &path));
            changes.extend(text::limits(&format!("{name} of {file}"), &was, &is));
        }
    }
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
fn conditions((recipe, included): (&Outline, &Included)) -> Vec<String> {
    let outlines = std::iter::once(recipe).chain(included.outlines().map(|(_, outline)| outline));
    let texts = outlines.flat_map(|outline| outline.scalars(&[]).into_values());
    let mut conditions: Vec<String> = texts.filter(|text| has_condition(text)).collect();
    conditions.sort();
    conditions
}

/// Whether a block begins in a template. Handlebars takes white space, and a `~` that eats what is before, ahead of its sign.
fn has_condition(text: &str) -> bool {
    text.match_indices("{{").any(|(at, braces)| {
        let tag = &text[at + braces.len()..];
        let tag =
            tag.trim_start_matches(|sign: char| matches!(sign, '{' | '~') || sign.is_whitespace());
        tag.starts_with(['#', '^'])
    })
}

#[cfg(test)]
mod tests {
    use super::has_condition;

    #[test]
    fn a_block_is_seen_however_it_is_written() {
        for text in [
            "a{{#if x}}b{{/if}}",
            "{{ #if x}}b{{/if}}",
            "{{~#if x}}b{{/if}}",
            "{{~ \n\t#if x}}b{{/if}}",
            "{{x}}{{ ^if x}}b{{/if}}",
            "{{{{#raw}}}}b",
        ] {
            assert!(has_condition(text), "{text:?}");
        }
        for text in ["", "# {{x}}", "{{ x }}#", "{#if}", "{{x}} {{~y~}} ^", "{{"] {
            assert!(!has_condition(text), "{text:?}");
        }
    }
}
