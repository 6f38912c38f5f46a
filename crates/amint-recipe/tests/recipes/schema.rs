//! The schema and the decoder know the same recipes.

use std::collections::{BTreeMap, BTreeSet};

use amint_recipe::{schema, steps_schema};
use serde_json::{Value, json};

use super::support::{expand_text, recipes_in, workspace};

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
fn files_of_steps_match_their_schema() {
    let validator = jsonschema::validator_for(&steps_schema()).unwrap();
    let mut paths = recipes_in("recipes/steps");
    paths.extend(recipes_in("fixtures/recipes/valid/steps"));
    for path in paths {
        let steps = as_json(&path);
        let errors: Vec<_> = validator
            .iter_errors(&steps)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{path:?}: {errors:?}");
    }
    let mistakes = as_json(&workspace("fixtures/recipes/invalid/steps/mistakes.yaml"));
    assert!(!validator.is_valid(&mistakes));
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
        "include",
        "matrix",
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
    each_property(&schema(), &mut |key, _| {
        known.insert(key.to_owned());
    });
    let mut used = BTreeSet::new();
    for name in [
        "everything",
        "allow",
        "short-forms",
        "aws-only",
        "profiles",
        "composed",
    ] {
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
fn every_key_is_described_and_has_examples() {
    for schema in [schema(), steps_schema()] {
        each_property(&schema, &mut |key, property| {
            let described = property["description"].as_str().unwrap_or_default();
            assert!(described.ends_with('.'), "{key}: {described:?}");
            let examples = property["examples"].as_array();
            assert!(examples.is_some_and(|all| !all.is_empty()), "{key}");
        });
    }
}

/// What a reader of the description learns, an editor can fill in.
#[test]
fn defaults_that_are_told_are_stated() {
    let mut stated = 0;
    each_property(&schema(), &mut |key, property| {
        let described = property["description"].as_str().unwrap_or_default();
        // After a colon the default is told in words: it depends on something else.
        let told = described.contains("default") && !described.contains("(default:");
        let Some(default) = property.get("default") else {
            let of_another = ["group", "iops", "throughput", "default"].contains(&key);
            assert!(
                !told || of_another || key == "variables",
                "{key}: {described}"
            );
            return;
        };
        stated += 1;
        let text = match default {
            Value::String(text) => text.clone(),
            Value::Array(items) => items[0].as_str().unwrap().to_owned(),
            other => other.to_string(),
        };
        let only_choice = property.get("const") == Some(default);
        let none = text.is_empty() || text == "false";
        assert!(
            described.contains(&text) || only_choice || none,
            "{key}: {described}"
        );
    });
    assert!(stated > 15, "{stated}");
}

#[test]
fn examples_and_defaults_match_their_own_schema() {
    for whole in [schema(), steps_schema()] {
        each_property(&whole, &mut |key, property| {
            let mut alone = property.clone();
            alone["$defs"] = whole["$defs"].clone();
            let validator = jsonschema::validator_for(&alone).unwrap();
            let examples = property["examples"].as_array().unwrap();
            for value in examples.iter().chain(property.get("default")) {
                assert!(validator.is_valid(value), "{key}: {value}");
            }
        });
    }
}

/// What the examples include.
const INCLUDED: &[u8] =
    b"amint-steps: 1\nparameters: { title: x, root: /srv }\nsteps: [{ reboot: {} }]\n";

/// A pattern accepts more than the reader does, so each example is read as a part of a recipe.
#[test]
fn examples_are_what_the_reader_takes() {
    let whole = schema();
    // What has a key, with all that the key needs; `EXAMPLE` is where the example goes.
    let step = |kind: &str, keys: Value| json!({ "steps": [{ kind: keys }] });
    let base = |aws: Value| json!({ "base": { "aws": aws } });
    let contexts = [
        ("", json!({})),
        ("Base", json!({ "base": {} })),
        ("Builder", json!({ "builder": {} })),
        (
            "RootVolume",
            json!({ "builder": { "root-volume": { "size": 20 } } }),
        ),
        (
            "DataVolume",
            json!({ "builder": { "volumes": [{ "device": "/dev/sdg", "size": 20 }] } }),
        ),
        (
            "TemporaryInstanceProfile",
            json!({ "builder": { "temporary-instance-profile": {} } }),
        ),
        ("Seal", json!({ "seal": {} })),
        ("Image", json!({ "image": {} })),
        ("ShareWith", json!({ "image": { "share-with": {} } })),
        ("Shell", step("shell", json!({ "run": "true" }))),
        (
            "File",
            step("file", json!({ "content": "x", "to": "/etc/x" })),
        ),
        ("Common", step("reboot", json!({}))),
        (
            "InstallPackages",
            step("install-packages", json!({ "packages": ["jq"] })),
        ),
        (
            "FirstBootSecret",
            step(
                "first-boot-secret",
                json!({ "name": "x", "command": "/opt/x" }),
            ),
        ),
        ("Variable", json!({ "variables": { "x": {} } })),
        (
            "Include",
            step("include", json!({ "file": "steps/nginx.yaml" })),
        ),
        (
            "Waiver",
            json!({ "waivers": [{ "rule": "MP-SEC-001", "reason": "x", "expires": "2030-01-01" }] }),
        ),
        (
            "Allow",
            json!({ "allow": [{ "lint": "AM0113", "reason": "x" }] }),
        ),
        (
            "SsmAgent",
            json!({ "builder": { "ssm-agent": {
            "url": "https://example.com/x.rpm", "sha256": "0".repeat(64) } } }),
        ),
        ("AwsBase", base(json!({}))),
        ("LocalBase", json!({ "base": { "local": {} } })),
    ];
    let mut read = 0;
    for (name, context) in contexts {
        let definition = if name.is_empty() {
            &whole
        } else {
            &whole["$defs"][name]
        };
        each_property(&without_definitions(definition), &mut |key, property| {
            for example in property["examples"].as_array().unwrap() {
                let text = recipe_with(name, &context, key, example);
                let files = BTreeMap::from([
                    ("files/install.sh".to_owned(), b"true\n".to_vec()),
                    ("files/collector.service".to_owned(), Vec::new()),
                    ("steps/nginx.yaml".to_owned(), INCLUDED.to_vec()),
                ]);
                let recipes = expand_text(&text, &files, &[]);
                let problems = match recipes {
                    Ok(recipes) => recipes[0].warnings.clone(),
                    Err(errors) => errors,
                };
                // Lints look at whole recipes: an owner whom no step has made, what is allowed and not there.
                let bad = problems.iter().any(|one| one.code < "AM0100");
                let rendered = problems.render(false);
                assert!(!bad, "{name}.{key} = {example}: {rendered}");
                read += 1;
            }
        });
    }
    assert!(read > 70, "{read}");
}

/// A small recipe with the context in it, and the example in the context's innermost mapping. Keys that only go with
/// others, or not with them, are given or left out.
fn recipe_with(name: &str, context: &Value, key: &str, example: &Value) -> String {
    let mut recipe = json!({
        "amint": 1, "name": "test", "version": "1.0.0",
        "variables": { "channel": "stable" },
        "base": { "local": { "debian": "bookworm" } },
    });
    for (section, value) in context.as_object().unwrap() {
        recipe[section] = value.clone();
    }
    let target = innermost(&mut recipe, context);
    let exclusive = [
        ("script", "run"),
        ("from", "content"),
        ("profiles", "profile"),
    ];
    for (one, other) in exclusive {
        if key == one {
            target.remove(other);
        }
    }
    target.insert(key.to_owned(), example.clone());
    let sha256 = "0".repeat(64);
    let needed = match (name, key) {
        ("Seal", "profiles") => Some(("choices", json!({ "root-password": "cis-hygiene" }))),
        ("Seal", "choices") => Some(("profiles", json!(["marketplace-linux", "cis-hygiene"]))),
        ("LocalBase", "image") => Some(("sha256", json!(sha256))),
        ("LocalBase", "sha256") => Some(("image", json!("base.qcow2"))),
        ("AwsBase", "owner") => Some(("name", json!("debian-12-*"))),
        ("AwsBase", "name") => Some(("owner", json!("amazon"))),
        ("Variable", "pattern" | "choices" | "description") => Some(("default", json!("stable"))),
        ("Variable", "type" | "min" | "max") => Some(("default", json!(8))),
        ("Variable", "from") => Some(("secret", json!(true))),
        _ => None,
    };
    if let Some((key, value)) = needed {
        target.insert(key.to_owned(), value);
    }
    if name == "Variable" && ["min", "max"].contains(&key) {
        target.insert("type".to_owned(), json!("integer"));
    }
    serde_yaml::to_string(&recipe).unwrap()
}

/// The mapping that a context of one key a level leads to.
fn innermost<'v>(recipe: &'v mut Value, context: &Value) -> &'v mut serde_json::Map<String, Value> {
    let (mut at, mut way) = (recipe, context);
    loop {
        way = match way {
            Value::Object(entries) if entries.len() == 1 => {
                let (key, inner) = entries.iter().next().unwrap();
                if !(inner.is_object() || inner[0].is_object()) {
                    break;
                }
                at = &mut at[key.as_str()];
                inner
            }
            Value::Array(items) if items[0].is_object() => {
                at = &mut at[0];
                &items[0]
            }
            _ => break,
        };
    }
    at.as_object_mut().unwrap()
}

