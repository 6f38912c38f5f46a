//! Every script as it will run, under shellcheck.

use std::fs;
use std::process::Command;

use amint_harden::tracer::Tracers;
use amint_harden::{agent, deadman, profiles, seal, steps};

fn check(name: &str, script: &str) {
    // A file rather than a pipe: shellcheck may answer before it has read everything.
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(file.path(), script).expect("a script");
    let output = Command::new("shellcheck")
        .args(["--norc", "-s", "sh"])
        .arg(file.path())
        .output();
    let output = output.expect("shellcheck (package shellcheck)");
    assert!(
        output.status.success(),
        "{name}:\n{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn scripts_of_the_catalogue() {
    for step in steps() {
        check(step.id, step.script);
        check(step.id, &step.command());
    }
}

#[test]
fn the_seal() {
    let logs = ["/opt/it's a/log".to_owned(), "/opt/b".to_owned()];
    for profile in profiles() {
        let launch = seal::launch_script(profile, "01jtest", &logs, true);
        check("launch", &launch);
        let (_, run) = launch
            .split_once("cat >/run/amint/seal/run.sh <<'AMINT_END_OF_FILE'\n")
            .unwrap();
        let (run, _) = run.split_once("\nAMINT_END_OF_FILE\n").unwrap();
        check("run", run);
    }
}

#[test]
fn tracers_and_dead_man() {
    check(
        "tracers",
        &Tracers::derive(&[1; 32]).plant_script(&["/opt/it's a/log".to_owned()]),
    );
    check("tracers", &Tracers::derive(&[1; 32]).plant_script(&[]));
    check("dead man", &deadman::arm_script("2026-11-21 21:30:00 UTC"));
    check("disarm", &format!("#!/bin/sh\n{}", deadman::DISARM));
}

#[test]
fn bringing_and_removing_the_agent() {
    let install = agent::install_user_data("https://example.com/it's a.deb", &"0".repeat(64));
    check("install", &install);
    check("remove", agent::remove_script());
}
