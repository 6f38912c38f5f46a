use std::collections::BTreeMap;

use amint_cloud::ResourceKind;
use amint_event::{Outcome, Phase};
use amint_plan::{
    Base, BuildPlan, Builder, Image, LocalMachine, Machine, Publish, RecipeSource, Seal,
};
use jiff::Timestamp;

use sha2::Digest;

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
        matrix: Default::default(),
        variables: BTreeMap::new(),
        secrets: Vec::new(),
        base: Base::Debian {
            release: "bookworm".into(),
        },
        locked: None,
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

/// A plan that uploads `content`.
fn uploading(content: &[u8]) -> BuildPlan {
    let digest = sha2::Sha256::digest(content);
    let upload = amint_plan::Action::Upload {
        to: "/opt/app.conf".into(),
        owner: None,
        group: None,
        mode: 0o644,
        sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        size: content.len() as u64,
        content: content.to_vec(),
    };
    let step = amint_plan::Step {
        index: 1,
        name: "put".into(),
        kind: "file".into(),
        timeout_seconds: 60,
        actions: vec![upload],
    };
    BuildPlan {
        steps: vec![step],
        ..plan()
    }
}

#[test]
fn a_journal_is_gone_on_with_after_what_is_complete_of_it() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut journal = Journal::create(dir.path(), &plan()).expect("a new journal");
    journal
        .intend(AT, Phase::Launch, ResourceKind::Builder, "t1")
        .expect("legal");
    drop(journal);
    let path = dir.path().join("journal.jsonl");
    let complete = std::fs::read(&path).expect("it was written");
    let mut torn = complete.clone();
    torn.extend_from_slice(b"{\"at\":\"2026-01-01T00:00:00Z\",\"record\":\"acqu");
    std::fs::write(&path, torn).expect("it can be written");

    assert_eq!(
        Journal::look(dir.path()).expect("readable").entries().len(),
        1
    );
    let mut journal = Journal::open(dir.path()).expect("it can be gone on with");
    let open = [("t1".to_owned(), ResourceKind::Builder)];
    assert_eq!(journal.open_intents(), open);
    journal
        .acquired(AT, "t1", ResourceKind::Builder, "vm-1")
        .expect("legal");
    drop(journal);
    let text = std::fs::read(&path).expect("it is there");
    assert!(text.starts_with(&complete), "what was written stays");
    let journal = Journal::open(dir.path()).expect("nothing is torn any more");
    assert_eq!(journal.held(), [(ResourceKind::Builder, "vm-1".to_owned())]);
}

#[test]
fn a_journal_whose_header_was_cut_off_begins_again() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    drop(Journal::create(dir.path(), &plan()).expect("a new journal"));
    let path = dir.path().join("journal.jsonl");
    let header = std::fs::read(&path).expect("it was written");
    for length in [0, 1, header.len() - 1] {
        std::fs::write(&path, &header[..length]).expect("it can be written");
        drop(Journal::open(dir.path()).expect("nothing has happened"));
        assert_eq!(
            std::fs::read(&path).expect("it is there"),
            header,
            "{length}"
        );
    }
}

#[test]
fn one_process_at_a_time_is_at_work_on_a_build() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let journal = Journal::create(dir.path(), &plan()).expect("a new journal");
    assert!(Journal::is_in_use(dir.path()));
    let other = Journal::open(dir.path()).map(|_| ());
    assert!(
        matches!(other, Err(JournalError::InUse { .. })),
        "{other:?}"
    );
    Journal::look(dir.path()).expect("looking disturbs nobody");
    drop(journal);
    assert!(!Journal::is_in_use(dir.path()));
    Journal::open(dir.path()).expect("nobody is at work any more");
}

#[test]
fn what_is_uploaded_is_there_until_the_build_has_ended() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let plan = uploading(b"a=1\n");
    let mut journal = Journal::create(dir.path(), &plan).expect("a new journal");
    let mut read = read_plan(dir.path()).expect("the plan");
    assert_ne!(read, plan, "its file leaves the content out");
    restore_uploads(dir.path(), &mut read).expect("it is beside the journal");
    assert_eq!(read, plan);

    let copy = std::fs::read_dir(dir.path().join("files")).expect("a folder");
    let copy = copy.last().expect("one").expect("readable").path();
    std::fs::write(&copy, "a=2\n").expect("it can be written");
    let changed = restore_uploads(dir.path(), &mut read).expect_err("it is something else");
    assert!(
        changed.to_string().ends_with("when the build began"),
        "{changed}"
    );
    std::fs::remove_file(&copy).expect("it was there");
    restore_uploads(dir.path(), &mut read).expect_err("it is gone");

    journal.finished(AT, Outcome::Failed).expect("legal");
    assert!(!dir.path().join("files").exists());
}

#[test]
fn a_build_that_is_given_up_only_gives_back() {
    let mut journal = Journal::memory();
    journal
        .intend(AT, Phase::Launch, ResourceKind::Builder, "t1")
        .expect("legal");
    let given_up = || Record::unwinding("no".to_owned(), amint_event::ExitClass::Step);
    journal.record(AT, given_up()).expect("legal");
    let intend = journal.intend(AT, Phase::Capture, ResourceKind::Image, "t2");
    intend.expect_err("nothing is begun any more");
    journal
        .acquired(AT, "t1", ResourceKind::Builder, "vm-1")
        .expect("what was begun may turn up");
    journal.finished(AT, Outcome::Failed).expect("legal");
    // A clean-up comes later.
    journal
        .released(AT, ResourceKind::Builder, "vm-1")
        .expect("what is there may go");
    journal.record(AT, given_up()).expect_err("it has ended");
}

#[test]
fn a_clock_that_jumps_back_changes_nothing_about_the_order() {
    let mut journal = Journal::memory();
    let later = Timestamp::from_second(1_000_000).expect("a time");
    journal
        .intend(later, Phase::Launch, ResourceKind::Builder, "t1")
        .expect("legal");
    journal
        .acquired(AT, "t1", ResourceKind::Builder, "vm-1")
        .expect("an earlier time is no earlier record");
    let story = Story::of(&journal, AT);
    assert_eq!(story.builder_time, std::time::Duration::ZERO);
    assert_eq!(story.holds.len(), 1);
}
