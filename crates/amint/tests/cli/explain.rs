//! `amint explain`.

use serde_json::json;

use crate::command::World;

#[test]
fn a_rule_says_what_why_who_and_what_mends_it() {
    let ran = World::new().run(&["explain", "MP-CLEAN-002"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(ran.stdout);
}

#[test]
fn a_step_is_explained_as_by_steps() {
    let world = World::new();
    let ran = world.run(&["explain", "lock-root-password"]);
    assert_eq!(ran.code, 0);
    assert_eq!(
        ran.stdout,
        world.run(&["steps", "lock-root-password"]).stdout
    );
}

#[test]
fn everything_that_is_listed_can_be_explained() {
    let world = World::new();
    let list = world.run(&["explain", "--list", "--format", "json"]).json();
    let text = world.run(&["explain", "--list"]).stdout;
    let list = list.as_array().unwrap();
    assert_eq!(text.lines().count(), list.len());
    for kind in ["rule", "step", "check", "diff"] {
        let entry = list.iter().find(|entry| entry["kind"] == kind).unwrap();
        let id = entry["id"].as_str().unwrap();
        let told = world.run(&["explain", id, "--format", "json"]).json();
        for key in ["kind", "id", "title"] {
            assert_eq!(told[key], entry[key]);
        }
        assert!(told["why"].is_string(), "{told}");
    }
}

#[test]
fn a_rule_of_the_diff_says_its_class_and_what_it_is_the_other_way_round() {
    let world = World::new();
    let ran = world.run(&["explain", "diff-waiver-003"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(ran.stdout);
    let both_ways = world.run(&["explain", "DIFF-STEP-003"]).stdout;
    assert!(
        both_ways.ends_with("reversed the same rule\n"),
        "{both_ways}"
    );
    let told = world
        .run(&["explain", "DIFF-STEP-003", "--format", "json"])
        .json();
    assert_eq!(told["class"], "neutral");
    assert_eq!(told["opposite"], "DIFF-STEP-003");
}

#[test]
fn programs_get_the_same() {
    let rule = World::new()
        .run(&["explain", "mp-clean-004", "--format", "json"])
        .json();
    assert_eq!(
        (&rule["kind"], &rule["id"], &rule["waivable"]),
        (&json!("rule"), &json!("MP-CLEAN-004"), &json!(false))
    );
}

#[test]
fn a_misspelt_id_is_recognised() {
    let world = World::new();
    for (wrong, meant) in [
        ("MP-CLEAN-02", "did you mean MP-CLEAN-002?"),
        ("lock-root-pasword", "did you mean lock-root-password?"),
        ("zzz", "`amint explain --list` lists them"),
    ] {
        let ran = world.run(&["explain", wrong]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
        assert_eq!(
            ran.stderr,
            format!("error: there is no rule and no hardening step named {wrong}\nhint: {meant}\n")
        );
    }
    assert_eq!(world.run(&["explain"]).code, 2);
}
