//! Stopping `amint build`.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

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

const BUILD: [&str; 6] = ["build", "good.yaml", "--on", "local", "--format", "json"];

type Stdout = BufReader<std::process::ChildStdout>;

/// A build that reports events and is at work. Whoever runs the tests may ignore hangups, as nohup does; it does not.
fn start(world: &World) -> (Child, Vec<Value>, Stdout) {
    let env = ["/usr/bin/env", "--default-signal=HUP"];
    start_by(through(world, &env), world)
}

/// amint, started by the program and its arguments in `way`.
fn through(world: &World, way: &[&str]) -> Command {
    let amint = world.command(&BUILD);
    let mut command = Command::new(way[0]);
    command
        .args(&way[1..])
        .arg(amint.get_program())
        .args(amint.get_args())
        .current_dir(world.path(""))
        .env_clear();
    for (name, value) in amint.get_envs() {
        command.env(name, value.unwrap());
    }
    command
}

fn start_by(mut command: Command, world: &World) -> (Child, Vec<Value>, Stdout) {
    let mut child = command
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

/// A shell that starts amint as one of many lines, as a workflow's `run:` does.
fn shell(world: &World, ci: bool) -> Command {
    let script = "\"$@\"\necho over";
    let mut shell = through(world, &["/bin/bash", "-e", "-c", script, "bash"]);
    if ci {
        shell.env("CI", "true");
    }
    shell
}

/// The shell dies of the signal without a word to amint.
#[test]
fn so_is_a_cancelled_job_whose_shell_alone_is_signalled() {
    let world = hanging_world();
    let (mut child, mut events, mut stdout) = start_by(shell(&world, true), &world);
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), None, "it died of the signal");
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    let lines = rest.lines().map(serde_json::from_str::<Value>);
    events.extend(lines.map(Result::unwrap));
    let last = events.last().unwrap();
    assert_eq!(
        (&last["event"], &last["exit_code"]),
        (&"run-finished".into(), &130.into())
    );
}

/// Outside of CI a build may outlive the shell that started it.
#[test]
fn a_shell_that_ends_is_no_interrupt_elsewhere() {
    let world = hanging_world();
    let (mut child, _, stdout) = start_by(shell(&world, false), &world);
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    child.wait().unwrap();
    // Longer than it takes in CI to be noticed.
    std::thread::sleep(std::time::Duration::from_millis(600));
    let build = std::fs::read_dir(world.path(".amint/builds")).unwrap();
    let build = build.last().unwrap().unwrap().path();
    let events = std::fs::read_to_string(build.join("events.jsonl")).unwrap();
    assert!(!events.contains("run-finished"), "{events}");
    // It is at work still, says its journal's lock.
    let builds = world.run(&["builds", "--format", "json"]);
    let builds: Value = serde_json::from_str(&builds.stdout).unwrap();
    assert_eq!(builds[0]["state"], "running");
    // And it stops when nobody hears about it any more, or here: when it is told to.
    drop(stdout);
    let ours = world.path("").to_str().unwrap().to_owned();
    for process in std::fs::read_dir("/proc").unwrap() {
        let process = process.unwrap().path();
        let at = std::fs::read_link(process.join("cwd")).unwrap_or_default();
        let name = process.file_name().unwrap().to_str().unwrap().to_owned();
        if at.starts_with(ours.trim_end_matches('/'))
            && let Ok(pid) = name.parse()
        {
            let _ = kill_process(Pid::from_raw(pid).unwrap(), Signal::TERM);
        }
    }
}
