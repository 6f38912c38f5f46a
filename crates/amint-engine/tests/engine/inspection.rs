//! Scrub and inspection, on a small real file system.

use amint_cloud::sim::MemoryDisk;
use amint_event::{EventKind, ExitClass};
use amint_harden::tracer::Tracers;
use amint_inspect::BlockSource;

use crate::support::{DELETED, Simulation, full_plan, sealed};

fn bytes(disk: &MemoryDisk) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(disk.size()).expect("a small disk")];
    disk.read_at(0, &mut bytes).expect("inside the disk");
    bytes
}

fn contains(disk: &MemoryDisk, text: &str) -> bool {
    bytes(disk)
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[test]
fn what_was_deleted_is_gone_and_what_was_not_is_there() {
    assert!(
        contains(&sealed(), DELETED),
        "else this test proves nothing"
    );
    let simulated = Simulation::new(full_plan()).run();
    let disk = simulated.image_disk.expect("an image");
    assert!(!contains(&disk, DELETED));
    assert!(contains(&disk, "build=01testbuild"));
    assert!(!disk.discarded().is_empty());
}

#[test]
fn a_tracer_on_the_disk_fails_the_build_and_leaves_no_image() {
    let mut simulation = Simulation::new(full_plan());
    let tracer = Tracers::derive(&simulation.options.tracer_seed)
        .patterns()
        .remove(0);
    // In a live file: the scrub cannot take it away.
    let mut disk = bytes(&sealed());
    let place = disk
        .windows(10)
        .position(|window| window == b"HOME_URL=h")
        .expect("a file");
    disk[place + 10..place + 10 + tracer.len()].copy_from_slice(&tracer);
    simulation.disk = MemoryDisk::new(disk);
    let simulated = simulation.run();

    simulated.assert_clean_slate("a tracer survived");
    assert_eq!(simulated.exit(), ExitClass::Findings);
    let inspection = simulated
        .summary
        .inspection
        .as_ref()
        .expect("what was found");
    let rules: Vec<&str> = inspection.findings.iter().map(|one| one.rule).collect();
    assert_eq!(rules, ["MP-CLEAN-004"]);
    assert!(
        simulated.chain().contains("MP-CLEAN-004"),
        "{}",
        simulated.chain()
    );
    let reported = simulated.events.iter().any(|event| {
        matches!(event, EventKind::FindingReported { rule, location, .. }
            if rule == "MP-CLEAN-004" && location == "/etc/os-release")
    });
    assert!(reported, "{:#?}", simulated.events);
}

#[test]
fn a_disk_without_this_builds_marker_fails_the_build() {
    let mut simulation = Simulation::new(full_plan());
    simulation.plan.build_id = "01otherbuild".to_owned();
    let simulated = simulation.run();
    simulated.assert_clean_slate("another build's seal");
    assert_eq!(simulated.exit(), ExitClass::Findings);
    assert!(
        simulated.chain().contains("AMINT-SEAL-001"),
        "{}",
        simulated.chain()
    );
}

#[test]
fn a_disk_of_random_bytes_is_never_clean() {
    let noise: Vec<u8> = (0..4_000_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let mut simulation = Simulation::new(full_plan());
    simulation.disk = MemoryDisk::new(noise);
    let simulated = simulation.run();
    simulated.assert_clean_slate("no file system");
    assert!(
        matches!(
            simulated.exit(),
            ExitClass::Findings | ExitClass::Unreadable
        ),
        "{}",
        simulated.chain()
    );
}
