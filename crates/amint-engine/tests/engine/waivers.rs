//! What recipes accept, until when, and what they cannot.

use std::time::Duration;

use amint_cloud::sim::{MemoryDisk, Reply};
use amint_event::{EventKind, ExitClass, Phase};
use amint_harden::Waiver;
use amint_inspect::BlockSource;
use amint_manifest::{Manifest, Verdict, verify};

use crate::support::{Simulated, Simulation, full_plan, sealed};

const EXPIRES: &str = "2026-01-01";

fn waiver(rule: &str, path: Option<&str>) -> Waiver {
    Waiver {
        rule: rule.to_owned(),
        path: path.map(str::to_owned),
        reason: "the demo needs it".to_owned(),
        expires: EXPIRES.parse().expect("a date"),
    }
}

/// A sealed disk whose root has a password, which violates MP-SEC-006 and, as root's, MP-SSH-007.
fn with_password() -> MemoryDisk {
    let sealed = sealed();
    let mut bytes = vec![0; usize::try_from(sealed.size()).expect("a small disk")];
    sealed.read_at(0, &mut bytes).expect("inside the disk");
    let (locked, open) = (b"root:!*:19000:0", b"root:$1:19000:0");
    let place = bytes.windows(locked.len()).position(|text| text == locked);
    let place = place.expect("the file");
    bytes[place..place + open.len()].copy_from_slice(open);
    MemoryDisk::new(bytes)
}

fn simulation(waivers: Vec<Waiver>) -> Simulation {
    let mut simulation = Simulation::new(full_plan());
    simulation.disk = with_password();
    simulation.plan.waivers = waivers;
    simulation
}

fn manifest(simulated: &Simulated) -> Manifest {
    let bytes = std::fs::read(&simulated.manifest_path).expect("a manifest");
    verify(&bytes).expect("it hashes to its digest")
}

/// Rule and whether it is waived, of each finding that was reported.
fn reported(simulated: &Simulated) -> Vec<(&str, bool)> {
    let events = simulated.events.iter();
    let findings = events.filter_map(|event| match event {
        EventKind::FindingReported { rule, waived, .. } => Some((rule.as_str(), *waived)),
        _ => None,
    });
    findings.collect()
}

/// Reason, last day and step of each finding that was reported.
fn told_why(simulated: &Simulated) -> Vec<[Option<&str>; 3]> {
    let events = simulated.events.iter();
    let findings = events.filter_map(|event| match event {
        EventKind::FindingReported {
            reason,
            expires,
            step,
            ..
        } => Some([reason, expires, step].map(Option::as_deref)),
        _ => None,
    });
    findings.collect()
}

fn told(simulated: &Simulated, line: &str) -> bool {
    let progress = |event: &EventKind| matches!(event, EventKind::Progress { phase: Phase::Inspect, message } if message == line);
    simulated.events.iter().any(progress)
}

#[test]
fn what_is_waived_passes_and_is_recorded() {
    let waivers = vec![
        waiver("MP-SEC-006", Some("/etc/*")),
        waiver("MP-SSH-007", None),
    ];
    let simulated = simulation(waivers).run();
    simulated.assert_clean_slate("every finding is waived");
    assert_eq!(simulated.exit(), ExitClass::Success);
    let expected = [("MP-SEC-006", true), ("MP-SSH-007", true)];
    assert_eq!(reported(&simulated), expected);
    let why = |step| [Some("the demo needs it"), Some(EXPIRES), Some(step)];
    assert_eq!(
        told_why(&simulated),
        [why("lock-passwords"), why("lock-root-password")]
    );
    let inspection = simulated
        .summary
        .inspection
        .as_ref()
        .expect("what was found");
    assert!(inspection.findings.iter().all(|finding| finding.waived));

    let manifest = manifest(&simulated);
    assert_eq!(manifest.inspection.verdict, Verdict::Waived);
    let findings = manifest.inspection.findings.iter();
    let found: Vec<_> = findings
        .map(|one| (one.rule.as_str(), one.waived))
        .collect();
    assert_eq!(found, expected);
    let [password, root] = manifest.waivers.as_slice() else {
        panic!("{:#?}", manifest.waivers)
    };
    assert_eq!(
        (password.rule.as_str(), password.path.as_deref()),
        ("MP-SEC-006", Some("/etc/*"))
    );
    assert_eq!(
        (password.reason.as_str(), password.expires.as_str()),
        ("the demo needs it", EXPIRES)
    );
    assert_eq!((password.findings, root.findings), (1, 1));
}

#[test]
fn what_is_not_waived_fails_the_build_all_the_same() {
    let simulated = simulation(vec![waiver("MP-SEC-006", None)]).run();
    simulated.assert_clean_slate("one finding is not waived");
    assert_eq!(simulated.exit(), ExitClass::Findings);
    assert_eq!(simulated.chain(), "the image violates MP-SSH-007");
    assert_eq!(
        reported(&simulated),
        [("MP-SEC-006", true), ("MP-SSH-007", false)]
    );
}

#[test]
fn an_expired_waiver_fails_before_anything_is_acquired() {
    let mut password = waiver("MP-SEC-006", Some("/etc/shadow"));
    password.expires = "2025-12-31".parse().expect("a date");
    let simulated = simulation(vec![password, waiver("MP-SSH-007", None)]).run();
    simulated.assert_clean_slate("a waiver has expired");
    assert_eq!(simulated.exit(), ExitClass::Recipe);
    assert_eq!(
        simulated.chain(),
        "the recipe has expired waivers: MP-SEC-006 at /etc/shadow on 2025-12-31"
    );
    assert_eq!(simulated.calls, Vec::<&str>::new());
}

#[test]
fn a_waiver_that_matches_nothing_is_told_and_fails_nothing() {
    let mut simulation = Simulation::new(full_plan());
    simulation.plan.waivers = vec![
        waiver("MP-CLEAN-002", Some("/home/**")),
        waiver("MP-SSH-003", None),
    ];
    let simulated = simulation.run();
    assert_eq!(simulated.exit(), ExitClass::Success);
    assert!(told(
        &simulated,
        "waiver MP-CLEAN-002 at /home/** matched nothing"
    ));
    assert!(told(&simulated, "waiver MP-SSH-003 matched nothing"));
    let manifest = manifest(&simulated);
    assert_eq!(manifest.inspection.verdict, Verdict::Clean);
    assert!(manifest.waivers.iter().all(|one| one.findings == 0));
}

#[test]
fn a_day_that_ends_while_the_build_runs_ends_the_waiver() {
    let mut simulation = simulation(vec![waiver("MP-SEC-006", None), waiver("MP-SSH-007", None)]);
    simulation.plan.builder.timeout_seconds = 3 * 24 * 3600;
    simulation.plan.steps[0].timeout_seconds = 2 * 24 * 3600;
    let night = Reply {
        duration: Some(Duration::from_secs(25 * 3600)),
        ..Reply::ok()
    };
    let simulated = simulation.reply("step-01", night).run();
    assert_eq!(simulated.exit(), ExitClass::Findings);
    assert!(told(&simulated, "waiver MP-SEC-006 has expired meanwhile"));
}

#[test]
fn a_plan_cannot_waive_the_proof() {
    let mut simulation = Simulation::new(full_plan());
    simulation.plan.build_id = "01otherbuild".to_owned();
    simulation.plan.waivers = vec![waiver("AMINT-SEAL-001", None)];
    let simulated = simulation.run();
    simulated.assert_clean_slate("another build's seal");
    assert_eq!(simulated.exit(), ExitClass::Findings);
}
