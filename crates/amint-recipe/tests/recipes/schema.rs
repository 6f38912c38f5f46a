//! The schema and the decoder know the same recipes.

use std::collections::BTreeSet;

use amint_recipe::schema;
use serde_json::Value;

use super::support::{recipes_in, workspace};

fn as_json(path: &std::path::Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    let yaml: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    serde_json::to_value(yaml).unwrap()
}

#[test]
fn valid_recipes_match_the_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let mut paths = recipes_in("recipes");
    paths.extend(recipes_in("fixtures/recipes/valid"));
    paths.push(workspace("fixtures/recipes/leaky.yaml"));
    for path in paths {
        let recipe = as_json(&path);
        let errors: Vec<_> = validator
            .iter_errors(&recipe)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{path:?}: {errors:?}");
    }
}

#[test]
fn recipes_of_a_wrong_shape_do_not_match_the_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for name in [
        "unknown-keys",
        "missing-keys",
        "wrong-types",
        "format",
        "aws-builder",
        "volumes",
        "boot-volume",
        "publish",
        "public",
    ] {
        let recipe = as_json(&workspace(&format!("fixtures/recipes/invalid/{name}.yaml")));
        assert!(!validator.is_valid(&recipe), "{name}");
    }
}

/// Every key of the schema stands in the fixture that has every key, which the decoder accepts; and the schema refuses
/// keys that it does not know. So both know the same.
#[test]
fn the_schema_has_no_key_that_the_decoder_lacks() {
    let mut known = BTreeSet::new();
    collect_properties(&schema(), &mut known);
    let mut used = BTreeSet::new();
    for name in ["everything", "short-forms", "aws-only", "profiles"] {
        collect_keys(
            &as_json(&workspace(&format!("fixtures/recipes/valid/{name}.yaml"))),
            &mut used,
        );
    }
    used.insert("id".to_owned());
    let unused: Vec<_> = known.difference(&used).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn every_key_of_the_schema_is_described() {
    let mut bare = Vec::new();
    collect_bare(&schema(), &mut bare);
    assert!(bare.is_empty(), "{bare:?}");
}

fn collect_properties(value: &Value, into: &mut BTreeSet<String>) {
    walk(value, &mut |value| {
        if let Some(properties) = value.get("properties").and_then(Value::as_object) {
            into.extend(properties.keys().cloned());
        }
    });
}

fn collect_bare(value: &Value, into: &mut Vec<String>) {
    walk(value, &mut |value| {
        // A step's one key is described by the alternative that it belongs to.
        if value.get("description").is_some()
            && value
                .get("required")
                .is_some_and(|keys| keys.as_array().is_some_and(|keys| keys.len() == 1))
        {
            return;
        }
        for (key, property) in value
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            if property.get("description").is_none() {
                into.push(key.clone());
            }
        }
    });
}

fn collect_keys(value: &Value, into: &mut BTreeSet<String>) {
    walk(value, &mut |value| {
        if let Value::Object(entries) = value {
            into.extend(entries.keys().cloned());
        }
    });
}

fn walk(value: &Value, visit: &mut dyn FnMut(&Value)) {
    visit(value);
    match value {
        Value::Object(entries) => entries.values().for_each(|value| walk(value, visit)),
        Value::Array(items) => items.iter().for_each(|value| walk(value, visit)),
        _ => {}
    }
}
