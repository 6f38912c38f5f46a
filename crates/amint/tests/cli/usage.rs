//! Wrong command lines, closed pipes, environment variables.

use std::io::Read;
use std::process::Stdio;

use crate::command::World;

#[test]
fn wrong_command_lines_are_exit_code_2() {
    let world = World::with_recipes();
    for arguments in [
        &[][..],
        &["mint"],
        &["validate"],
        &["build"],
        &["build", "good.yaml", "--jobs", "0"],
        &["iam"],
        &["build", "good.yaml", "--on", "moon"],
        &["plan", "good.yaml", "--var", "channel"],
        &["plan", "good.yaml", "--var", "=edge"],
        &["schema", "disk"],
        &["inspect"],
    ] {
        let ran = world.run(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(!ran.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_variable_set_twice_is_a_usage_error() {
    let world = World::with_recipes();
    let ran = world.run(&[
        "plan",
        "good.yaml",
        "--var",
        "channel=edge",
        "--var",
        "channel=stable",
    ]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert_eq!(
        ran.stderr,
        "error: --var sets channel twice\nhint: give each variable once\n"
    );
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let world = World::new();
    let mut child = world
        .command(&["schema", "recipe"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut stderr)
        .unwrap();
    let status = child.wait().unwrap();
    assert_eq!((status.code(), stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_log_filter_that_is_none_is_a_usage_error() {
    let world = World::with_recipes();
    let run = |value| {
        let output = world
            .command(&["validate", "good.yaml"])
            .env("AMINT_LOG", value)
            .output();
        let output = output.unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, stderr) = run("amint=loud");
    assert_eq!(code, Some(2), "{stderr}");
    assert!(
        stderr.starts_with("error: cannot understand AMINT_LOG=amint=loud\n"),
        "{stderr}"
    );
    assert_eq!(run("debug").0, Some(0));
    assert_eq!(run(""), (Some(0), String::new()));
}
