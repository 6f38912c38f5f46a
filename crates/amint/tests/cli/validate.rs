//! `amint validate`.

use serde_json::{Value, json};

use crate::command::{BAD, GOOD, World};

#[test]
fn a_good_recipe_is_one_line() {
    let ran = World::with_recipes().run(&["validate", "good.yaml"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (0, "good.yaml: ok\n", "")
    );
}

#[test]
fn every_problem_is_reported_at_once() {
    let ran = World::with_recipes().run(&["validate", "bad.yaml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    for place in ["bad.yaml:5:", "bad.yaml:7:", "bad.yaml:8:"] {
        assert!(ran.stderr.contains(place), "no {place} in {}", ran.stderr);
    }
    assert!(
        ran.stderr
            .ends_with("error: bad.yaml cannot be used\nhint: mend what is reported above\n")
    );
}

#[test]
fn codes_are_explained_by_a_command_that_is_named() {
    let world = World::with_recipes();
    let ran = world.run(&["validate", "bad.yaml"]);
    let more = ran
        .stderr
        .lines()
        .find(|line| line.starts_with("for more: "));
    let codes = "AM0011 (or AM0013, AM0031)";
    assert_eq!(more, Some(&*format!("for more: amint explain {codes}")));
    let explained = world.run(&["explain", "am0011"]);
    assert_eq!(explained.code, 0);
    assert!(
        explained.stdout.starts_with("AM0011: "),
        "{}",
        explained.stdout
    );
    assert!(
        !world
            .run(&["validate", "good.yaml"])
            .stderr
            .contains("for more")
    );
}

/// A recipe that can be built, and should not be.
const DOUBTFUL: &str = "\
amint: 1
name: small
version: 1.0.0
base: { local: { debian: bookworm } }
steps: [{ shell: { name: open, run: chmod 777 /opt } }]
";

#[test]
fn warnings_are_shown_and_do_not_count_unless_asked_for() {
    let world = World::with_recipes();
    world.write("doubtful.yaml", DOUBTFUL);
    let ran = world.run(&["validate", "doubtful.yaml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "doubtful.yaml: ok\n"));
    assert!(ran.stderr.contains("warning[AM0122]"), "{}", ran.stderr);
    let ran = world.run(&["validate", "doubtful.yaml", "--deny-warnings"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    let end = "error: doubtful.yaml has warnings\n\
               hint: mend them, or silence those that are meant with `allow`, each with a reason\n";
    assert!(ran.stderr.ends_with(end), "{}", ran.stderr);
    let json = [
        "validate",
        "--deny-warnings",
        "--format",
        "json",
        "doubtful.yaml",
    ];
    let ran = world.run(&json);
    assert_eq!((ran.code, &ran.json()["valid"]), (3, &json!(true)));
    let several = ["validate", "--deny-warnings", "good.yaml", "doubtful.yaml"];
    assert_eq!(world.run(&several).code, 3);
    // Nothing to deny.
    assert_eq!(
        world
            .run(&["validate", "--deny-warnings", "good.yaml"])
            .code,
        0
    );
}

#[test]
fn what_is_allowed_with_a_reason_is_no_warning() {
    let world = World::new();
    let allow = "allow: [{ lint: AM0122, step: open, reason: Everybody writes there. }]\n";
    world.write("allowed.yaml", format!("{DOUBTFUL}{allow}"));
    let ran = world.run(&["validate", "--deny-warnings", "allowed.yaml"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

#[test]
fn a_base_without_support_is_told_by_today_s_date() {
    let world = World::new();
    world.write("old.yaml", DOUBTFUL.replace("bookworm", "buster"));
    let ran = world.run(&["validate", "old.yaml"]);
    assert!(
        ran.stderr.contains("warning[AM0128]: Debian 10"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_credential_is_named_and_not_shown() {
    let world = World::new();
    let token = format!("ghp_{}", "abc123".repeat(6));
    world.write(
        "secret.yaml",
        DOUBTFUL.replace("chmod 777 /opt", &format!("echo {token}")),
    );
    for format in ["text", "json"] {
        let ran = world.run(&["validate", "secret.yaml", "--format", format]);
        assert_eq!(ran.code, 3);
        let all = ran.stdout + &ran.stderr;
        assert!(all.contains("AM0116") && !all.contains(&token), "{all}");
    }
}

#[test]
fn every_file_is_checked() {
    let ran = World::with_recipes().run(&["validate", "bad.yaml", "missing.yaml", "good.yaml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, "good.yaml: ok\n"));
    assert!(
        ran.stderr
            .contains("error: there is no recipe at missing.yaml\n"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr
            .contains("error: 2 of 3 recipes cannot be used\n"),
        "{}",
        ran.stderr
    );
}

/// However many are looked at at the same time.
#[test]
fn results_come_in_the_order_of_the_files() {
    let world = World::with_recipes();
    let mut names = Vec::new();
    for number in 0..60 {
        let name = format!("{number}.yaml");
        let text = if number % 7 == 3 { BAD } else { GOOD };
        world.write(
            &name,
            text.replace("name: small\n", &format!("name: small-{number}\n")),
        );
        names.push(name);
    }
    let mut arguments = vec!["validate", "--format", "json"];
    arguments.extend(names.iter().map(String::as_str));
    let ran = world.run(&arguments);
    assert_eq!(ran.code, 3);
    assert!(
        ran.stderr.contains("9 of 60 recipes cannot be used"),
        "{}",
        ran.stderr
    );
    let reports = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let files: Vec<String> = reports
        .map(|report: Value| report["file"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(files, names);
}

#[test]
fn json_is_one_line_a_file() {
    let world = World::with_recipes();
    let ran = world.run(&[
        "validate",
        "--format",
        "json",
        "good.yaml",
        "bad.yaml",
        "none.yaml",
    ]);
    assert_eq!(ran.code, 3);
    let lines: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        lines[0],
        json!({ "file": "good.yaml", "valid": true, "diagnostics": [] })
    );
    let places: Vec<&Value> = lines[1]["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["line"])
        .collect();
    assert_eq!(places, [&json!(5), &json!(7), &json!(8)]);
    assert_eq!(lines[2]["error"], "there is no recipe at none.yaml");
    assert_eq!(lines.len(), 3);
}

#[test]
fn variables_are_checked_too() {
    let world = World::with_recipes();
    assert_eq!(
        world
            .run(&["validate", "good.yaml", "--var", "channel=edge"])
            .code,
        0
    );
    let ran = world.run(&["validate", "good.yaml", "--var", "channel=nightly"]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("channel"), "{}", ran.stderr);
    let ran = world.run(&["validate", "good.yaml", "--var", "colour=green"]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("colour"), "{}", ran.stderr);
}

#[test]
fn a_folder_is_no_recipe() {
    let world = World::with_recipes();
    let ran = world.run(&["validate", "."]);
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (
            3,
            "error: cannot read recipe .\n\
             caused by: Is a directory (os error 21)\n\
             hint: check the path and its permissions\n"
        )
    );
    let report = world.run(&["validate", ".", "--format", "json"]).json();
    assert_eq!(
        report["error"],
        "cannot read recipe .: Is a directory (os error 21)"
    );
}

#[test]
fn a_mebibyte_of_brackets_is_refused_at_once() {
    let world = World::new();
    world.write("deep.yaml", "[".repeat(1 << 20));
    let start = std::time::Instant::now();
    let ran = world.run(&["validate", "deep.yaml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    assert!(ran.stderr.contains("deep.yaml"), "{}", ran.stderr);
    assert!(ran.stderr.len() < 10_000, "{} bytes", ran.stderr.len());
    assert!(
        start.elapsed() < std::time::Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn the_readme_s_recipe_is_right() {
    let readme = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let (_, rest) = readme.split_once("```yaml\n").unwrap();
    let (recipe, _) = rest.split_once("```").unwrap();
    let world = World::new();
    world.write("collector.yaml", recipe);
    world.write("files/collector.service", "[Service]\n");
    let ran = world.run(&["validate", "collector.yaml"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}
