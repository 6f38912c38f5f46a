//! Stopping `amint build`.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::command::World;

/// A world in which making a base image never ends.
fn hanging_world() -> World {
    let world = World::with_recipes();
    for (name, script) in [
        (
            "qemu-system-x86_64",
            "#!/bin/sh\necho 'QEMU emulator version 8.2.0'\n",
        ),
        ("mmdebstrap", "#!/bin/sh\nexec /bin/sleep 600\n"),
        // What starts it.
        ("setpriv", "#!/bin/sh\nexec /bin/sleep 600\n"),
        ("unshare", "#!/bin/sh\n"),
        ("mke2fs", "#!/bin/sh\n"),
        ("timeout", "#!/bin/sh\n"),
        ("newuidmap", "#!/bin/sh\n"),
    ] {
        let path = world.write(&format!("bin/{name}"), script);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    world
}

/// A build that reports events and is at work.
fn start(world: &World) -> (Child, Vec<Value>, BufReader<std::process::ChildStdout>) {
    let mut child = world
        .command(&["build", "good.yaml", "--on", "local", "--format", "json"])
        .env("PATH", world.path("bin"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut events: Vec<Value> = Vec::new();
    while events
        .last()
        .is_none_or(|event| event["event"] != "progress")
    {
        let mut line = String::new();
        let length = stdout.read_line(&mut line).unwrap();
        assert_ne!(length, 0, "the build ended by itself: {events:?}");
        events.push(serde_json::from_str(&line).unwrap());
    }
    (child, events, stdout)
}

fn interrupted_by(signal: Signal) {
    let world = hanging_world();
    let (mut child, mut events, mut stdout) = start(&world);
    kill_process(Pid::from_child(&child), signal).unwrap();
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    events.extend(
        rest.lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()),
    );
    assert_eq!(child.wait().unwrap().code(), Some(130), "{events:?}");

    let last = events.last().unwrap();
    assert_eq!(
        (&last["event"], &last["exit_code"]),
        (&"run-finished".into(), &130.into())
    );
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut stderr)
        .unwrap();
    assert!(stderr.contains("error: interrupted\n"), "{stderr}");
    assert!(!world.path("out/small-1.0.0/manifest.json").exists());
}

#[test]
fn ctrl_c_is_told_apart_from_failure() {
    interrupted_by(Signal::INT);
}

#[test]
fn so_is_a_cancelled_job() {
    interrupted_by(Signal::TERM);
}

#[test]
fn so_is_a_closed_terminal() {
    interrupted_by(Signal::HUP);
}
