//! `amint schema`.

use std::path::Path;

use serde_json::Value;

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
