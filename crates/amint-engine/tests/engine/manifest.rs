//! The manifest of a build.

use amint_cloud::sim::{Fault, Hook, Reply};
use amint_manifest::{Action, Verdict, verify};

use crate::support::{Simulation, full_plan};

#[test]
fn the_manifest_tells_what_was_built_and_verifies() {
    let simulation = Simulation::new(full_plan());
    let plan = simulation.plan.clone();
    let simulated = simulation.run();
    let bytes = std::fs::read(&simulated.manifest_path).expect("a manifest");
    let manifest = verify(&bytes).expect("it hashes to its digest");

    assert_eq!(manifest.plan, plan.digest);
    assert_eq!(manifest.build.id, plan.build_id);
    assert_eq!(manifest.build.started, "2026-01-01T00:00:00Z");
    assert_eq!(manifest.tool.version, "0.0.0-test");
    assert_eq!(manifest.profile, plan.seal.profile);
    assert_eq!(manifest.inspection.verdict, Verdict::Clean);
    assert_eq!(manifest.inspection.findings, []);
    assert_eq!(manifest.image.location, "sim:demo-1.0.0");
    assert_eq!(manifest.image.digest.len(), "sparse-sha256-v1:".len() + 64);

    let steps: Vec<_> = manifest
        .steps
        .iter()
        .map(|one| (one.kind.as_str(), one.exit_code))
        .collect();
    assert_eq!(
        steps,
        [("shell", Some(0)), ("file", None), ("reboot", None)]
    );
    assert!(matches!(
        &manifest.steps[1].actions[..],
        [Action::Upload { size: 4, .. }]
    ));
    assert_eq!(manifest.hardening.len(), plan.seal.steps.len());
    for (written, planned) in manifest.hardening.iter().zip(&plan.seal.steps) {
        assert_eq!(
            (&written.id, &written.sha256),
            (&planned.id, &planned.sha256)
        );
    }
    let timed: Vec<&str> = manifest
        .timings
        .iter()
        .map(|one| one.phase.as_str())
        .collect();
    assert_eq!(timed.first(), Some(&"preflight"));
    assert_eq!(timed.last(), Some(&"publish"));
}

#[test]
fn a_tracer_that_was_not_planted_proves_nothing() {
    let planted =
        "planted history\nplanted log\nno tracer in the journal: it is not kept on the disk\n";
    let reply = Reply::exit(0, planted);
    let simulated = Simulation::new(full_plan()).reply("tracers", reply).run();
    let bytes = std::fs::read(&simulated.manifest_path).expect("a manifest");
    let scope = verify(&bytes)
        .expect("it hashes to its digest")
        .inspection
        .scope;
    let searched_for = scope.searched_for.iter();
    let tracers: Vec<&String> = searched_for
        .filter(|one| one.starts_with("tracer: "))
        .collect();
    assert_eq!(
        tracers,
        [
            "tracer: a line of root's shell history",
            "tracer: a line of a log"
        ]
    );
    let missing = "a message in the journal: no tracer was there before the seal";
    assert!(
        scope.not_seen.iter().any(|one| one == missing),
        "{:?}",
        scope.not_seen
    );
}

#[test]
fn a_manifest_that_cannot_be_written_takes_the_image_back() {
    let simulation = Simulation::new(full_plan());
    let path = simulation.options.manifest_path.clone();
    // In its way, from when the older one is gone.
    let folder = path.join("folder");
    let hook = Hook::new(move || std::fs::create_dir_all(&folder).expect("a folder"));
    let simulation = simulation.fault("publish", 1, Fault::After(hook));
    let simulated = simulation.run_without_invariants();
    simulated.assert_clean_slate("no manifest");
    assert!(simulated.calls.contains(&"publish"));
    let expected = format!("cannot write {}", path.display());
    assert!(
        simulated.chain().starts_with(&expected),
        "{}",
        simulated.chain()
    );
}

#[test]
fn an_older_manifest_survives_a_build_that_publishes_nothing() {
    let simulation = Simulation::new(full_plan()).fault("launch", 1, Fault::fail_before());
    let path = simulation.options.manifest_path.clone();
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(&path, "older").expect("a file");
    let simulated = simulation.run_without_invariants();
    assert_eq!(
        std::fs::read(&simulated.manifest_path).expect("it is there"),
        b"older"
    );
}
