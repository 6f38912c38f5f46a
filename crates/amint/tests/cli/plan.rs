//! `amint plan`.

use crate::command::{AWS, GOOD, World};

/// The key of the base image follows the way it is made, too.
fn without_key(text: &str) -> String {
    const BASE: &str = "debian-bookworm-";
    let (before, after) = text.split_once(BASE).expect("a base image");
    format!("{before}{BASE}[key]{}", &after[12..])
}

#[test]
fn the_plan_for_people_is_stable() {
    let ran = World::with_recipes().run(&["plan", "good.yaml"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(without_key(&ran.without_digests()));
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
    let ran = World::with_aws_recipe().run(&["plan", "aws.yaml", "--on", "local"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    assert_eq!(
        ran.stderr,
        "error: cannot plan aws.yaml\n\
         caused by: the recipe has no base image for this machine\n\
         hint: add `local: { debian: bookworm }` to `base`\n"
    );
}

#[test]
fn a_recipe_for_this_machine_has_no_plan_on_aws() {
    let ran = World::with_recipes().run(&["plan", "good.yaml", "--on", "aws"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    let cause = "caused by: the recipe has no base image for AWS\nhint: add `aws: ";
    assert!(ran.stderr.contains(cause), "{}", ran.stderr);
}

#[test]
fn a_recipe_is_planned_for_where_its_base_image_is() {
    let world = World::with_aws_recipe();
    let json = |arguments: &[&str]| world.run(arguments).json();
    let plan = json(&["plan", "aws.yaml", "--format", "json"]);
    assert_eq!(plan["builder"]["machine"]["aws"]["region"], "eu-west-1");
    // With both, AWS is the default.
    let both = AWS.replace("base:\n", "base:\n  local: { debian: bookworm }\n");
    world.write("both.yaml", both);
    let plan = json(&["plan", "both.yaml", "--format", "json"]);
    assert_eq!(plan["builder"]["machine"]["aws"]["region"], "eu-west-1");
    let plan = json(&["plan", "both.yaml", "--on", "local", "--format", "json"]);
    assert_eq!(plan["builder"]["machine"]["local"]["vcpus"], 2);
}

#[test]
fn the_plan_for_aws_says_what_is_launched_and_published() {
    let ran = World::with_aws_recipe().run(&["plan", "aws.yaml", "--offline"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let about = |from: &str, to: &str| {
        let start = ran.stdout.find(from).expect(from);
        let end = ran.stdout[start..].find(to).map(|end| start + end);
        ran.stdout[start..end.unwrap_or(ran.stdout.len())].to_owned()
    };
    // The permissions follow a table that has tests of its own.
    let shown = about("base image", "variable")
        + &about("image       ", "\npermissions")
        + &about("\nestimate", "no such line");
    insta::assert_snapshot!(shown);
}

#[test]
fn the_plan_for_aws_names_its_defaults() {
    let world = World::new();
    let least =
        "amint: 1\nname: least\nversion: 1.0.0\nbase:\n  aws: { id: ami-0123456789abcdef0 }\n";
    world.write("least.yaml", least);
    let ran = world.run(&["plan", "least.yaml", "--offline"]);
    let builder = "\
base image  ami-0123456789abcdef0
            not resolved       nobody was asked (--offline)
builder     EC2 in us-east-1, ends itself after 1h
            instance type      m7i.large, m6i.large, m5.large
            subnet             those of the default VPC, one a zone
            security group     a temporary one without ingress
            instance profile   amint-builder
            root volume        as large as the base image's, gp3
";
    assert!(ran.stdout.contains(builder), "{}", ran.stdout);
    let image =
        "\nimage       least-1.0.0-<build id>\n            instance metadata  version 2 only\n\n";
    assert!(ran.stdout.contains(image), "{}", ran.stdout);
}

#[test]
fn who_cannot_ask_says_so_and_plans_all_the_same() {
    let ran = World::with_aws_recipe().run(&["plan", "aws.yaml"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let line = ran
        .stdout
        .lines()
        .find(|line| line.contains("not resolved"));
    let line = line.unwrap_or_else(|| panic!("{}", ran.stdout));
    assert!(line.contains("AWS"), "{line}");
}

#[test]
fn a_plan_for_programs_is_a_plan_and_what_it_leads_to() {
    let world = World::with_aws_recipe();
    let document = world.run(&["plan", "aws.yaml", "--offline", "--format", "json"]);
    let document = document.json();
    assert_eq!(document["schema"], "amint.plan/1");
    let plan: amint_plan::BuildPlan = serde_json::from_value(document.clone()).unwrap();
    assert_eq!(plan.digest, document["digest"].as_str().unwrap());
    let outlook = &document["outlook"];
    assert_eq!(outlook["not-resolved"], "nobody was asked (--offline)");
    assert_eq!(
        outlook.get("fingerprint"),
        None,
        "the base image is not known"
    );
    let resources = outlook["resources"].as_array().unwrap();
    assert!(
        resources
            .iter()
            .any(|one| one["kind"] == "volume" && one["lifetime"] == "build")
    );
    assert!(outlook["minutes"].as_f64().unwrap() > 1.0);
    let cost = &outlook["cost"]["build"][0];
    assert_eq!(cost["unknown"], "no prices for eu-west-1");
    assert_eq!(cost["dollars"], serde_json::Value::Null);
}

#[test]
fn scripts_are_shown_on_request() {
    let world = World::with_recipes();
    let ran = world.run(&["plan", "good.yaml", "--scripts"]);
    let shown = "      | set -eu\n      | cat /etc/motd\n";
    assert!(ran.stdout.contains(shown), "{}", ran.stdout);
    let ran = world.run(&["plan", "good.yaml"]);
    assert!(!ran.stdout.contains("| set -eu"), "{}", ran.stdout);
}

#[test]
fn a_plan_for_a_pull_request() {
    let world = World::with_recipes();
    let text = GOOD.replace("run: \"cat /etc/motd\"", "run: \"echo '```|</details>'\"");
    world.write(
        "good.yaml",
        text.replace("name: look", "name: look | `at` it"),
    );
    let ran = world.run(&["plan", "good.yaml", "--format", "markdown", "--scripts"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(without_key(&ran.without_digests()));
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