fn without_definitions(schema: &Value) -> Value {
    let mut schema = schema.clone();
    schema.as_object_mut().unwrap().remove("$defs");
    schema
}

/// What editors are given is what `amint schema recipe` prints. `scripts/schema` writes it anew.
#[test]
fn the_checked_in_schema_is_the_generated_one() {
    for (name, schema) in [("recipe", schema()), ("steps", steps_schema())] {
        let path = workspace(&format!("recipes/schema/{name}.json"));
        let generated = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        if std::env::var_os("AMINT_WRITE_SCHEMA").is_some() {
            std::fs::write(&path, &generated).unwrap();
        }
        let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            checked_in == generated,
            "run scripts/schema, and commit {path:?}"
        );
    }
}

/// The line by which editors find the schema is in every recipe, and leads there.
#[test]
fn every_recipe_names_its_schema() {
    let recipes = ["recipes", "fixtures/recipes/valid"].map(|folder| (folder, "recipe"));
    let steps = ["recipes/steps", "fixtures/recipes/valid/steps"].map(|folder| (folder, "steps"));
    let files = recipes.into_iter().chain(steps);
    let files =
        files.flat_map(|(folder, of)| recipes_in(folder).into_iter().map(move |path| (path, of)));
    for (path, of) in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap();
        let named = first.strip_prefix("# yaml-language-server: $schema=");
        let named = named.unwrap_or_else(|| panic!("{path:?} begins with {first:?}"));
        let schema = path.parent().unwrap().join(named);
        assert_eq!(
            schema.canonicalize().unwrap(),
            workspace(&format!("recipes/schema/{of}.json"))
                .canonicalize()
                .unwrap(),
            "{path:?}"
        );
    }
}

/// Calls `visit` with each key that the schema knows, and what it says about the key.
fn each_property(schema: &Value, visit: &mut dyn FnMut(&str, &Value)) {
    walk(schema, &mut |value| {
        // Examples may have a key of that name, too.
        let properties = value.get("properties").and_then(Value::as_object);
        for (key, property) in properties.into_iter().flatten() {
            visit(key, property);
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
