//! Equal plans have equal digests.

use amint_plan::{Target, resolve};
use proptest::prelude::*;
use serde_yaml::Value;

use super::support::{BUILD, plan, recipe, recipe_at, with, workspace};

#[test]
fn the_build_id_is_rendered_but_not_digested() {
    let recipe = recipe_at("recipes/demo.yaml");
    let one = resolve(&recipe, Target::Local, BUILD).unwrap();
    let other = resolve(&recipe, Target::Local, "another").unwrap();
    assert_eq!(one.digest.len(), 64);
    assert_eq!(one.digest, other.digest);
    assert_ne!(one.image.name, other.image.name);
    assert_eq!(one.image.name, format!("demo-1.0.0-{BUILD}"));
    assert_eq!(one.build_id, BUILD);
}

#[test]
fn comments_and_file_names_do_not_count() {
    let plain = plan(&with("steps: [{ reboot: {} }]\n"));
    let commented = plan(&with("# why\nsteps:\n  - reboot: {}\n"));
    assert_eq!(plain.digest, commented.digest);
    assert_ne!(plain.recipe.sha256, commented.recipe.sha256);
}

#[test]
fn what_is_done_counts() {
    let digests: Vec<_> = [
        "",
        "builder: { vcpus: 3 }\n",
        "variables: { unused: 1 }\n",
        "steps: [{ reboot: {} }]\n",
        "steps: [{ reboot: { timeout: 1m } }]\n",
        "steps: [{ shell: { run: ls } }]\n",
        "steps: [{ file: { content: a, to: /a } }]\n",
        "steps: [{ file: { content: b, to: /a } }]\n",
        "steps: [{ file: { content: b, to: /a, mode: 0600 } }]\n",
        "seal: { application-logs: [/a] }\n",
        "image: { tags: { a: b } }\n",
        "waivers: [{ rule: MP-SSH-003, reason: a, expires: 2030-01-31 }]\n",
        "waivers: [{ rule: MP-SSH-003, reason: a, expires: 2031-01-31 }]\n",
        "waivers: [{ rule: MP-SSH-003, path: /root/**, reason: a, expires: 2030-01-31 }]\n",
    ]
    .into_iter()
    .map(|lines| plan(&with(lines)).digest)
    .collect();
    let distinct: std::collections::BTreeSet<_> = digests.iter().collect();
    assert_eq!(distinct.len(), digests.len());
}

#[test]
fn a_plan_survives_being_written() {
    let plan = resolve(&recipe_at("recipes/demo.yaml"), Target::Local, BUILD).unwrap();
    let json = serde_json::to_string(&plan).unwrap();
    assert!(!json.contains("GREETING"), "contents of files are left out");
    let read: amint_plan::BuildPlan = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), json);
}

/// The document with the keys of each mapping turned by some amount.
fn reordered(value: &Value, turn: usize) -> Value {
    match value {
        Value::Mapping(entries) => {
            let mut entries: Vec<_> = entries
                .iter()
                .map(|(key, value)| (key.clone(), reordered(value, turn)))
                .collect();
            let length = entries.len().max(1);
            entries.rotate_left(turn % length);
            if turn / length % 2 == 1 {
                entries.reverse();
            }
            Value::Mapping(entries.into_iter().collect())
        }
        Value::Sequence(items) => items
            .iter()
            .map(|item| reordered(item, turn))
            .collect::<Vec<_>>()
            .into(),
        value => value.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn the_order_of_keys_does_not_count(turn in 1..1000usize) {
        let text = std::fs::read_to_string(workspace("fixtures/recipes/valid/everything.yaml")).unwrap();
        let document: Value = serde_yaml::from_str(&text).unwrap();
        let turned = serde_yaml::to_string(&reordered(&document, turn)).unwrap();
        let (one, other) = (recipe(&text), recipe(&turned));
        prop_assert_eq!(resolve(&one, Target::Local, BUILD).unwrap().digest, resolve(&other, Target::Local, BUILD).unwrap().digest);
    }
}
