//! Stopping a build: the user, or a consumer of the events that goes away.

use std::time::Duration;

use amint_cloud::sim::{Fault, Hook, Reply};
use amint_event::{EventKind, ExitClass, Outcome};

use crate::support::{Simulation, full_plan};

#[test]
fn the_second_interrupt_ends_the_unwind_and_says_what_is_left() {
    let simulation = Simulation::new(full_plan());
    let (first, second) = (simulation.cancel.clone(), simulation.cancel.clone());
    let simulated = simulation
        .fault(
            "put_file",
            1,
            Fault::Before(Hook::new(move || first.cancel())),
        )
        .fault(
            "release",
            1,
            Fault::Before(Hook::new(move || second.cancel())),
        )
        .run();
    assert_eq!(simulated.exit(), ExitClass::InterruptedDirty);
    assert_eq!(simulated.summary.left, simulated.live);
    assert_eq!(simulated.live.len(), 1);
    let told = simulated.events.iter().any(|event| {
        matches!(event, EventKind::ResourceLeft { id, reason, .. }
            if *id == simulated.live[0].id && reason.contains("01testbuild"))
    });
    assert!(told, "{:#?}", simulated.events);
}

/// How long after the interrupt at `delay` it was noticed.
fn noticed(simulation: Simulation, delay: Duration) -> Duration {
    let mut simulation = simulation;
    simulation.interrupted_after = Some(delay);
    let simulated = simulation.run();
    simulated.assert_clean_slate(&format!("interrupted after {delay:?}"));
    assert_eq!(
        simulated.exit(),
        ExitClass::Interrupted,
        "{delay:?}: {}",
        simulated.chain()
    );
    let time = simulated.time_of(|one| matches!(one, EventKind::CancelRequested));
    time.expect("it was noticed").saturating_sub(delay)
}

#[test]
fn an_interrupt_is_noticed_at_once_whatever_the_build_waits_for() {
    let at_once = Duration::from_millis(10);
    // Calls that do not answer, and a step that goes on for ever: in the call or in the gap between two.
    for call in [
        "identity",
        "find_base",
        "launch",
        "start_command",
        "put_file",
        "capture",
    ] {
        let simulation = Simulation::new(full_plan()).fault(call, 1, Fault::Hang);
        let took = noticed(simulation, Duration::from_secs(25));
        assert!(took <= at_once, "{call}: {took:?}");
    }
    for tenth in 100..150 {
        let simulation = Simulation::new(full_plan()).reply("step-01", Reply::hang(""));
        let took = noticed(simulation, Duration::from_millis(tenth * 100));
        assert!(
            took <= at_once,
            "after {tenth} tenths of a second: {took:?}"
        );
    }
}

#[test]
fn an_interrupt_before_the_start_acquires_nothing() {
    let simulation = Simulation::new(full_plan());
    simulation.cancel.cancel();
    let simulated = simulation.run();
    assert_eq!(simulated.exit(), ExitClass::Interrupted);
    assert!(
        !simulated.calls.contains(&"launch"),
        "{:?}",
        simulated.calls
    );
}

#[test]
fn a_sink_that_fails_stops_the_build_and_everything_goes_back() {
    let events = Simulation::new(full_plan()).run().events;
    let published = events
        .iter()
        .position(|event| {
            matches!(event, EventKind::PhaseFinished { phase, .. }
            if *phase == amint_event::Phase::Publish)
        })
        .expect("it was published");
    for (seq, event) in events.iter().enumerate() {
        let mut simulation = Simulation::new(full_plan());
        simulation.sink_fails_at = Some(seq as u64);
        let simulated = simulation.run();
        simulated.assert_clean_slate(&format!("the sink fails at event {seq}: {event:?}"));
        assert_eq!(simulated.events.len(), seq, "it hears no more");
        if seq <= published {
            assert_eq!(simulated.summary.outcome, Outcome::Cancelled, "event {seq}");
            assert_eq!(simulated.exit(), ExitClass::Internal);
            assert!(
                simulated.chain().contains("nobody hears about it"),
                "{}",
                simulated.chain()
            );
        }
    }
}
