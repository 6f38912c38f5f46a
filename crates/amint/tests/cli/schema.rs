//! `amint schema`.

use std::path::Path;

use serde_json::{Value, json};

use crate::command::{BAD, GOOD, World};

fn schema(document: &str) -> Value {
    let ran = World::new().run(&["schema", document]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    ran.json()
}

#[test]
fn the_recipe_schema_tells_good_from_bad() {
    let validator = jsonschema::validator_for(&schema("recipe")).unwrap();
    let good: Value = serde_yaml::from_str(GOOD).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&good)
        .map(|e| e.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    let bad: Value = serde_yaml::from_str(BAD).unwrap();
    assert!(!validator.is_valid(&bad));
}

#[test]
fn the_recipe_schema_accepts_the_recipes_that_ship() {
    let validator = jsonschema::validator_for(&schema("recipe")).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            let text = std::fs::read_to_string(&path).unwrap();
            let recipe: Value = serde_yaml::from_str(&text).unwrap();
            let errors: Vec<String> = validator
                .iter_errors(&recipe)
                .map(|error| error.to_string())
                .collect();
            assert_eq!(errors, Vec::<String>::new(), "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 0, "no recipe ships");
}

#[test]
fn the_manifest_schema_names_its_version() {
    let schema = schema("manifest");
    assert!(schema.to_string().contains("amint.manifest/1"));
    assert!(jsonschema::validator_for(&schema).is_ok());
}

/// Whoever lets an editor fill in the defaults gets the plan of whoever leaves them out.
#[test]
fn stated_defaults_change_nothing() {
    let schema = schema("recipe");
    let defaults = |definition: &str, except: &[&str]| {
        let properties = schema["$defs"][definition]["properties"]
            .as_object()
            .unwrap();
        let stated = properties.iter().filter_map(|(key, property)| {
            let default = property.get("default")?.clone();
            (!except.contains(&key.as_str())).then_some((key.clone(), default))
        });
        let stated: serde_json::Map<String, Value> = stated.collect();
        assert!(!stated.is_empty(), "{definition}");
        Value::Object(stated)
    };
    let step = |definition: &str, except: &[&str], mut keys: Value| {
        let stated = defaults(definition, except);
        keys.as_object_mut()
            .unwrap()
            .extend(stated.as_object().unwrap().clone());
        keys
    };
    let shell = json!({ "run": "true" });
    let file = json!({ "content": "x", "to": "/etc/x" });
    let secret = json!({ "name": "x", "command": "/opt/x" });
    let recipe = |steps: Value, rest: &[(&str, Value)]| {
        let mut recipe = json!({
            "amint": 1, "name": "test", "version": "1.0.0",
            "base": { "local": { "debian": "bookworm" }, "aws": { "id": "ami-0123456789abcdef0" } },
            "steps": steps,
        });
        for (section, keys) in rest {
            recipe[*section] = keys.clone();
        }
        serde_yaml::to_string(&recipe).unwrap()
    };
    let mut builder = defaults("Builder", &[]);
    builder["root-volume"] = defaults("RootVolume", &[]);
    let world = World::new();
    world.write(
        "bare.yaml",
        recipe(
            json!([{ "shell": shell }, { "file": file }, { "reboot": {} }, { "first-boot-secret": secret }]),
            &[],
        ),
    );
    world.write(
        "stated.yaml",
        recipe(
            json!([
                { "shell": step("Shell", &[], shell.clone()) },
                // Given for another key's sake, or what a file without an owner gets.
                { "file": step("File", &["executable", "owner"], file.clone()) },
                { "reboot": defaults("Common", &[]) },
                { "first-boot-secret": step("FirstBootSecret", &[], secret.clone()) },
            ]),
            &[
                ("builder", builder),
                ("seal", defaults("Seal", &[])),
                ("image", defaults("Image", &[])),
            ],
        ),
    );
    for cloud in ["local", "aws"] {
        let digest = |file: &str| {
            let ran = world.run(&["plan", file, "--on", cloud, "--format", "json"]);
            assert_eq!(ran.code, 0, "{}", ran.stderr);
            ran.json()["digest"].clone()
        };
        assert_eq!(digest("bare.yaml"), digest("stated.yaml"), "{cloud}");
    }
}
