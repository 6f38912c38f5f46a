//! `amint explain`.

use serde_json::json;

use crate::command::{AWS, Ran, World};

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
    for kind in ["rule", "step", "check", "diff", "problem", "lint"] {
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
fn a_code_says_what_is_wrong_what_is_right_and_why() {
    let world = World::new();
    insta::assert_snapshot!(world.run(&["explain", "am0110"]).stdout);
    let told = world.run(&["explain", "AM0116", "--format", "json"]).json();
    assert_eq!(
        (&told["kind"], &told["id"], &told["can-be-allowed"]),
        (&json!("lint"), &json!("AM0116"), &json!(false))
    );
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
            format!("error: nothing that can be explained is named {wrong}\nhint: {meant}\n")
        );
    }
    assert_eq!(world.run(&["explain"]).code, 2);
}

/// A recipe with something of every section.
const PRODUCT: &str = r#"
amint: 1
name: product
version: 2.0.0
description: A product that serves <b>pages</b> at https://example.com.
variables: { greeting: "hello, world" }
base: { local: { debian: bookworm } }
builder: { network: none, timeout: 45m }
steps:
  - install-packages: [nginx, jq]
  - shell: { name: greet, timeout: 90s, run: "echo {{greeting}} {{build.id}}\n" }
  - file: { name: settings, content: "a\tb\n", to: /etc/product, owner: www-data, mode: "0640" }
  - reboot: {}
  - first-boot-secret: { name: admin-password, command: "/opt/product/set --name={{name}}", length: 24 }
seal: { application-logs: [/opt/product/logs] }
image: { tags: { product: "{{name}}" } }
waivers:
  - { rule: MP-CLEAN-002, path: /home/demo/.bash_history, reason: "The demo\nshows it.", expires: "2099-12-31" }
  - { rule: MP-SEC-002, reason: Once., expires: "2020-01-31" }
"#;

