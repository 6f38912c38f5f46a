//! Giving back, when that fails.

use amint_cloud::ErrorKind;
use amint_cloud::sim::{Fault, Reply};
use amint_event::{EventKind, ExitClass};

use crate::support::{Simulation, full_plan};

#[test]
fn a_builder_that_cannot_be_released_does_not_unmake_the_image() {
    let simulated = Simulation::new(full_plan())
        .fault_always("release", Fault::fail_before())
        .run();
    assert_eq!(simulated.exit(), ExitClass::Success);
    assert_eq!(simulated.summary.left.len(), 1);
    assert!(
        simulated
            .events
            .iter()
            .any(|one| matches!(one, EventKind::ResourceLeft { .. }))
    );
}

#[test]
fn what_cannot_be_released_after_a_failure_is_named_and_the_cause_stays() {
    let simulated = Simulation::new(full_plan())
        .reply("step-01", Reply::exit(1, ""))
        .fault_always("release", Fault::Hang)
        .run();
    assert_eq!(simulated.exit(), ExitClass::Step, "the failure's own class");
    assert_eq!(simulated.summary.left, simulated.live);
}

#[test]
fn one_release_that_hangs_leaves_time_for_the_others() {
    let simulated = Simulation::new(full_plan())
        .fault("publish", 1, Fault::fail_before())
        .fault("release", 1, Fault::Hang)
        .run();
    simulated.assert_clean_slate("a second round releases it");
}

#[test]
fn a_launch_whose_answer_never_comes_is_found_by_its_tag() {
    // Not even asking again helps, and look-ups trail what was made.
    let simulated = Simulation::new(full_plan())
        .fault_always("launch", Fault::FailAfter(ErrorKind::AnswerLost))
        .run();
    simulated.assert_clean_slate("the builder's id is unknown");
    assert!(
        simulated.calls.contains(&"resources"),
        "{:?}",
        simulated.calls
    );
    let released = |one: &EventKind| matches!(one, EventKind::ResourceReleased { .. });
    assert!(
        simulated.events.iter().any(released),
        "{:#?}",
        simulated.events
    );
}

#[test]
fn nothing_is_looked_for_when_the_cloud_has_refused() {
    let simulated = Simulation::new(full_plan())
        .fault("launch", 1, Fault::FailBefore(ErrorKind::NoCapacity))
        .run();
    assert!(
        !simulated.calls.contains(&"resources"),
        "{:?}",
        simulated.calls
    );
}

#[test]
fn what_is_refused_is_soon_given_up_and_the_reason_is_told() {
    let action = Some("ec2:TerminateInstances".to_owned());
    let simulated = Simulation::new(full_plan())
        .reply("step-01", Reply::exit(1, ""))
        .fault_always("release", Fault::FailBefore(ErrorKind::Denied { action }))
        .run();
    let releases = simulated.calls.iter().filter(|call| **call == "release");
    assert!(releases.count() <= 5, "{:?}", simulated.calls);
    let told = |one: &EventKind| matches!(one, EventKind::ResourceLeft { reason, .. } if !reason.starts_with("it could not"));
    assert!(simulated.events.iter().any(told), "{:#?}", simulated.events);
}
