//! Waiting for a machine that is ready, and for one that is off.

use amint_cloud::ErrorKind;
use amint_cloud::sim::{Fault, Reply};
use amint_event::ExitClass;

use crate::support::{Simulation, full_plan};

#[test]
fn an_agent_that_never_answers_fails_with_the_consoles_tail() {
    let mut simulation = Simulation::new(full_plan());
    simulation.boot = None;
    let simulated = simulation.run();
    simulated.assert_clean_slate("no agent");
    assert_eq!(simulated.exit(), ExitClass::Builder);
    let chain = simulated.chain();
    assert!(
        chain.starts_with("the builder's agent did not answer within 600 s"),
        "{chain}"
    );
    assert!(chain.contains("simulated console"), "{chain}");
}

#[test]
fn a_short_builder_timeout_bounds_the_wait() {
    let mut simulation = Simulation::new(full_plan());
    simulation.boot = None;
    simulation.plan.builder.timeout_seconds = 90;
    assert!(simulation.run().chain().contains("within 90 s"));
}

#[test]
fn a_machine_that_is_not_ready_says_what_is_missing() {
    let reply = Reply::exit(75, "prepared\nmissing: cloud-init has not finished\n");
    let simulated = Simulation::new(full_plan()).reply("ready", reply).run();
    simulated.assert_clean_slate("not ready");
    assert_eq!(simulated.exit(), ExitClass::Builder);
    assert!(
        simulated
            .chain()
            .contains("600 s: cloud-init has not finished"),
        "{}",
        simulated.chain()
    );
}

#[test]
fn a_machine_that_cannot_be_prepared_fails_at_once() {
    let reply = Reply::exit(1, "Failed to start amint-deadman.timer\n");
    let simulated = Simulation::new(full_plan()).reply("ready", reply).run();
    simulated.assert_clean_slate("not prepared");
    assert!(
        simulated.chain().contains("amint-deadman.timer"),
        "{}",
        simulated.chain()
    );
    let end = simulated.times.last().expect("events");
    assert!(end.as_secs() < 30, "{end:?}");
}

#[test]
fn a_machine_that_dies_while_it_boots_fails_at_once() {
    let simulated = Simulation::new(full_plan())
        .fault("agent_online", 2, Fault::Die)
        .run();
    simulated.assert_clean_slate("it died");
    assert!(
        simulated.chain().starts_with("the builder ended by itself"),
        "{}",
        simulated.chain()
    );
    let end = simulated.times.last().expect("events");
    assert!(end.as_secs() < 30, "{end:?}");
}

#[test]
fn a_seal_that_does_not_start_shows_why() {
    let reply = Reply::exit(1, "Failed to start transient unit\n");
    let simulated = Simulation::new(full_plan()).reply("seal", reply).run();
    simulated.assert_clean_slate("no seal");
    assert_eq!(simulated.exit(), ExitClass::Builder);
    let chain = simulated.chain();
    assert!(
        chain.starts_with("the seal did not start (exit code 1)"),
        "{chain}"
    );
    assert!(chain.contains("transient unit"), "{chain}");
}

#[test]
fn a_seal_that_never_powers_off_fails_at_its_deadline() {
    let simulated = Simulation::new(full_plan())
        .reply("seal", Reply::ok())
        .run();
    simulated.assert_clean_slate("still on");
    assert!(
        simulated.chain().contains("did not power off within 300 s"),
        "{}",
        simulated.chain()
    );
}

#[test]
fn an_agent_that_vanishes_during_the_seal_is_no_failure() {
    let simulated = Simulation::new(full_plan())
        .reply(
            "seal",
            Reply {
                duration: None,
                ..Reply::power_off()
            },
        )
        .run();
    assert_eq!(
        simulated.exit(),
        ExitClass::Success,
        "{}",
        simulated.chain()
    );
}

#[test]
fn tracers_that_never_reached_the_disk_fail_the_build() {
    let reply = Reply::exit(1, "tracer shell-history is not on the device\n");
    let simulated = Simulation::new(full_plan()).reply("tracers", reply).run();
    simulated.assert_clean_slate("no control");
    assert!(
        simulated.chain().contains("shell-history"),
        "{}",
        simulated.chain()
    );
    assert_eq!(simulated.exit(), ExitClass::Builder);
}

#[test]
fn refusals_have_their_own_exit_classes() {
    for (call, kind, expected) in [
        ("identity", ErrorKind::Prerequisite, ExitClass::Preflight),
        ("find_base", ErrorKind::NotFound, ExitClass::NotFound),
        ("identity", ErrorKind::Credentials, ExitClass::Denied),
        ("preflight", ErrorKind::Unfit, ExitClass::Recipe),
        ("capture", ErrorKind::Conflict, ExitClass::Conflict),
        ("launch", ErrorKind::Quota, ExitClass::Capacity),
        ("launch", ErrorKind::NoCapacity, ExitClass::Capacity),
        (
            "launch",
            ErrorKind::Denied { action: None },
            ExitClass::Denied,
        ),
        ("launch", ErrorKind::Throttled, ExitClass::Throttled),
        (
            "start_command",
            ErrorKind::Denied { action: None },
            ExitClass::Denied,
        ),
        ("disks", ErrorKind::Other, ExitClass::Unreadable),
        ("publish", ErrorKind::Other, ExitClass::Internal),
    ] {
        let fault = Fault::FailBefore(kind.clone());
        let simulated = Simulation::new(full_plan()).fault_always(call, fault).run();
        simulated.assert_clean_slate(call);
        assert_eq!(
            simulated.exit(),
            expected,
            "{call} {kind:?}: {}",
            simulated.chain()
        );
    }
}

#[test]
fn a_plan_for_another_catalogue_is_refused_before_anything_is_asked() {
    let mut simulation = Simulation::new(full_plan());
    simulation.plan.seal.profile = "marketplace-linux@0".to_owned();
    let simulated = simulation.run();
    assert_eq!(simulated.calls, Vec::<&str>::new());
    assert!(
        simulated.chain().contains("marketplace-linux@0"),
        "{}",
        simulated.chain()
    );
}
