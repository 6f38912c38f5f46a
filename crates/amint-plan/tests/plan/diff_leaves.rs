//! Nothing of a plan can change unseen: each leaf of its written form, one at a time.

use amint_plan::{Base, BuildPlan, Target, resolve};
use amint_recipe::PLACEHOLDER_BUILD_ID;
use serde_json::Value;

use super::diff_table::check_both_ways;
use super::support::recipe_at;

/// What says where and when rather than what, and is no part of a plan's digest. A step's index is its position, and files
/// of the same digest have the same size.
const NO_DIFFERENCE: [&str; 5] = [
    "/build-id",
    "/digest",
    "/recipe/file",
    "/recipe/sha256",
    "/base/image/path",
];

/// All leaves, by their JSON pointers, and all items of lists and maps, which can be left out.
fn pointers(value: &Value, at: &str, leaves: &mut Vec<String>, items: &mut Vec<String>) {
    let mut each = |key: String, value: &Value| {
        let pointer = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        items.push(pointer.clone());
        pointers(value, &pointer, leaves, items);
    };
    match value {
        Value::Object(entries) => entries
            .iter()
            .for_each(|(key, value)| each(key.clone(), value)),
        Value::Array(values) => values
            .iter()
            .enumerate()
            .for_each(|(at, value)| each(at.to_string(), value)),
        _ => leaves.push(at.to_owned()),
    }
}

/// Another value of the same type, of the same form where that has one.
fn changed(leaf: &Value) -> Value {
    match leaf {
        Value::Bool(value) => Value::Bool(!value),
        Value::Number(number) => Value::from(number.as_u64().unwrap_or_default() + 1),
        Value::String(text) if text == "2030-01-31" => Value::from("2030-02-01"),
        Value::String(text) => Value::from(format!("{text}x")),
        other => other.clone(),
    }
}

/// The value without the item that the pointer leads to.
fn without(mut value: Value, pointer: &str) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match value.pointer_mut(parent).unwrap() {
        Value::Object(entries) => {
            entries.remove(&key.replace("~1", "/").replace("~0", "~"));
        }
        Value::Array(values) => {
            values.remove(key.parse().unwrap());
        }
        _ => panic!("{pointer} leads to no item"),
    }
    value
}

fn plans() -> Vec<BuildPlan> {
    let everything = recipe_at("fixtures/recipes/valid/everything.yaml");
    let resolve = |target| resolve(&everything, target, PLACEHOLDER_BUILD_ID).unwrap();
    let mut from_file = resolve(Target::Local);
    from_file.base = Base::Image {
        path: "/x.img".into(),
        sha256: "0".repeat(64),
    };
    let mut temporary = resolve(Target::Aws);
    if let amint_plan::Machine::Aws(machine) = &mut temporary.builder.machine {
        machine.instance_profile = amint_plan::InstanceProfile::Temporary {
            permissions_boundary: Some("arn:aws:iam::012345678901:policy/b".to_owned()),
        };
    }
    vec![
        resolve(Target::Local),
        resolve(Target::Aws),
        from_file,
        temporary,
    ]
}

#[test]
fn every_leaf_and_every_item_counts() {
    for plan in plans() {
        let written = serde_json::to_value(&plan).unwrap();
        // As it is read: contents of files are left out of every written form.
        let old: BuildPlan = serde_json::from_value(written.clone()).unwrap();
        let (mut leaves, mut items) = (Vec::new(), Vec::new());
        pointers(&written, "", &mut leaves, &mut items);
        assert!(leaves.len() > 80, "{}", leaves.len());
        let other = leaves.iter().map(|pointer| {
            let mut other = written.clone();
            let leaf = other.pointer_mut(pointer).unwrap();
            *leaf = changed(leaf);
            (pointer, other)
        });
        let fewer = items
            .iter()
            .map(|pointer| (pointer, without(written.clone(), pointer)));
        for (pointer, other) in other.chain(fewer) {
            // What makes no plan at all can't be compared.
            let Ok(mut new) = serde_json::from_value::<BuildPlan>(other) else {
                continue;
            };
            new.digest = "another".to_owned();
            let is_no_difference = NO_DIFFERENCE.contains(&pointer.as_str())
                || pointer.ends_with("/index")
                || pointer.ends_with("/upload/size");
            let told = check_both_ways(&old, &new);
            let unnamed = told
                .changes
                .iter()
                .any(|change| change.rule.id == "DIFF-PLAN-001");
            assert_eq!(unnamed, is_no_difference, "{pointer}: {told:#?}");
        }
    }
}
