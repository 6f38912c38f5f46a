//! What happens to an image on an account, in which order, and that all of it goes back.

use amint_cloud::sim::Fault;
use amint_cloud::{ErrorKind, PublicState};
use amint_event::{EventKind, ExitClass, Phase};

use crate::support::{PARAMETER, Simulation, published_plan};

#[test]
fn an_image_is_marked_copied_shared_dated_and_named() {
    let simulated = Simulation::on_account(published_plan()).run();
    simulated.assert_clean_slate("nothing went wrong");
    assert_eq!(
        simulated.exit(),
        ExitClass::Success,
        "{}",
        simulated.chain()
    );
    // The captured image is not among them: what is published was registered from its clean disk.
    assert_eq!(simulated.publicity.len(), 2, "{:?}", simulated.publicity);
    for (image, publicity) in &simulated.publicity {
        assert_eq!(publicity.state, Some(PublicState::Published), "{image}");
        assert_eq!(publicity.sharing.accounts, ["123456789012"], "{image}");
        assert!(publicity.deprecated.is_some(), "{image}");
    }
    let finished: u32 = simulated.publicity.values().map(|one| one.finished).sum();
    assert_eq!(finished, 1, "only the copy lacks what copying leaves out");
    let location = simulated
        .summary
        .published
        .as_ref()
        .map(|one| &one.location);
    assert!(location.is_some(), "{location:?}");
    assert!(
        simulated
            .publicity
            .contains_key(&simulated.named.clone().unwrap_or_default())
    );
}

#[test]
fn nothing_is_public_before_the_inspection_passed_and_nothing_retires_before_the_manifest_is_there()
{
    let simulated = Simulation::on_account(published_plan()).run();
    let first = |call: &str| simulated.calls.iter().position(|one| *one == call);
    let order = [
        "capture",
        "scrub",
        "register",
        "set_state",
        "copy",
        "share",
        "set_parameter",
    ];
    let positions: Vec<_> = order.iter().map(|call| first(call)).collect();
    assert!(positions.iter().all(Option::is_some), "{positions:?}");
    assert!(positions.is_sorted(), "{positions:?}");
    let inspected = simulated.events.iter().position(|one| {
        matches!(
            one,
            EventKind::PhaseFinished {
                phase: Phase::Inspect,
                ..
            }
        )
    });
    let published = simulated.events.iter().position(|one| {
        matches!(
            one,
            EventKind::PhaseStarted {
                phase: Phase::Publish
            }
        )
    });
    assert!(inspected < published);
    assert_eq!(
        simulated.calls.last(),
        Some(&"retire"),
        "{:?}",
        simulated.calls
    );
}

#[test]
fn the_newest_stay_and_so_does_what_is_in_use() {
    let simulated = Simulation::on_account(published_plan()).run();
    // Two stay: this build's own and the newest before it; one that is in use stays besides.
    assert_eq!(simulated.older, ["older-3", "older-2", "older-3@eu-west-1"]);
    let told = simulated.events.iter().any(|one| {
        matches!(one, EventKind::Progress { message, .. } if message.contains("an instance uses it"))
    });
    assert!(told);
    let retired: Vec<_> = simulated
        .events
        .iter()
        .filter(|one| matches!(one, EventKind::ImageRetired { .. }))
        .collect();
    assert_eq!(retired.len(), 2, "{retired:?}");
}

#[test]
fn an_older_image_that_cannot_go_is_told_and_fails_nothing() {
    let fault = Fault::FailBefore(ErrorKind::Denied { action: None });
    let simulated = Simulation::on_account(published_plan())
        .fault("retire", 1, fault)
        .run();
    simulated.assert_clean_slate("retiring failed");
    assert_eq!(simulated.exit(), ExitClass::Success);
    let told = simulated.events.iter().any(|one| {
        matches!(one, EventKind::Progress { message, .. } if message.starts_with("warning: older-1 is not retired"))
    });
    assert!(told, "{:?}", simulated.events);
}

#[test]
fn a_parameter_that_never_names_the_image_fails_the_build_and_everything_goes_back() {
    let mut plan = published_plan();
    plan.image.publish.parameter = Some(PARAMETER.to_owned());
    // Taken, and dropped behind the answer.
    let simulated = Simulation::on_account(plan)
        .fault_always("parameter", Fault::FailBefore(ErrorKind::NotFound))
        .run();
    simulated.assert_clean_slate("the parameter is refused");
    assert_ne!(simulated.exit(), ExitClass::Success);
}

#[test]
fn a_full_zone_leads_to_the_next_place_and_no_place_to_an_error() {
    for (full, expected) in [(1, ExitClass::Success), (2, ExitClass::Capacity)] {
        let mut simulation = Simulation::on_account(published_plan()).in_two_places();
        for occurrence in 1..=full {
            simulation = simulation.fault(
                "launch",
                occurrence,
                Fault::FailBefore(ErrorKind::NoCapacity),
            );
        }
        let simulated = simulation.run();
        simulated.assert_clean_slate("no room");
        assert_eq!(simulated.exit(), expected, "{}", simulated.chain());
    }
}