#[test]
fn a_recipe_is_told_in_plain_english() {
    let world = World::new();
    world.write("product.yaml", PRODUCT);
    let ran = world.run(&["explain", "product.yaml"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(ran.without_digests());
    let other = world.run(&["explain", "product.yaml", "--var", "greeting=bye"]);
    assert!(
        other.stdout.contains("echo bye <build id>"),
        "{}",
        other.stdout
    );
}

#[test]
fn a_recipe_for_aws_says_who_gets_the_image() {
    let world = World::new();
    world.write("small.yaml", AWS);
    let ran = world.run(&["explain", "small.yaml", "--format", "markdown"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(ran.without_digests());
    let local = world.run(&["explain", "small.yaml", "--on", "local"]);
    assert_eq!((local.code, local.stdout.as_str()), (3, ""));
}

/// Every script and every line of the plan is in it, for a program too.
#[test]
fn programs_get_the_recipe_s_scripts() {
    let world = World::new();
    world.write("product.yaml", PRODUCT);
    let told = world
        .run(&["explain", "product.yaml", "--format", "json"])
        .json();
    let plan = world
        .run(&["plan", "product.yaml", "--format", "json"])
        .json();
    assert_eq!(told["schema"], "amint.explanation/1");
    assert_eq!(told["plan"], plan["digest"]);
    let blocks = told["sections"].as_array().unwrap().iter();
    let blocks = blocks.flat_map(|section| section["blocks"].as_array().unwrap());
    let verbatim: Vec<&str> = blocks
        .filter_map(|block| block["verbatim"].as_str())
        .collect();
    let placeholder = plan["build-id"].as_str().unwrap();
    let mut scripts = 0;
    for step in plan["steps"].as_array().unwrap() {
        for action in step["actions"].as_array().unwrap() {
            if let Some(script) = action["run"]["script"].as_str() {
                let script = script.replace(placeholder, "<build id>");
                assert!(verbatim.contains(&script.as_str()), "{script}");
                scripts += 1;
            }
        }
    }
    assert_eq!(scripts, 3);
}

#[test]
fn a_recipe_cannot_pass_for_something_else_when_explained() {
    let world = World::new();
    let hostile = PRODUCT
        .replace("A product", "A!#1 @everybody \u{202e}")
        .replace("echo {{greeting}}", "```\\n<!-- \u{202e}");
    world.write("product.yaml", &hostile);
    let ran = world.run(&["explain", "product.yaml"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let text = ran.stdout;
    assert!(
        !text.contains('\u{202e}') && text.contains("\\u{202e}"),
        "{text}"
    );
    let markdown = world
        .run(&["explain", "product.yaml", "--format", "markdown"])
        .stdout;
    assert!(
        !markdown.contains('\u{202e}') && markdown.contains("A\\!\\#<!-- -->1 @<!-- -->everybody"),
        "{markdown}"
    );
    assert!(markdown.contains("````\nset -eu\n```\n<!--"), "{markdown}");
}

#[test]
fn what_the_recipe_silences_is_told() {
    let world = World::new();
    let recipe = PRODUCT.replace("echo {{greeting}}", "sleep 60; echo {{greeting}}");
    world.write("product.yaml", &recipe);
    let warned = world.run(&["explain", "product.yaml"]).stderr;
    let lint = warned.split(['[', ']']).nth(1).unwrap();
    let allow = format!("allow: [{{ lint: {lint}, step: greet, reason: It needs time. }}]\n");
    world.write("product.yaml", recipe + &allow);
    let ran = world.run(&["explain", "product.yaml"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let told = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let expected = "says about the recipe's own text is not told in the step greet. The reason given: It needs time.";
    assert!(told.contains(&format!("What the lint {lint} (")), "{told}");
    assert!(told.contains(expected), "{}", ran.stdout);
}

#[test]
fn the_secrets_of_this_process_are_not_told() {
    let world = World::new();
    world.write(
        "product.yaml",
        PRODUCT.replace("a\\tb", "correct-horse-battery"),
    );
    for format in ["text", "markdown", "json"] {
        let mut command = world.command(&["explain", "product.yaml", "--format", format]);
        let command = command
            .env("TOKEN", "correct-horse-battery")
            .env("AMINT_SECRETS", "TOKEN");
        let ran = Ran::from(command.output().unwrap(), &world.path(""));
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        assert!(!ran.stdout.contains("correct-horse"), "{}", ran.stdout);
    }
}

#[test]
fn each_cell_of_a_matrix_is_told_and_where_shared_steps_come_from() {
    let world = World::new();
    world.write(
        "steps/tools.yaml",
        "amint-steps: 1\nsteps: [{ install-packages: [jq] }]\n",
    );
    let recipe = PRODUCT.replace(
        "\nvariables:",
        "\nmatrix: { channel: [stable, edge] }\nvariables:",
    );
    let recipe = recipe.replace("steps:\n", "steps:\n  - include: steps/tools.yaml\n");
    world.write(
        "product.yaml",
        recipe.replace("tags: {", "name: '{{channel}}-{{build.id}}', tags: {"),
    );
    let ran = world.run(&["explain", "product.yaml"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let from = "It is taken from the file of steps steps/tools.yaml";
    for told in [
        "product 2.0.0, channel stable\n",
        "product 2.0.0, channel edge\n",
        from,
    ] {
        assert!(ran.stdout.contains(told), "no {told:?} in {}", ran.stdout);
    }
    let one = world.run(&[
        "explain",
        "product.yaml",
        "--var",
        "channel=edge",
        "--format",
        "json",
    ]);
    let one = one.json();
    assert_eq!(one.as_array().unwrap().len(), 1);
    assert_eq!(one[0]["matrix"], json!({ "channel": "edge" }));
}

#[test]
fn what_is_no_recipe_takes_no_values() {
    let world = World::new();
    let ran = world.run(&["explain", "MP-CLEAN-002", "--on", "local"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(
        ran.stderr.contains("MP-CLEAN-002 is no recipe"),
        "{}",
        ran.stderr
    );
    let ran = world.run(&["explain", "missing.yaml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    assert!(
        ran.stderr.contains("there is no recipe at missing.yaml"),
        "{}",
        ran.stderr
    );
}

#[test]
fn topics_have_markdown_too() {
    let ran = World::new().run(&["explain", "MP-CLEAN-002", "--format", "markdown"]);
    assert!(
        ran.stdout.starts_with("```\nMP-CLEAN-002: ") && ran.stdout.ends_with("```\n"),
        "{}",
        ran.stdout
    );
}
