//! `amint diff`: what got weaker between two versions of recipes.

mod approvals;
mod cells;
mod formats;
mod hidden;
mod hostile;
mod repository;
mod revisions;
mod scripts;

use crate::command::{GOOD, World};

/// `old.yaml` and `new.yaml`.
fn pair(old: &str, new: &str) -> World {
    let world = World::new();
    world.write("old.yaml", old);
    world.write("new.yaml", new);
    world
}

/// A recipe that got weaker: a finding is accepted.
fn weaker() -> String {
    format!(
        "{GOOD}waivers:\n  - {{ rule: MP-CLEAN-002, path: /root/**, reason: the demo needs it, expires: 2999-12-31 }}\n"
    )
}

#[test]
fn equal_recipes_do_not_differ_however_they_are_written() {
    let rewritten = "\
# The same, by somebody else.
version: \"1.0.0\"
name: 'small'
amint: 1
seal: { application-logs: [ \"/opt/small/logs\" ] }
image: { name: '{{name}}-{{version}}-{{build.id}}' }
base: { local: { debian: 'bookworm' } }
variables:
  channel:
    pattern: '^(stable|edge)$'
    default: \"stable\"
steps:
  - file: { to: /etc/motd, mode: '0644', content: \"hello {{channel}}\\n\", name: \"greet\" }
  # What it looks like.
  - shell:
      run: cat /etc/motd
      name: look
";
    for new in [GOOD, rewritten] {
        let ran = pair(GOOD, new).run(&["diff", "old.yaml", "new.yaml"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        assert_eq!(
            ran.stdout,
            "no recipe builds anything else than before, from old.yaml to new.yaml\n"
        );
    }
}

/// The project's recipes as another program would write them: JSON, which is YAML too, with its keys sorted.
#[test]
fn the_project_s_recipes_do_not_differ_from_themselves_in_json() {
    let recipes = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes");
    let world = World::new();
    let copied = std::process::Command::new("cp")
        .arg("-r")
        .arg(&recipes)
        .arg(world.path("recipes"))
        .status();
    assert!(copied.unwrap().success());
    let mut seen = 0;
    for entry in std::fs::read_dir(&recipes).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.ends_with(".yaml") {
            continue;
        }
        seen += 1;
        let text = std::fs::read_to_string(recipes.join(&name)).unwrap();
        let value: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        let (old, new) = (format!("recipes/{name}"), format!("recipes/json-{name}"));
        world.write(&new, format!("# {name}\n{value:#}\n"));
        for (old, new) in [(&old, &old), (&old, &new), (&new, &old)] {
            let ran = world.run(&["diff", old, new]);
            assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{name}");
            assert!(
                ran.stdout.starts_with("no recipe builds anything else"),
                "{}",
                ran.stdout
            );
        }
    }
    assert!(seen >= 4, "{seen}");
}

#[test]
fn what_got_weaker_has_an_exit_code_of_its_own() {
    let world = pair(GOOD, &weaker());
    let ran = world.run(&["diff", "old.yaml", "new.yaml"]);
    assert_eq!(ran.code, 16);
    insta::assert_snapshot!(format!("{}---\n{}", ran.stdout, ran.stderr));
    let ran = world.run(&["diff", "new.yaml", "old.yaml"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("STRENGTHENED"), "{}", ran.stdout);
}

#[test]
fn variables_apply_to_both_sides_and_need_no_value() {
    let open = GOOD.replace(
        "variables:\n",
        "variables:\n  edition: { pattern: \"^[0-9]+$\" }\n  word: {}\n",
    );
    let new = open.replace("cat /etc/motd", "echo {{edition}} {{word}}");
    let world = pair(&open, &new);
    let ran = world.run(&["diff", "old.yaml", "new.yaml", "--format", "json"]);
    assert!(ran.code == 0 || ran.code == 16, "{}", ran.stderr);
    assert!(ran.stdout.contains("echo 1 word"), "{}", ran.stdout);
    let given = ["--var", "edition=7", "--format", "json"];
    let ran = world.run(&[&["diff", "old.yaml", "new.yaml"], &given[..]].concat());
    assert!(ran.stdout.contains("echo 7 word"), "{}", ran.stdout);
    let ran = world.run(&["diff", "old.yaml", "new.yaml", "--var", "editon=7"]);
    assert_eq!(ran.code, 2);
    insta::assert_snapshot!(ran.stderr, @r"
    error: none of the recipes that differ declares the variable editon
    hint: check the name, or leave the variable out
    ");
}

#[test]
fn what_templates_hide_is_told() {
    let silent = "allow:\n  - { lint: AM0122, step: look, reason: It is a demo. }\nvariables:\n";
    let new = GOOD
        .replace("variables:\n", silent)
        .replace("^(stable|edge)$", "^.*$")
        .replace(
            "cat /etc/motd",
            "cat /etc/motd{{#if (eq channel \\\"edge\\\")}}; useradd x{{/if}}",
        );
    let ran = pair(GOOD, &new).run(&["diff", "old.yaml", "new.yaml"]);
    assert_eq!(ran.code, 16, "{}", ran.stderr);
    insta::assert_snapshot!(ran.stdout);
}

#[test]
fn a_side_that_cannot_be_used() {
    let world = pair("amint: 1\nname: [\n", GOOD);
    let ran = world.run(&["diff", "old.yaml", "new.yaml"]);
    insta::assert_snapshot!(
        "old_side_broken",
        format!("{}\n{}---\n{}", ran.code, ran.stdout, ran.stderr)
    );
    let ran = world.run(&["diff", "new.yaml", "old.yaml"]);
    assert_eq!(ran.code, 3);
    insta::assert_snapshot!(
        "new_side_broken",
        format!("{}---\n{}", ran.stdout, ran.stderr)
    );
    let ran = world.run(&["diff", "old.yaml", "none.yaml"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
}
