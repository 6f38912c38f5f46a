//! The journal: before the effects, and when it cannot be written.

use std::io;
use std::sync::{Arc, Mutex};

use amint_cloud::ResourceKind;
use amint_cloud::sim::{Fault, Hook};
use amint_engine::journal::{Journal, JournalStore, Record};
use amint_event::ExitClass;

use crate::support::{Simulation, full_plan};

/// Takes so many lines, and then the disk is full.
struct Full(usize);

impl JournalStore for Full {
    fn append(&mut self, _line: &[u8]) -> io::Result<()> {
        self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
        Ok(())
    }
}

#[test]
fn a_full_disk_fails_the_build_cleanly_at_any_record() {
    let records = Simulation::new(full_plan()).run().journal.entries().len();
    let kept = Simulation::new(full_plan())
        .run()
        .journal
        .entries()
        .iter()
        .position(|entry| matches!(entry.record, Record::Published { .. }))
        .expect("the image is kept");
    for room in 0..records {
        let simulated = Simulation::new(full_plan())
            .journal_in(Box::new(Full(room)))
            .run();
        simulated.assert_clean_slate(&format!("room for {room} records"));
        if room <= kept {
            assert_eq!(
                simulated.exit(),
                ExitClass::Preflight,
                "room for {room} records"
            );
            let error = simulated.summary.error.as_ref().expect("it failed");
            assert_eq!(error.hint().as_deref(), Some("make room on that disk"));
        } else {
            assert_eq!(
                simulated.exit(),
                ExitClass::Success,
                "room for {room} records"
            );
        }
    }
}

/// Keeps the lines where others can see them.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<String>>);

impl JournalStore for Shared {
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        self.0
            .lock()
            .expect("nobody panicked")
            .push_str(&String::from_utf8_lossy(line));
        Ok(())
    }
}

#[test]
fn an_intent_is_written_before_its_effect_and_an_id_before_any_wait() {
    // What the journal holds when these calls begin.
    for (call, lines) in [
        (
            "launch",
            r#""record":"intent","phase":"launch","kind":"builder""#,
        ),
        ("set_on_power_off", r#""record":"acquired""#),
        (
            "capture",
            r#""record":"intent","phase":"capture","kind":"image""#,
        ),
        ("image_state", r#""kind":"image","id":"sim-image-0""#),
    ] {
        let journal = Shared::default();
        let (seen, read) = (Arc::new(Mutex::new(None)), journal.clone());
        let into = seen.clone();
        let hook = Hook::new(move || {
            *into.lock().expect("nobody panicked") =
                Some(read.0.lock().expect("nobody panicked").clone());
        });
        Simulation::new(full_plan())
            .journal_in(Box::new(journal))
            .fault(call, 1, Fault::Before(hook))
            .run();
        let text = seen
            .lock()
            .expect("nobody panicked")
            .take()
            .expect("the call was made");
        assert!(text.contains(lines), "{call}: {text}");
    }
}

#[test]
fn a_build_ends_with_nothing_open() {
    let simulated = Simulation::new(full_plan()).run();
    let records: Vec<&Record> = simulated
        .journal
        .entries()
        .iter()
        .map(|entry| &entry.record)
        .collect();
    let released = |kind| {
        records
            .iter()
            .any(|one| matches!(one, Record::Released { kind: k, .. } if *k == kind))
    };
    assert!(
        released(ResourceKind::Builder) && !released(ResourceKind::Image),
        "{records:#?}"
    );
    assert!(
        matches!(records.last(), Some(Record::Finished { .. })),
        "{records:#?}"
    );
}

#[test]
fn the_output_of_steps_is_kept_beside_the_journal() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut simulation =
        Simulation::new(full_plan()).reply("step-01", amint_cloud::sim::Reply::exit(0, "one\ntwo"));
    simulation.journal = Journal::create(folder.path(), &simulation.plan).expect("a journal");
    simulation.run();
    let log = std::fs::read_to_string(folder.path().join("steps/01-install.log"));
    assert_eq!(log.expect("a log"), "one\ntwo");
}

#[test]
fn a_step_whose_log_cannot_be_written_fails_the_build_cleanly() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut simulation = Simulation::new(full_plan());
    simulation.journal = Journal::create(folder.path(), &simulation.plan).expect("a journal");
    std::fs::write(folder.path().join("steps"), "not a folder").expect("a file");
    let simulated = simulation.run();
    simulated.assert_clean_slate("no log");
    assert!(
        simulated.chain().contains("steps/01-install.log"),
        "{}",
        simulated.chain()
    );
}
