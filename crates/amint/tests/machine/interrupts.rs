//! A build stopped in each phase that takes time.

use std::io::{BufRead, BufReader};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::world::World;

/// Starts a build, interrupts it when `at` says so, and expects a clean end.
fn interrupted(at: impl Fn(&Value) -> bool, signal: Signal) {
    let world = World::new();
    let recipe = world.recipe("- shell: { name: wait, run: \"echo waiting; sleep 600\" }");
    stop(&world, &recipe, at, signal);
}

fn stop(world: &World, recipe: &std::path::Path, at: impl Fn(&Value) -> bool, signal: Signal) {
    let mut child = world.build(recipe, &[]).spawn().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let mut stopped = false;
    let mut last = Value::Null;
    for line in stdout.lines() {
        last = serde_json::from_str(&line.unwrap()).unwrap();
        if !stopped && at(&last) {
            kill_process(Pid::from_child(&child), signal).unwrap();
            stopped = true;
        }
    }
    assert!(stopped, "the build ended by itself: {last}");
    assert_eq!(child.wait().unwrap().code(), Some(130), "{last}");
    assert_eq!(last["event"], "run-finished");
    world.assert_no_image();
}

fn starts(event: &Value, phase: &str) -> bool {
    event["event"] == "phase-started" && event["phase"] == phase
}

#[test]
fn while_the_builder_starts() {
    interrupted(|event| starts(event, "launch"), Signal::INT);
}

#[test]
fn while_the_builder_is_connected_to() {
    interrupted(|event| starts(event, "connect"), Signal::TERM);
}

#[test]
fn while_a_step_runs() {
    interrupted(|event| event["event"] == "step-output", Signal::INT);
}

#[test]
fn while_the_seal_runs() {
    let world = World::new();
    let recipe = world.recipe("- shell: { run: \"true\" }");
    let sealing = |event: &Value| event["event"] == "progress" && event["phase"] == "seal";
    stop(&world, &recipe, sealing, Signal::INT);
}
