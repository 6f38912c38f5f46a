//! Every call of every phase, with everything that can go wrong with it: nothing may be left.

use std::collections::BTreeMap;

use amint_cloud::ErrorKind;
use amint_cloud::sim::{Fault, Hook};
use amint_event::{ExitClass, Outcome};

use crate::support::{Simulation, full_plan, published_plan};

type Simulate = fn() -> Simulation;

/// A build on a machine, and one on an account with all that can happen to its image.
const BUILDS: [Simulate; 2] = [
    || Simulation::new(full_plan()),
    || Simulation::on_account(published_plan()),
];

/// The calls of whole builds, each with the occurrences worth a try: the first two, a middle one, the last.
fn calls() -> Vec<(Simulate, &'static str, usize)> {
    let calls = BUILDS.iter().flat_map(|simulate| calls_of(*simulate));
    calls.collect()
}

fn calls_of(simulate: Simulate) -> Vec<(Simulate, &'static str, usize)> {
    let simulated = simulate().run();
    assert_eq!(
        simulated.summary.outcome,
        Outcome::Succeeded,
        "{}",
        simulated.chain()
    );
    simulated.assert_clean_slate("nothing went wrong");
    let mut counts = BTreeMap::<_, usize>::new();
    for call in simulated.calls {
        *counts.entry(call).or_default() += 1;
    }
    let mut calls = Vec::new();
    for (call, count) in counts {
        let mut occurrences = vec![1, 2, count / 2, count];
        occurrences.retain(|one| (1..=count).contains(one));
        occurrences.sort_unstable();
        occurrences.dedup();
        calls.extend(occurrences.into_iter().map(|one| (simulate, call, one)));
    }
    assert!(calls.len() > 30, "{calls:?}");
    calls
}

#[test]
fn nothing_is_left_after_a_failure_before_the_effect() {
    for kind in [
        ErrorKind::Other,
        ErrorKind::Denied { action: None },
        ErrorKind::NotFound,
    ] {
        for (simulate, call, occurrence) in calls() {
            let fault = Fault::FailBefore(kind.clone());
            let simulated = simulate().fault(call, occurrence, fault).run();
            simulated.assert_clean_slate(&format!("{call} #{occurrence} fails before: {kind:?}"));
            assert_ne!(simulated.exit(), ExitClass::Interrupted);
        }
    }
}

#[test]
fn nothing_is_left_after_a_failure_behind_the_effect() {
    for kind in [ErrorKind::Other, ErrorKind::Gone] {
        for (simulate, call, occurrence) in calls() {
            let fault = Fault::FailAfter(kind.clone());
            let simulated = simulate().fault(call, occurrence, fault).run();
            simulated.assert_clean_slate(&format!("{call} #{occurrence} fails after: {kind:?}"));
        }
    }
}

#[test]
fn a_lost_answer_is_asked_for_again_and_the_build_succeeds() {
    for (simulate, call, occurrence) in calls() {
        let fault = Fault::fail_after();
        let simulated = simulate().fault(call, occurrence, fault).run();
        let context = format!("the answer of {call} #{occurrence} is lost");
        simulated.assert_clean_slate(&context);
        assert_eq!(
            simulated.exit(),
            ExitClass::Success,
            "{context}: {}",
            simulated.chain()
        );
    }
}

#[test]
fn a_throttled_call_is_made_again_and_the_build_succeeds() {
    for (simulate, call, occurrence) in calls() {
        let simulated = simulate().fault(call, occurrence, Fault::Throttle(3)).run();
        let context = format!("{call} #{occurrence} is throttled");
        simulated.assert_clean_slate(&context);
        assert_eq!(
            simulated.exit(),
            ExitClass::Success,
            "{context}: {}",
            simulated.chain()
        );
    }
}

#[test]
fn nothing_is_left_when_a_call_never_answers() {
    for fault in [Fault::Hang, Fault::HangAfter] {
        for (simulate, call, occurrence) in calls() {
            let simulated = simulate().fault(call, occurrence, fault.clone()).run();
            simulated.assert_clean_slate(&format!("{call} #{occurrence}: {fault:?}"));
        }
    }
}

#[test]
fn nothing_is_left_when_the_builder_dies() {
    for (simulate, call, occurrence) in calls() {
        let simulated = simulate().fault(call, occurrence, Fault::Die).run();
        simulated.assert_clean_slate(&format!("the builder dies at {call} #{occurrence}"));
        assert!(
            matches!(
                simulated.exit(),
                ExitClass::Success | ExitClass::Builder | ExitClass::Internal
            ),
            "{call} #{occurrence}: {}",
            simulated.chain()
        );
    }
}

#[test]
fn nothing_is_left_after_an_interrupt() {
    for after in [false, true] {
        for (simulate, call, occurrence) in calls() {
            let simulation = simulate();
            let cancel = simulation.cancel.clone();
            let hook = Hook::new(move || cancel.cancel());
            let fault = if after {
                Fault::After(hook)
            } else {
                Fault::Before(hook)
            };
            let simulated = simulation.fault(call, occurrence, fault).run();
            let context = format!("interrupted at {call} #{occurrence} (after: {after})");
            simulated.assert_clean_slate(&context);
            // What comes after the manifest cannot be interrupted.
            let late = simulated.manifest_path.exists();
            let expected = if late {
                ExitClass::Success
            } else {
                ExitClass::Interrupted
            };
            assert_eq!(
                simulated.exit(),
                expected,
                "{context}: {}",
                simulated.chain()
            );
        }
    }
}

#[test]
fn an_unwind_keeps_its_deadline_whatever_hangs() {
    for (simulate, call, occurrence) in calls() {
        let simulation = simulate();
        let (cancel, deadline) = (
            simulation.cancel.clone(),
            simulation.options.interrupt_deadline,
        );
        let simulated = simulation
            .fault(
                call,
                occurrence,
                Fault::Before(Hook::new(move || cancel.cancel())),
            )
            .fault_always("release", Fault::Hang)
            .fault_always("resources", Fault::Hang)
            .run();
        let unwind = simulated.time_of(|one| matches!(one, amint_event::EventKind::UnwindStarted));
        let end = simulated.times.last().copied().unwrap_or_default();
        if let Some(unwind) = unwind {
            let took = end - unwind;
            assert!(took <= deadline, "{call} #{occurrence}: {took:?}");
        }
    }
}

#[test]
fn a_refusal_after_a_lost_answer_hides_nothing_that_was_made() {
    for simulate in BUILDS {
        for call in ["launch", "capture"] {
            for kind in [ErrorKind::Credentials, ErrorKind::Throttled] {
                let simulated = simulate()
                    .fault(call, 1, Fault::fail_after())
                    .fault_from(call, 2, &Fault::FailBefore(kind.clone()))
                    .run();
                simulated.assert_clean_slate(&format!("{call}: lost, then {kind:?}"));
                assert_ne!(simulated.exit(), ExitClass::Success);
            }
        }
    }
}
