use std::collections::BTreeMap;

use amint_cloud::ResourceKind;
use amint_event::{Outcome, Phase};
use amint_plan::{
    Base, BuildPlan, Builder, Image, LocalMachine, Machine, Publish, RecipeSource, Seal,
};
use jiff::Timestamp;

use super::*;

fn plan() -> BuildPlan {
    BuildPlan {
        build_id: "b1".into(),
        digest: "d1".into(),
        recipe: RecipeSource {
            file: "r.yaml".into(),
            sha256: String::new(),
            name: "r".into(),
            version: "1".into(),
        },
        variables: BTreeMap::new(),
        base: Base::Debian {
            release: "bookworm".into(),
        },
        builder: Builder {
            timeout_seconds: 600,
            machine: Machine::Local(LocalMachine {
                vcpus: 1,
                memory_mib: 512,
                network: false,
            }),
        },
        steps: Vec::new(),
        seal: Seal {
            profile: "p@1".into(),
            steps: Vec::new(),
            application_logs: Vec::new(),
        },
        image: Image {
            name: "i".into(),
            description: String::new(),
            tags: BTreeMap::new(),
            imds_v2: false,
            publish: Publish::default(),
        },
        waivers: Vec::new(),
    }
}

fn phase_done(phase: Phase) -> Record {
    Record::PhaseFinished {
        phase,
        outcome: Outcome::Succeeded,
        duration_ms: 1,
        handed: None,
    }
}

const AT: Timestamp = Timestamp::UNIX_EPOCH;

#[test]
fn every_record_is_a_line_after_a_versioned_header() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut journal = Journal::create(dir.path(), &plan()).expect("a new journal");
    journal
        .intend(AT, Phase::Launch, ResourceKind::Builder, "t1")
        .expect("legal");
    journal
        .acquired(AT, "t1", ResourceKind::Builder, "vm-1")
        .expect("legal");
    journal
        .released(AT, ResourceKind::Builder, "vm-1")
        .expect("legal");
    journal.finished(AT, Outcome::Succeeded).expect("legal");

    let text = std::fs::read_to_string(dir.path().join("journal.jsonl")).expect("it was written");
    let mut lines = text.lines();
    let header: Header = serde_json::from_str(lines.next().expect("a header")).expect("JSON");
    assert_eq!(
        header,
        Header {
            journal: "amint.journal/2".into(),
            ..Header::new(&plan())
        }
    );
    let entries: Vec<Entry> = lines
        .map(|line| serde_json::from_str(line).expect("an entry"))
        .collect();
    assert_eq!(entries, journal.entries());
    let written = std::fs::read_to_string(dir.path().join("plan.json")).expect("the plan");
    assert_eq!(
        serde_json::from_str::<BuildPlan>(&written).expect("a plan"),
        plan()
    );
}

#[test]
fn a_folder_takes_one_journal_only() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    Journal::create(dir.path(), &plan()).expect("a new journal");
    let second = Journal::create(dir.path(), &plan()).map(|_| ());
    let error = second.expect_err("it exists");
    assert!(error.to_string().ends_with("journal.jsonl"), "{error}");
}

#[test]
fn a_path_that_is_a_file_is_named_in_the_error() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = dir.path().join("file");
    std::fs::write(&file, "").expect("a file");
    let error = Journal::create(&file, &plan())
        .map(|_| ())
        .expect_err("not a folder");
    assert_eq!(
        error.to_string(),
        format!("cannot write the journal {}", file.display())
    );
}

#[test]
fn illegal_transitions_are_refused() {
    type Attempt = fn(&mut Journal) -> Result<(), JournalError>;
    let attempts: [(&str, Attempt); 7] = [
        ("there is no intent", |j| {
            j.acquired(AT, "no", ResourceKind::Image, "i")
        }),
        ("its intent is settled", |j| {
            j.acquired(AT, "t1", ResourceKind::Builder, "other")
        }),
        ("another kind", |j| {
            j.intend(AT, Phase::Capture, ResourceKind::Image, "t2")?;
            j.acquired(AT, "t2", ResourceKind::Builder, "x")
        }),
        ("used before", |j| {
            j.intend(AT, Phase::Launch, ResourceKind::Builder, "t1")
        }),
        ("not owned", |j| j.released(AT, ResourceKind::Image, "vm-1")),
        ("later phase", |j| {
            j.record(AT, phase_done(Phase::Connect))?;
            j.record(AT, phase_done(Phase::Launch))
        }),
        ("has finished", |j| {
            j.finished(AT, Outcome::Failed)?;
            j.record(AT, Record::Resumed)
        }),
    ];
    for (expected, attempt) in attempts {
        let mut journal = Journal::memory();
        journal
            .intend(AT, Phase::Launch, ResourceKind::Builder, "t1")
            .expect("legal");
        journal
            .acquired(AT, "t1", ResourceKind::Builder, "vm-1")
            .expect("legal");
        let error = attempt(&mut journal).expect_err(expected);
        let JournalError::Illegal(illegal) = error else {
            panic!("{expected}: {error}");
        };
        assert!(illegal.reason.contains(expected), "{expected}: {illegal}");
    }
}

#[test]
fn what_exists_is_held_even_when_it_cannot_be_written() {
    struct Full(usize);
    impl JournalStore for Full {
        fn append(&mut self, _line: &[u8]) -> std::io::Result<()> {
            self.0 = self
                .0
                .checked_sub(1)
                .ok_or(std::io::ErrorKind::StorageFull)?;
            Ok(())
        }
    }
    let mut journal = Journal::with_store(Box::new(Full(1)));
    journal
        .intend(AT, Phase::Launch, ResourceKind::Builder, "t1")
        .expect("room for one");
    journal
        .acquired(AT, "t1", ResourceKind::Builder, "vm-1")
        .expect_err("full");
    assert_eq!(journal.held(), [(ResourceKind::Builder, "vm-1".to_owned())]);

    journal
        .intend(AT, Phase::Capture, ResourceKind::Image, "t2")
        .expect_err("full");
    assert!(
        journal.open_intents().is_empty(),
        "no effect follows an intent that was not written"
    );
}
