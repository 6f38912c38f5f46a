//! Builds on a real machine that are killed with SIGKILL at each record of their journal, and what the next commands
//! make of them.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::world::World;

/// No build takes longer to come to a record.
const LONGEST: Duration = Duration::from_secs(300);

/// The first step fails when it runs a second time, the second when the first one's work is lost.
const STEPS: &str = "\
- shell: { name: once, run: \"mkdir /opt/once; echo begin; sleep 0.3; echo end\" }
- file: { content: \"hello\\n\", to: /opt/once/greeting }
- shell: { name: look, run: \"cat /opt/once/greeting\" }";

/// The journal of the only build.
fn journal(world: &World) -> Option<PathBuf> {
    let mut builds = std::fs::read_dir(world.path(".amint/builds")).ok()?;
    Some(builds.next()?.ok()?.path().join("journal.jsonl"))
}

fn id(world: &World) -> String {
    let journal = journal(world).unwrap();
    let build = journal.parent().unwrap().file_name().unwrap();
    build.to_str().unwrap().to_owned()
}

fn records(world: &World) -> usize {
    let text = journal(world).and_then(|path| std::fs::read(path).ok());
    let text = text.unwrap_or_default();
    text.iter().filter(|byte| **byte == b'\n').count()
}

fn start(world: &World, recipe: &Path, options: &[&str]) -> Child {
    let mut command = world.build(recipe, options);
    // Nobody reads them, and a pipe that is full would stop it.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// Kills the process when the journal has so many lines; whether it had as many before its end.
fn killed_at(world: &World, mut child: Child, lines: usize) -> bool {
    let start = Instant::now();
    loop {
        if records(world) >= lines {
            child.kill().unwrap();
            child.wait().unwrap();
            return true;
        }
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(start.elapsed() < LONGEST, "it hangs before line {lines}");
        std::thread::sleep(Duration::from_micros(300));
    }
}

/// Kills a build at each record in turn, each in a world of its own.
fn at_each_record(then: impl Fn(&World, &str)) {
    let mut kills = 0;
    for lines in 1.. {
        let world = World::new();
        let recipe = world.recipe(STEPS);
        let child = start(&world, &recipe, &[]);
        if !killed_at(&world, child, lines) {
            break;
        }
        kills += 1;
        then(&world, &format!("killed at line {lines}"));
    }
    assert!(kills > 25, "{kills} kills");
}

struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

fn run(mut command: Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The image passes its inspection, and is the only thing that is there.
fn assert_minted(world: &World, context: &str) {
    world.assert_nothing_left();
    let ran = run(world.command(&["inspect", "out/image.raw"]));
    assert_eq!(ran.code, 0, "{context}: {}", ran.stdout);
    let manifest = std::fs::read(world.path("out/manifest.json")).unwrap();
    amint_manifest::verify(&manifest).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["inspection"]["verdict"], "clean", "{context}");
    assert_eq!(manifest["steps"].as_array().unwrap().len(), 3, "{context}");
}

#[test]
fn it_is_gone_on_with_from_each_record() {
    at_each_record(|world, context| {
        let ran = run(world.command(&["resume", &id(world), "--format", "plain"]));
        if ran.code == 14 && ran.stderr.contains("has ended") {
            // It was killed in its very last moment.
            return assert_minted(world, context);
        }
        assert_eq!(ran.code, 0, "{context}: {}", ran.stderr);
        assert!(ran.stdout.contains("verdict: clean"), "{context}");
        assert_minted(world, context);
    });
}

#[test]
fn it_is_cleaned_up_at_each_record() {
    at_each_record(|world, context| {
        let id = id(world);
        // Half of them by the journal, half of them without.
        let lost = records(world).is_multiple_of(2);
        if lost {
            std::fs::remove_dir_all(world.path(".amint")).unwrap();
        }
        for _ in 0..2 {
            let ran = run(world.command(&["cleanup", &id, "--on", "local", "--yes"]));
            assert_eq!(ran.code, 0, "{context}: {}", ran.stderr);
        }
        world.assert_nothing_left();
        // It was published, or it is not there.
        if world.path("out/image.raw").exists() {
            let ran = run(world.command(&["inspect", "out/image.raw"]));
            assert_eq!(ran.code, 0, "{context}: {}", ran.stdout);
        }
    });
}

#[test]
fn a_reboot_that_was_under_way_is_waited_for() {
    let world = World::new();
    let recipe = world.recipe(
        "- shell: { run: \"cp /proc/sys/kernel/random/boot_id /root/boot\" }\n\
         - reboot: {}\n\
         - shell: { name: another boot, run: \"! cmp /proc/sys/kernel/random/boot_id /root/boot\" }",
    );
    let child = start(&world, &recipe, &[]);
    let start = Instant::now();
    let rebooting = || {
        let text = journal(&world).and_then(|path| std::fs::read_to_string(path).ok());
        text.is_some_and(|text| text.contains("rebooting"))
    };
    while !rebooting() {
        assert!(start.elapsed() < LONGEST, "it does not come to the reboot");
        std::thread::sleep(Duration::from_millis(5));
    }
    // Long enough for the guest to be asked, far too short for its boot.
    std::thread::sleep(Duration::from_secs(1));
    assert!(killed_at(&world, child, 0));
    let ran = run(world.command(&["resume", &id(&world), "--format", "plain"]));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    world.assert_nothing_left();
}

/// A builder whose time was over when somebody came back.
#[test]
fn a_builder_that_has_ended_itself_is_given_back() {
    let world = World::new();
    let recipe = world.recipe("- shell: { name: wait, run: \"echo waiting; sleep 600\" }");
    let text = std::fs::read_to_string(&recipe).unwrap();
    let short = text.replace("network: none", "network: none, timeout: 1m");
    std::fs::write(&recipe, short).unwrap();
    let child = start(&world, &recipe, &[]);
    // Preflight, launching, intent, acquired, launch, connect.
    assert!(killed_at(&world, child, 7));
    let running = || {
        let pids = std::fs::read_dir("/proc").unwrap();
        let ours = world.path("").to_str().unwrap().to_owned();
        let mut lines = pids.map(|one| std::fs::read(one.unwrap().path().join("cmdline")));
        lines.any(|line| String::from_utf8_lossy(&line.unwrap_or_default()).contains(&ours))
    };
    assert!(running(), "the builder outlives its process");
    let start = Instant::now();
    while running() {
        let waited = start.elapsed();
        assert!(
            waited < Duration::from_secs(180),
            "it runs after {waited:?}"
        );
        std::thread::sleep(Duration::from_millis(200));
    }
    let builds = run(world.command(&["builds"]));
    assert!(
        builds.stdout.contains("died in customize"),
        "{}",
        builds.stdout
    );
    let ran = run(world.command(&["resume", &id(&world), "--format", "plain"]));
    assert_eq!(ran.code, 8, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("the builder ended by itself"),
        "{}",
        ran.stderr
    );
    world.assert_no_image();
}

#[test]
fn the_second_of_two_builds_into_one_folder_is_refused() {
    let world = World::new();
    let recipe = world.recipe("- shell: { name: wait, run: \"sleep 20\" }");
    let mut first = start(&world, &recipe, &[]);
    let begun = Instant::now();
    while records(&world) < 6 {
        assert!(begun.elapsed() < LONGEST);
        std::thread::sleep(Duration::from_millis(20));
    }
    let first_id = id(&world);
    let second = world.run(&recipe, &[]);
    assert_eq!(second.code, 13, "{}", second.stderr);
    assert!(second.stderr.contains(&first_id), "{}", second.stderr);
    // The lock goes with the process.
    first.kill().unwrap();
    first.wait().unwrap();
    let ran = run(world.command(&["resume", &first_id, "--format", "plain"]));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    world.assert_nothing_left();
}
