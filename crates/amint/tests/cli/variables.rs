//! Values of variables from the command line, files and the environment, and secrets.

use crate::command::{Ran, World};

const RECIPE: &str = "\
amint: 1
name: small
version: 1.0.0
variables:
  port: { type: integer, min: 1, default: 80 }
  channel: stable
base:
  local: { debian: bookworm }
";

/// The same with a secret that a step reads.
const SECRET: &str = "\
amint: 1
name: small
version: 1.0.0
variables:
  api-token: { secret: true }
  where: nowhere
base:
  local: { debian: bookworm }
  aws: { id: ami-0123456789abcdef0 }
steps:
  - shell: { name: log in, run: \"login {{api-token}}\" }
";

const VALUE: &str = "hunter2hunter2";

/// Runs with these variables in the environment.
fn with(world: &World, environment: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let mut command = world.command(arguments);
    command.envs(environment.iter().copied());
    Ran::from(command.output().unwrap(), world.path("x").parent().unwrap())
}

#[test]
fn values_come_from_arguments_then_files_then_the_environment() {
    let world = World::new();
    world.write("recipe.yaml", RECIPE);
    world.write("a.yaml", "port: 1\nchannel: one\n");
    world.write("b.json", "{ \"channel\": \"two\" }");
    let environment = [("AMINT_VAR_PORT", "2"), ("AMINT_VAR_CHANNEL", "three")];
    let plan = |arguments: &[&str]| {
        let all = [&["plan", "recipe.yaml", "--format", "json"], arguments].concat();
        let ran = with(&world, &environment, &all);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        let variables = ran.json()["variables"].clone();
        format!("{} {}", variables["port"], variables["channel"])
    };
    assert_eq!(plan(&[]), r#""2" "three""#);
    assert_eq!(plan(&["--var-file", "a.yaml"]), r#""1" "one""#);
    let both = ["--var-file", "a.yaml", "--var-file", "b.json"];
    assert_eq!(plan(&both), r#""1" "two""#);
    let all = [&both[..], &["--var", "channel=four"]].concat();
    assert_eq!(plan(&all), r#""1" "four""#);

    let ran = with(
        &world,
        &[("AMINT_VAR_PORT", "no")],
        &["validate", "recipe.yaml"],
    );
    assert_eq!(ran.code, 3);
    assert!(
        ran.stderr
            .contains("error[AM0026]: `no` from `AMINT_VAR_PORT` is no value for variable `port`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_variable_file_that_cannot_be_used_is_named() {
    let world = World::new();
    world.write("recipe.yaml", RECIPE);
    world.write("list.yaml", "- port: 1\n");
    world.write("typo.yaml", "prot: 1\n");
    let ran = world.run(&["validate", "recipe.yaml", "--var-file", "none.yaml"]);
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (
            3,
            "error: cannot read the variable file none.yaml: it is not there\n\
             hint: give a file of `name: value` lines\n"
        )
    );
    let ran = world.run(&["validate", "recipe.yaml", "--var-file", "list.yaml"]);
    assert_eq!(ran.code, 3);
    assert!(
        ran.stderr.contains(
            "error[AM0013]: expected variables and their values, found a list\n --> list.yaml:1:1"
        ),
        "{}",
        ran.stderr
    );
    let ran = world.run(&["validate", "recipe.yaml", "--var-file", "typo.yaml"]);
    assert_eq!(ran.code, 3);
    assert!(
        ran.stderr
            .contains("typo.yaml:1:1 sets `prot`, which the recipe does not declare"),
        "{}",
        ran.stderr
    );
    let ran = world.run(&["inspect", "disk.raw", "--var-file", "typo.yaml"]);
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (
            2,
            "error: --var and --var-file need --recipe\nhint: name the recipe whose variables they are\n"
        )
    );
}

#[test]
fn a_plan_says_where_a_secret_comes_from_and_not_what_it_is() {
    let world = World::new();
    world.write("recipe.yaml", SECRET);
    let environment = [("AMINT_VAR_API_TOKEN", VALUE)];
    for format in ["text", "json"] {
        let ran = with(
            &world,
            &environment,
            &["plan", "recipe.yaml", "--format", format],
        );
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        assert!(ran.stdout.contains("AMINT_VAR_API_TOKEN"), "{}", ran.stdout);
        assert!(!ran.stdout.contains(VALUE), "{}", ran.stdout);
    }
    let text = world.run(&["plan", "recipe.yaml"]).stdout;
    let line = "secret      api-token from the environment variable AMINT_VAR_API_TOKEN\n";
    assert!(text.contains(line), "{text}");
}

#[test]
fn a_build_does_not_begin_without_its_secrets() {
    let world = World::new();
    world.write("recipe.yaml", SECRET);
    let build = ["build", "recipe.yaml", "--on", "local"];
    let ran = world.run(&build);
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (
            2,
            "error: the secret `api-token` has no value: AMINT_VAR_API_TOKEN is not set\n\
             hint: put its value into the environment as AMINT_VAR_API_TOKEN\n"
        )
    );
    // A missing lock file is told without them.
    let ran = world.run(&[&build[..], &["--locked"]].concat());
    assert_eq!(ran.code, 17, "{}", ran.stderr);
    let ran = with(&world, &[("AMINT_VAR_API_TOKEN", "short")], &build);
    assert_eq!(ran.code, 3);
    assert!(
        ran.stderr.starts_with(
            "error: the secret `api-token` from the environment variable AMINT_VAR_API_TOKEN is shorter than 8 bytes\n"
        ),
        "{}",
        ran.stderr
    );
    let large = "x".repeat((16 << 10) + 1);
    let ran = with(&world, &[("AMINT_VAR_API_TOKEN", &large)], &build);
    assert_eq!(ran.code, 3);
    assert!(
        ran.stderr.contains("is larger than 16 KiB"),
        "{}",
        ran.stderr
    );

    // On a command line, and in a plain variable of the same run.
    let environment = [("AMINT_VAR_API_TOKEN", VALUE)];
    let written = format!("api-token={VALUE}");
    let ran = with(
        &world,
        &environment,
        &[&build[..], &["--var", &written]].concat(),
    );
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("error[AM0090]"), "{}", ran.stderr);
    assert!(!ran.stderr.contains(VALUE), "{}", ran.stderr);
    let plain = format!("where={VALUE}");
    let ran = with(
        &world,
        &environment,
        &[&build[..], &["--var", &plain]].concat(),
    );
    assert_eq!(ran.code, 3);
    assert!(
        ran.stderr
            .contains("a step or a setting of recipe.yaml holds the value of api-token"),
        "{}",
        ran.stderr
    );

    // One text of an object is as secret as all of it.
    let object = format!(r#"{{"user": "bob", "password": "{VALUE}"}}"#);
    let ran = with(
        &world,
        &[("AMINT_VAR_API_TOKEN", &object)],
        &[&build[..], &["--var", &plain]].concat(),
    );
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(!ran.stderr.contains(VALUE), "{}", ran.stderr);
    assert!(!world.path(".amint").exists() && !world.path("out").exists());
}
