//! Files that are too large for commands: they are laid down for the builder, and do not stay there.

use amint_cloud::sim::{Fault, Reply};
use amint_cloud::{ErrorKind, ResourceKind};
use amint_engine::OnError;
use amint_engine::journal::Record;
use amint_event::{EventKind, ExitClass};

use crate::support::{Simulated, Simulation, large_step, plan};

const KIND: &str = "staged file";

/// A build whose only step brings a large file.
fn large() -> Simulation {
    Simulation::on_account(plan(vec![large_step(1)]))
}

fn position(simulated: &Simulated, is: impl Fn(&EventKind) -> bool) -> usize {
    let found = simulated.events.iter().position(is);
    found.unwrap_or_else(|| panic!("{:#?}", simulated.events))
}

/// Whether the journal says that files were given back, for each that was laid down.
fn given_back(simulated: &Simulated) -> Vec<bool> {
    let records = || simulated.journal.entries().iter().map(|one| &one.record);
    let acquired = records().filter_map(|one| match one {
        Record::Acquired {
            kind: ResourceKind::StagedFile,
            id,
            ..
        } => Some(id),
        _ => None,
    });
    let back = |id: &String| {
        let is =
            |one: &Record| matches!(one, Record::Released { id: released, .. } if released == id);
        records().any(is)
    };
    acquired.map(back).collect()
}

#[test]
fn a_file_goes_as_soon_as_it_is_in_its_place() {
    let simulated = large().run();
    assert_eq!(
        simulated.exit(),
        ExitClass::Success,
        "{}",
        simulated.chain()
    );
    let acquired = position(
        &simulated,
        |one| matches!(one, EventKind::ResourceAcquired { kind, .. } if kind == KIND),
    );
    let released = position(
        &simulated,
        |one| matches!(one, EventKind::ResourceReleased { kind, .. } if kind == KIND),
    );
    let finished = position(&simulated, |one| {
        matches!(one, EventKind::StepFinished { index: 1, .. })
    });
    assert!(acquired < released && released < finished);
    assert_eq!(given_back(&simulated), [true]);
}

#[test]
fn what_could_not_go_at_once_goes_with_the_rest() {
    let denied = Fault::FailBefore(ErrorKind::Denied { action: None });
    let simulated = (1..=3)
        .fold(large(), |simulation, occurrence| {
            simulation.fault("release", occurrence, denied.clone())
        })
        .run();
    assert_eq!(
        simulated.exit(),
        ExitClass::Success,
        "{}",
        simulated.chain()
    );
    let released = position(
        &simulated,
        |one| matches!(one, EventKind::ResourceReleased { kind, .. } if kind == KIND),
    );
    let finished = position(&simulated, |one| {
        matches!(one, EventKind::StepFinished { index: 1, .. })
    });
    assert!(finished < released);
    assert_eq!(given_back(&simulated), [true]);
}

/// Nothing is there, and who may not put it there may not delete it either.
#[test]
fn a_cloud_that_refuses_the_file_is_not_asked_to_delete_it() {
    let denied = Fault::FailBefore(ErrorKind::Denied { action: None });
    let simulated = large()
        .fault("stage_file", 1, denied.clone())
        .fault_always("release", denied)
        .run();
    let left: Vec<ResourceKind> = simulated.summary.left.iter().map(|one| one.kind).collect();
    assert!(
        !left.is_empty() && !left.contains(&ResourceKind::StagedFile),
        "{left:?}"
    );
    assert_eq!(given_back(&simulated), [true]);
}

#[test]
fn a_refusal_after_a_lost_answer_does_not_mean_that_nothing_is_there() {
    let denied = Fault::FailBefore(ErrorKind::Denied { action: None });
    let simulated = large()
        .fault("stage_file", 1, Fault::fail_after())
        .fault("stage_file", 2, denied)
        .run();
    simulated.assert_clean_slate("its first answer was lost");
    assert_eq!(given_back(&simulated), [true]);
}

#[test]
fn a_builder_that_is_kept_needs_no_file() {
    let mut simulation = large().reply("step-01", Reply::exit(1, "no space\n"));
    simulation.options.on_error = OnError::Keep;
    let simulated = simulation.run();
    assert_eq!(simulated.exit(), ExitClass::Step);
    let live: Vec<ResourceKind> = simulated.live.iter().map(|one| one.kind).collect();
    assert!(
        live.contains(&ResourceKind::Builder) && !live.contains(&ResourceKind::StagedFile),
        "{live:?}"
    );
    let access = simulated.summary.access.expect("a way in");
    assert!(!access.contains(KIND), "{access}");
}
