//! `amint init`.

use std::path::Path;

use serde_json::Value;

use crate::command::World;

/// Each base, and where its recipe can be built.
const BASES: [(&str, &[&str]); 3] = [
    ("al2023", &["aws"]),
    ("ubuntu-24.04", &["aws"]),
    ("debian-12", &["local"]),
];

#[test]
fn every_base_has_a_recipe_that_is_right_and_can_be_planned() {
    for (base, clouds) in BASES {
        let world = World::new();
        let ran = world.run(&["init", "web.yaml", "--base", base]);
        assert_eq!(
            (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
            (
                0,
                "web.yaml\namint.schema.json\n",
                "next: amint validate web.yaml, then amint explain web.yaml\n"
            ),
        );
        let ran = world.run(&["validate", "web.yaml"]);
        assert_eq!(
            (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
            (0, "web.yaml: ok\n", ""),
            "{base}"
        );
        for cloud in clouds {
            let plan = world.run(&["plan", "web.yaml", "--on", cloud, "--format", "json"]);
            assert_eq!(plan.json()["recipe"]["name"], "web", "{base} on {cloud}");
        }
    }
}

/// What is commented out is right as well: it is there to be uncommented.
#[test]
fn what_is_commented_out_can_be_used() {
    for (base, _) in BASES {
        let world = World::new();
        let text = world.run(&["init", "-", "--base", base]).stdout;
        let uncommented: Vec<String> = text.lines().map(uncommented).collect();
        let text = uncommented
            .join("\n")
            .replace("VERSION", "3.3.0")
            .replace("DIGEST", &"0".repeat(64));
        assert!(text.contains("first-boot-secret"), "{text}");
        world.write("web.yaml", &text);
        let ran = world.run(&["plan", "web.yaml", "--on", "aws", "--format", "json"]);
        assert_eq!(ran.code, 0, "{base}: {}", ran.stderr);
        let steps = ran.json()["steps"].as_array().unwrap().len();
        let commented = world.run(&["plan", "web.yaml", "--format", "json"]).json();
        assert_eq!(steps, commented["steps"].as_array().unwrap().len());
    }
}

/// A line of YAML behind a comment sign, as it would be without; other lines as they are.
fn uncommented(line: &str) -> String {
    let trimmed = line.trim_start();
    let yaml = trimmed.strip_prefix("# ").filter(|rest| {
        let first = rest.trim_start().trim_start_matches("- ");
        let key = first.split(':').next().unwrap_or_default();
        let is_key = key
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit());
        line.starts_with(' ') && is_key && first.len() > key.len()
    });
    match yaml {
        Some(yaml) => format!("{}{yaml}", &line[..line.len() - trimmed.len()]),
        None => line.to_owned(),
    }
}

#[test]
fn editors_find_a_schema_that_accepts_the_recipe() {
    let world = World::new();
    assert_eq!(
        world
            .run(&["init", "images/web.yaml", "--base", "al2023"])
            .code,
        0
    );
    let text = std::fs::read_to_string(world.path("images/web.yaml")).unwrap();
    let named = text.lines().next().unwrap();
    let named = named
        .strip_prefix("# yaml-language-server: $schema=")
        .unwrap();
    let schema = std::fs::read_to_string(world.path("images").join(named)).unwrap();
    assert_eq!(schema, world.run(&["schema", "recipe"]).stdout);
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let recipe: Value = serde_yaml::from_str(&text).unwrap();
    assert!(validator.is_valid(&recipe));
}

#[test]
fn nothing_is_replaced_unasked() {
    let world = World::new();
    world.write("web.yaml", "mine");
    let ran = world.run(&["init", "web.yaml", "--base", "debian-12"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""));
    assert_eq!(
        ran.stderr,
        "error: web.yaml is there already\nhint: name another file, or pass --force to replace it\n"
    );
    assert_eq!(std::fs::read(world.path("web.yaml")).unwrap(), b"mine");
    assert_eq!(
        world
            .run(&["init", "web.yaml", "--base", "debian-12", "--force"])
            .code,
        0
    );
    // The schema of another version is replaced, somebody's own file is not.
    world.write("amint.schema.json", r#"{ "title": "amint recipe" }"#);
    assert_eq!(
        world.run(&["init", "b.yaml", "--base", "debian-12"]).code,
        0
    );
    world.write("amint.schema.json", "{}");
    let ran = world.run(&["init", "c.yaml", "--base", "debian-12"]);
    assert!(
        ran.stderr.contains("is not the schema of recipes"),
        "{}",
        ran.stderr
    );
    assert_eq!(
        std::fs::read(world.path("amint.schema.json")).unwrap(),
        b"{}"
    );
    assert!(!world.path("c.yaml").exists());
}

#[test]
fn a_recipe_is_named_by_its_file_or_by_name() {
    let world = World::new();
    for (arguments, file, name) in [
        (
            &["init", "--base", "al2023"][..],
            "my-image.yaml",
            "my-image",
        ),
        (
            &["init", "--base", "al2023", "--name", "web"],
            "web.yaml",
            "web",
        ),
        (
            &["init", "a.yaml", "--base", "al2023", "--name", "b"],
            "a.yaml",
            "b",
        ),
        (
            &["init", "My Image.yaml", "--base", "al2023"],
            "My Image.yaml",
            "my-image",
        ),
    ] {
        assert_eq!(world.run(arguments).code, 0, "{arguments:?}");
        let text = std::fs::read_to_string(world.path(file)).unwrap();
        assert!(text.contains(&format!("\nname: {name}\n")), "{arguments:?}");
    }
    let ran = world.run(&["init", "--base", "al2023", "--name", "My Image"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("small letters"), "{}", ran.stderr);
    let ran = world.run(&["init", "--base", "debian-11"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("al2023, ubuntu-24.04, debian-12"),
        "{}",
        ran.stderr
    );
}

#[test]
fn stdout_gets_the_recipe_alone() {
    let world = World::new();
    let ran = world.run(&["init", "-", "--base", "ubuntu-24.04", "--name", "web"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("\nname: web\n"));
    let left = std::fs::read_dir(world.path("")).unwrap().count();
    assert_eq!(left, 0, "files were written");
    assert!(!Path::new("-").exists());
}
