//! `recipes/schema/README.md`: all keys, for people, from the schemas that editors are given.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write;

use amint_recipe::{schema, steps_schema};
use serde_json::Value;

use super::support::workspace;

#[test]
fn the_checked_in_reference_is_the_generated_one() {
    let path = workspace("recipes/schema/README.md");
    let generated = reference();
    if std::env::var_os("AMINT_WRITE_SCHEMA").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == generated,
        "run scripts/schema, and commit {path:?}"
    );
}

/// The page: a table for each mapping, in the order in which a reader meets them.
fn reference() -> String {
    let mut page = Page {
        text: "# All keys of recipes\n\n`scripts/schema` makes this page from the schemas beside it.\n".to_owned(),
        told: BTreeSet::new(),
    };
    page.document("A recipe", &schema());
    page.document("A file of steps, which recipes include", &steps_schema());
    page.text
}

struct Page {
    text: String,
    /// Definitions that have their table.
    told: BTreeSet<String>,
}

/// A mapping that waits for its table.
struct Mapping<'s> {
    /// Where it stands, such as `builder.root-volume`.
    place: String,
    schema: &'s Value,
}

impl Page {
    fn document(&mut self, title: &str, whole: &Value) {
        let _ = write!(self.text, "\n## {title}\n");
        let mut waiting = VecDeque::from([Mapping {
            place: String::new(),
            schema: whole,
        }]);
        while let Some(mapping) = waiting.pop_front() {
            let mut rows = Vec::new();
            let alternatives = alternatives(mapping.schema);
            let mut forms = alternatives
                .iter()
                .filter(|one| one.get("properties").is_some());
            let one_form = (forms.next(), forms.next()).1.is_none();
            for alternative in alternatives {
                let needed: Vec<&str> = alternative["required"]
                    .as_array()
                    .map_or_else(Vec::new, |keys| {
                        keys.iter().filter_map(Value::as_str).collect()
                    });
                for (key, property) in alternative["properties"].as_object().into_iter().flatten() {
                    let others: Vec<&str> =
                        needed.iter().copied().filter(|one| one != key).collect();
                    let need = match (needed.contains(&key.as_str()), one_form, others.as_slice()) {
                        (false, ..) => String::new(),
                        (true, true, _) => "must be given".to_owned(),
                        (true, false, []) => "one of these".to_owned(),
                        (true, false, others) => format!("with `{}`", others.join("`, `")),
                    };
                    rows.push((need.is_empty(), row(key, property, &need)));
                    let place = match mapping.place.as_str() {
                        "" => key.clone(),
                        place => format!("{place}.{key}"),
                    };
                    self.nested(whole, place, property, &mut waiting);
                }
            }
            // What must be given comes first.
            rows.sort_by_key(|(optional, _)| *optional);
            if !mapping.place.is_empty() {
                let _ = write!(self.text, "\n### `{}`\n", mapping.place);
            }
            self.text
                .push_str("\n| key | what it is | default | example |\n|---|---|---|---|\n");
            self.text.extend(rows.into_iter().map(|(_, row)| row));
        }
    }

    /// Puts the mappings that a value may be in the queue, each once.
    fn nested<'s>(
        &mut self,
        whole: &'s Value,
        place: String,
        value: &'s Value,
        waiting: &mut VecDeque<Mapping<'s>>,
    ) {
        if let Some(name) = value["$ref"].as_str() {
            let name = name.trim_start_matches("#/$defs/");
            let definition = &whole["$defs"][name];
            let is_mapping = alternatives(definition)
                .iter()
                .any(|one| one.get("properties").is_some());
            match is_mapping {
                true if self.told.insert(name.to_owned()) => {
                    waiting.push_back(Mapping {
                        place,
                        schema: definition,
                    });
                }
                true => {}
                false => self.nested_in(whole, place, definition, waiting),
            }
        } else {
            self.nested_in(whole, place, value, waiting);
        }
    }

    fn nested_in<'s>(
        &mut self,
        whole: &'s Value,
        place: String,
        value: &'s Value,
        waiting: &mut VecDeque<Mapping<'s>>,
    ) {
        for inner in ["anyOf", "oneOf"]
            .into_iter()
            .filter_map(|key| value[key].as_array())
            .flatten()
        {
            self.nested(whole, place.clone(), inner, waiting);
        }
        for (key, part) in [("items", "[]"), ("additionalProperties", ".*")] {
            if value[key].is_object() {
                self.nested(whole, format!("{place}{part}"), &value[key], waiting);
            }
        }
    }
}

/// The shapes that a value may have.
fn alternatives(schema: &Value) -> Vec<&Value> {
    let inner = ["anyOf", "oneOf"]
        .into_iter()
        .find_map(|key| schema[key].as_array());
    inner.map_or_else(|| vec![schema], |inner| inner.iter().collect())
}

fn row(key: &str, property: &Value, need: &str) -> String {
    let described = property["description"].as_str().unwrap();
    let described = described.split_whitespace().collect::<Vec<_>>().join(" ");
    let default = match property.get("default") {
        Some(default) => code(default),
        None => need.to_owned(),
    };
    let example = property["examples"].get(0).map(code).unwrap_or_default();
    format!(
        "| `{key}` | {} | {default} | {example} |\n",
        described.replace('|', "\\|")
    )
}

/// A value as somebody would write it on one line.
fn code(value: &Value) -> String {
    let text = value.to_string().replace('|', "\\|");
    format!("`{text}`")
}
