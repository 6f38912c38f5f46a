//! The recipe's steps, as the user sees them.

use amint_cloud::sim::Reply;
use amint_event::{EventKind, ExitClass, Outcome};

use crate::support::{Simulated, Simulation, full_plan, plan, reboot_step, run_step};

fn output(simulated: &Simulated) -> Vec<&str> {
    let texts = simulated.events.iter().filter_map(|event| match event {
        EventKind::StepOutput { text, .. } => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

#[test]
fn output_comes_in_whole_lines() {
    let text = "first line\nsecond line\nthird, without an end";
    let simulated = Simulation::new(plan(vec![run_step(1, "talk", "true")]))
        .reply(
            "step-01",
            Reply {
                duration: Some(std::time::Duration::from_secs(5)),
                ..Reply::exit(0, text)
            },
        )
        .run();
    assert_eq!(
        output(&simulated),
        ["first line", "second line", "third, without an end"]
    );
}

#[test]
fn a_step_that_fails_is_named_with_its_last_output() {
    let lines: String = (1..=30).map(|number| format!("line {number}\n")).collect();
    let simulated = Simulation::new(full_plan())
        .reply("step-01", Reply::exit(100, lines))
        .run();
    simulated.assert_clean_slate("a step failed");
    assert_eq!(simulated.exit(), ExitClass::Step);
    let chain = simulated.chain();
    assert!(
        chain.starts_with("the step `install` failed with exit code 100\n"),
        "{chain}"
    );
    assert!(
        chain.contains("    line 11\n") && chain.ends_with("    line 30"),
        "{chain}"
    );
    assert!(!chain.contains("line 10\n"), "only the last 20: {chain}");
    let finished = EventKind::StepFinished {
        index: 1,
        outcome: Outcome::Failed,
        exit_code: Some(100),
        duration_ms: 0,
    };
    let same = simulated.events.iter().any(|event| match event {
        EventKind::StepFinished {
            index,
            outcome,
            exit_code,
            ..
        } => {
            finished
                == EventKind::StepFinished {
                    index: *index,
                    outcome: *outcome,
                    exit_code: *exit_code,
                    duration_ms: 0,
                }
        }
        _ => false,
    });
    assert!(same, "{:#?}", simulated.events);
    let Some(EventKind::RunFinished {
        error: Some(error),
        exit_code: 7,
        ..
    }) = simulated.events.last()
    else {
        panic!("{:#?}", simulated.events.last())
    };
    assert!(
        !error.contains('\n') && error.contains("`install`"),
        "{error}"
    );
}

#[test]
fn a_step_that_hangs_is_named_with_its_timeout_and_its_last_output() {
    let simulated = Simulation::new(full_plan())
        .reply("step-01", Reply::hang("waiting for godot\n"))
        .run();
    simulated.assert_clean_slate("a step hung");
    assert_eq!(simulated.exit(), ExitClass::Step);
    let chain = simulated.chain();
    assert!(
        chain.starts_with("the step `install` was not done after its timeout of 60 s"),
        "{chain}"
    );
    assert!(chain.contains("waiting for godot"), "{chain}");
    let end = simulated.times.last().expect("events");
    assert!(end.as_secs() < 75, "{end:?}");
}

#[test]
fn files_arrive() {
    let simulated = Simulation::new(full_plan()).run();
    assert_eq!(simulated.files["/opt/app.conf"], b"a=1\n");
}

#[test]
fn a_reboot_is_asked_for_once_and_waited_for() {
    let simulated = Simulation::new(plan(vec![reboot_step(1)])).run();
    assert_eq!(
        simulated.exit(),
        ExitClass::Success,
        "{}",
        simulated.chain()
    );
    assert_eq!(
        simulated
            .calls
            .iter()
            .filter(|call| **call == "reboot")
            .count(),
        1
    );
    let finished = |one: &EventKind| matches!(one, EventKind::StepFinished { index: 1, .. });
    let started = |one: &EventKind| matches!(one, EventKind::StepStarted { index: 1, .. });
    let took = simulated.time_of(finished).zip(simulated.time_of(started));
    let took = took.map(|(end, start)| end - start).expect("it ran");
    assert!(
        took.as_secs() >= 4,
        "the simulated boot takes four seconds: {took:?}"
    );
}

#[test]
fn a_reboot_that_never_ends_fails_at_the_steps_timeout() {
    let not_yet = Reply::exit(75, "prepared\nmissing: the reboot has not happened yet\n");
    let simulated = Simulation::new(plan(vec![reboot_step(1)]))
        .reply("ready-step-01", not_yet)
        .run();
    simulated.assert_clean_slate("no reboot");
    assert_eq!(simulated.exit(), ExitClass::Builder);
    let chain = simulated.chain();
    assert!(
        chain.contains("not ready after 59 s: the reboot has not happened yet"),
        "{chain}"
    );
}

#[test]
fn attached_hardening_steps_follow_the_recipes_steps() {
    let simulated = Simulation::new(full_plan()).run();
    let steps: Vec<(usize, &str)> = simulated
        .events
        .iter()
        .filter_map(|event| match event {
            EventKind::StepStarted { index, step, .. } => Some((*index, step.as_str())),
            _ => None,
        })
        .collect();
    let (recipe, hardening) = steps.split_at(3);
    assert_eq!(recipe, [(1, "shell"), (2, "file"), (3, "reboot")]);
    assert!(!hardening.is_empty() && hardening.iter().all(|(_, step)| *step == "hardening"));
    assert!(
        steps.iter().map(|(index, _)| *index).eq(1..=steps.len()),
        "{steps:?}"
    );
}

#[test]
fn a_hardening_step_that_fails_is_named() {
    let output = "::amint-step:: begin disable-root-ssh\nPermitRootLogin is still yes\n";
    let reply = Reply::exit(1, output);
    let simulated = Simulation::new(full_plan()).reply("hardening", reply).run();
    simulated.assert_clean_slate("a live check failed");
    assert_eq!(simulated.exit(), ExitClass::Step);
    assert!(
        simulated.chain().contains("`disable-root-ssh`"),
        "{}",
        simulated.chain()
    );
}
