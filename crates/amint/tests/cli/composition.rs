//! Recipes that include files and stand for several images.

use serde_json::{Value, json};

use crate::command::World;

const RECIPE: &str = "\
amint: 1
name: pair
version: 1.0.0
matrix: { architecture: [x86_64, arm64] }
base:
  aws: { ssm-parameter: \"/images/base/{{architecture}}\" }
  local: { debian: bookworm }
steps:
  - include: { file: steps/greet.yaml, with: { who: \"{{architecture}}\" } }
";

const STEPS: &str = "\
amint-steps: 1
parameters: { who: {} }
steps:
  - shell: { name: greet, run: \"echo {{who}}\" }
";

fn world() -> World {
    let world = World::new();
    world.write("pair.yaml", RECIPE);
    world.write("steps/greet.yaml", STEPS);
    world
}

#[test]
fn every_cell_has_a_plan() {
    let world = world();
    let plans = world.run(&["plan", "pair.yaml", "--format", "json"]).json();
    let facts: Vec<Value> = plans
        .as_array()
        .unwrap()
        .iter()
        .map(|plan| {
            let script = &plan["steps"][0]["actions"][0]["run"]["script"];
            json!([
                plan["matrix"],
                plan["base"]["aws-parameter"]["name"],
                script
            ])
        })
        .collect();
    let expected = |name: &str| {
        let (base, script) = (
            format!("/images/base/{name}"),
            format!("set -eu\necho {name}"),
        );
        json!([{ "architecture": name }, base, script])
    };
    assert_eq!(facts, [expected("x86_64"), expected("arm64")]);
    let text = world.run(&["plan", "pair.yaml"]).stdout;
    for line in [
        "matrix      architecture = x86_64",
        "matrix      architecture = arm64",
    ] {
        assert!(text.lines().any(|one| one == line), "{text}");
    }
}

#[test]
fn a_variable_chooses_a_cell() {
    let world = world();
    let plans = world.run(&[
        "plan",
        "pair.yaml",
        "--var",
        "architecture=arm64",
        "--format",
        "json",
    ]);
    // A list as well: what reads it need not know which cells were chosen.
    let plans = plans.json();
    assert_eq!(plans.as_array().unwrap().len(), 1);
    assert_eq!(plans[0]["matrix"]["architecture"], "arm64");
    let ran = world.run(&["plan", "pair.yaml", "--var", "architecture=riscv64"]);
    assert_eq!(ran.code, 3);
    assert!(
        ran.stderr.contains("there are `x86_64`, `arm64`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_problem_is_shown_in_the_file_that_has_it() {
    let world = world();
    world.write("steps/greet.yaml", STEPS.replace("{{who}}", "{{whom}}"));
    let ran = world.run(&["validate", "pair.yaml", "--format", "json"]);
    assert_eq!(ran.code, 3);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let found = report["diagnostics"].as_array().unwrap();
    assert_eq!(found.len(), 1, "once, not once a cell: {report}");
    assert_eq!(found[0]["file"], "steps/greet.yaml");
    assert_eq!(found[0]["line"], 4);
    assert_eq!(found[0]["notes"][0], "included at pair.yaml:9:22");
}

#[test]
fn each_image_has_a_folder_of_its_own() {
    let world = world();
    world.write("out/pair-1.0.0-arm64/manifest.json", "{}");
    let ran = world.run(&["build", "pair.yaml", "--on", "local"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("out/pair-1.0.0-arm64"),
        "{}",
        ran.stderr
    );
    world.write("results/pair-1.0.0-x86_64/manifest.json", "{}");
    let ran = world.run(&["build", "pair.yaml", "--on", "local", "--output", "results"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("results/pair-1.0.0-x86_64"),
        "{}",
        ran.stderr
    );
}

/// One policy for whoever builds them all.
#[cfg(feature = "aws")]
#[test]
fn the_policies_of_all_images_are_one() {
    let world = world();
    let of = |arguments: &[&str]| {
        let ran = world.run(&[&["iam", "pair.yaml"], arguments].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.json()["pipeline"].to_string()
    };
    let (all, one) = (of(&[]), of(&["--var", "architecture=arm64"]));
    assert!(all.contains("parameter/images/base/x86_64"), "{all}");
    assert!(all.contains("parameter/images/base/arm64"), "{all}");
    assert!(!one.contains("x86_64"), "{one}");

    let profile = RECIPE.replace(
        "steps:",
        "builder: { instance-profile: \"{{architecture}}\" }\nsteps:",
    );
    world.write("pair.yaml", profile);
    let ran = world.run(&["iam", "pair.yaml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    assert!(
        ran.stderr.contains("hint: choose one image with `--var`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_command_for_one_image_asks_which() {
    let world = world();
    world.write("disk.raw", [0; 512]);
    let ran = world.run(&["inspect", "disk.raw", "--recipe", "pair.yaml"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("AM0097"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("`--var architecture=x86_64`"),
        "{}",
        ran.stderr
    );
}
