//! `amint plan`.

use crate::command::{GOOD, World};

#[test]
fn the_plan_for_people_is_stable() {
    let ran = World::with_recipes().run(&["plan", "good.yaml"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    // Digests follow the built-in scripts, which have tests of their own.
    let text: Vec<String> = ran
        .stdout
        .lines()
        .map(|line| {
            line.split(' ')
                .map(
                    |word| match word.len() == 64 && word.chars().all(|c| c.is_ascii_hexdigit()) {
                        true => "[digest]",
                        false => word,
                    },
                )
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn the_plan_for_programs_names_every_step() {
    let plan = World::with_recipes()
        .run(&["plan", "good.yaml", "--format", "json"])
        .json();
    let names: Vec<&str> = plan["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["greet", "look"]);
    let hardening = plan["seal"]["steps"].as_array().unwrap();
    assert!(
        hardening
            .iter()
            .any(|step| step["id"] == "lock-root-password")
    );
    assert!(
        hardening
            .iter()
            .all(|step| step["sha256"].as_str().unwrap().len() == 64)
    );
}

#[test]
fn equal_recipes_have_equal_plans() {
    let world = World::with_recipes();
    let first = world.run(&["plan", "good.yaml", "--format", "json"]);
    let second = world.run(&["plan", "good.yaml", "--format", "json"]);
    assert_eq!(first.stdout, second.stdout);
    let other = world.run(&[
        "plan",
        "good.yaml",
        "--format",
        "json",
        "--var",
        "channel=edge",
    ]);
    assert_ne!(first.json()["digest"], other.json()["digest"]);
}

#[test]
fn a_bad_recipe_has_no_plan() {
    let ran = World::with_recipes().run(&["plan", "bad.yaml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    assert!(ran.stderr.contains("bad.yaml:5:"), "{}", ran.stderr);
}

#[test]
fn a_recipe_for_another_cloud_has_no_plan_here() {
    let world = World::new();
    let aws = "base:\n  aws: { id: ami-0123456789abcdef0 }\n";
    let local = "base:\n  local: { debian: bookworm }\n";
    world.write("aws.yaml", GOOD.replace(local, aws));
    let ran = world.run(&["plan", "aws.yaml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    assert_eq!(
        ran.stderr,
        "error: cannot plan aws.yaml\n\
         caused by: the recipe has no base image for this machine\n\
         hint: add `local: { debian: bookworm }` to `base`\n"
    );
}

#[test]
fn waivers_are_shown() {
    let world = World::new();
    let waivers = "waivers:\n  - rule: MP-CLEAN-002\n    path: /home/demo/*\n    reason: |\n      \
                   The demo\n      needs it.\n    expires: 2030-01-31\n";
    world.write("waived.yaml", format!("{GOOD}{waivers}"));
    let ran = world.run(&["plan", "waived.yaml"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let shown = "\nwaivers: findings that are accepted\n  \
                 MP-CLEAN-002 at /home/demo/*, until 2030-01-31: The demo needs it.\n";
    assert!(ran.stdout.contains(shown), "{}", ran.stdout);
    let plan = world
        .run(&["plan", "waived.yaml", "--format", "json"])
        .json();
    assert_eq!(plan["waivers"][0]["expires"], "2030-01-31");
}

#[test]
fn what_guards_the_proof_cannot_be_waived() {
    let world = World::new();
    let waivers = "waivers:\n  - { rule: MP-CLEAN-004, reason: why, expires: 2030-01-31 }\n";
    world.write("waived.yaml", format!("{GOOD}{waivers}"));
    for command in ["plan", "validate"] {
        let ran = world.run(&[command, "waived.yaml"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains("waived.yaml:16:"), "{}", ran.stderr);
        assert!(
            ran.stderr
                .contains("`MP-CLEAN-004` guards the proof itself")
        );
    }
}

#[test]
fn a_value_cannot_steer_the_terminal() {
    let world = World::new();
    let text = GOOD.replace("variables:\n", "variables:\n  note: {}\n");
    world.write("note.yaml", text);
    let ran = world.run(&["plan", "note.yaml", "--var", "note=a\n\u{1b}[31mb"]);
    let line = r"variable    note = a\n\u{1b}[31mb";
    assert!(ran.stdout.lines().any(|one| one == line), "{}", ran.stdout);
}
