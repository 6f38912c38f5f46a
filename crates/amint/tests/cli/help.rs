//! The help, as it is read.

use crate::command::World;

fn help(arguments: &[&str]) -> String {
    let ran = World::new().run(arguments);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    ran.stdout
}

#[test]
fn the_overview() {
    insta::assert_snapshot!(help(&["--help"]));
}

#[test]
fn build() {
    insta::assert_snapshot!(help(&["build", "--help"]));
}

#[test]
fn inspect() {
    insta::assert_snapshot!(help(&["inspect", "--help"]));
}

#[test]
fn every_command_has_a_summary() {
    for command in [
        "validate", "plan", "build", "inspect", "steps", "explain", "schema",
    ] {
        let text = help(&[command, "-h"]);
        assert!(text.contains(&format!("Usage: amint {command}")), "{text}");
    }
}

#[test]
fn the_version() {
    assert_eq!(
        help(&["--version"]),
        format!("amint {}\n", env!("CARGO_PKG_VERSION"))
    );
}
