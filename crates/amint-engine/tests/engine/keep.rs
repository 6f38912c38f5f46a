//! `--on-error keep`.

use amint_cloud::ErrorKind;
use amint_cloud::sim::{Fault, Hook, Reply};
use amint_engine::OnError;
use amint_engine::journal::Record;
use amint_event::ExitClass;

use crate::support::{Simulation, full_plan};

fn keeping() -> Simulation {
    let mut simulation = Simulation::new(full_plan());
    simulation.options.on_error = OnError::Keep;
    simulation
}

#[test]
fn a_builder_whose_step_failed_is_kept_for_a_look() {
    let simulated = keeping().reply("step-01", Reply::exit(1, "")).run();
    assert_eq!(simulated.exit(), ExitClass::Step);
    assert_eq!(simulated.live.len(), 1);
    assert_eq!(simulated.summary.left, [], "it is kept, not left");
    let access = simulated.summary.access.as_deref().expect("a way in");
    assert_eq!(
        access,
        "simulate sim-builder-0\nit ends itself at 2026-01-01 01:00:00 UTC"
    );
    let kept = |record: &Record| matches!(record, Record::Kept { id, .. } if id == "sim-builder-0");
    assert!(
        simulated
            .journal
            .entries()
            .iter()
            .any(|entry| kept(&entry.record))
    );
}

#[test]
fn an_interrupt_keeps_nothing() {
    let simulation = keeping();
    let cancel = simulation.cancel.clone();
    let simulated = simulation
        .fault(
            "put_file",
            1,
            Fault::Before(Hook::new(move || cancel.cancel())),
        )
        .run();
    simulated.assert_clean_slate("interrupted");
    assert_eq!(simulated.summary.access, None);
}

#[test]
fn a_builder_that_is_off_or_cannot_be_kept_is_released() {
    let off = keeping().fault("capture", 1, Fault::fail_before()).run();
    off.assert_clean_slate("it is off");
    let refused = keeping()
        .reply("step-01", Reply::exit(1, ""))
        .fault_always("access", Fault::FailBefore(ErrorKind::Other))
        .run();
    refused.assert_clean_slate("it cannot be kept");
    assert_eq!(refused.summary.access, None);
}
