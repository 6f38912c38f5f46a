//! Any prefix of any journal: it is readable, and its build can be cleaned up by it.

use std::time::Duration;

use amint_cloud::sim::{self, Fault};
use amint_cloud::{Clock, Resource, ResourceKind};
use amint_engine::cleanup::Scope;
use amint_engine::journal::{Entry, Journal, JournalStore, Record};
use proptest::prelude::*;

use crate::disk;
use crate::lab::{Death, Lab, Torn};
use crate::styles::{STYLES, Style};

struct Nowhere;

impl JournalStore for Nowhere {
    fn append(&mut self, _line: &[u8]) -> std::io::Result<()> {
        Ok(())
    }
}

fn read(lab: &Lab, text: &[u8]) -> Journal {
    let journal = Journal::after(text, &lab.plan, Box::new(Nowhere));
    journal.expect("any prefix can be read")
}

/// A build that ended well, one that could not give back, or one that died.
async fn lived(style: Style, folder: &std::path::Path, dies: Option<usize>, fails: bool) -> Lab {
    let lab = style.lab(folder);
    if fails {
        lab.cloud.fail_always("release", Fault::Hang);
        lab.cloud.fail("command_state", 4, Fault::fail_before());
    }
    let dies = dies.map(|record| (record, Torn::Whole));
    lab.process(Death::default(), dies).await;
    lab.cloud.heal();
    lab
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_prefix_of_any_journal_is_readable_and_cleans_up(
        account in any::<bool>(),
        fails in any::<bool>(),
        dies in proptest::option::of(0_usize..50),
        cut in 0.0_f64..=1.0,
    ) {
        let style = STYLES[usize::from(account)];
        let folder = disk::memory_folder().expect("a temporary folder");
        let result = sim::run(async {
            let lab = lived(style, folder.path(), dies, fails).await;
            let whole = lab.text();
            let prefix = &whole[..(whole.len() as f64 * cut) as usize];
            // It says what its complete lines say.
            let lines = prefix.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
            let (torn, complete) = (read(&lab, prefix), read(&lab, &prefix[..lines]));
            prop_assert_eq!(torn.entries(), complete.entries());
            prop_assert_eq!(torn.held(), complete.held());
            prop_assert_eq!(torn.open_intents(), complete.open_intents());
            // What the rest of it knew, the cloud's own lists tell, a moment later.
            lab.clock.sleep(Duration::from_secs(1)).await;
            lab.set_text(prefix);
            let left = lab.clean(Scope::Build(&lab.plan.build_id)).await;
            prop_assert_eq!(left, vec![]);
            let publicity = lab.cloud.publicity();
            let public = |id: &str| publicity.get(id).is_some_and(|it| it.state.is_some());
            let live = lab.cloud.live();
            let any_public = live.iter().any(|one| public(&one.id));
            // That no list tells of, and this prefix does not either.
            let unknown = |one: &Resource| {
                let known = |entry: &Entry| {
                    matches!(&entry.record, Record::Acquired { id, .. } if *id == one.id)
                };
                one.kind == ResourceKind::StagedFile && !torn.entries().iter().any(known)
            };
            for one in &live {
                let part = any_public && one.id.starts_with("sim-snapshot");
                prop_assert!(public(&one.id) || part || unknown(one), "left: {:?}", one);
            }
            Ok(())
        });
        result.expect("a runtime")?;
    }
}

#[test]
fn a_journal_that_is_none_is_refused() {
    let folder = disk::memory_folder().expect("a temporary folder");
    let lab = sim::run(async { STYLES[0].lab(folder.path()) }).expect("a runtime");
    let error = |text: &str| {
        let journal = Journal::after(text.as_bytes(), &lab.plan, Box::new(Nowhere));
        let error = journal.map(|_| ()).expect_err("it makes no sense");
        let source = std::error::Error::source(&error).map(ToString::to_string);
        source.expect("it says why")
    };
    assert_eq!(error("notes\n"), "it is no journal of amint's");
    let header = |version| {
        format!("{{\"journal\":\"amint.journal/{version}\",\"build\":\"b\",\"plan\":\"d\"}}\n")
    };
    assert!(error(&header(9)).starts_with("it has version 9"));
    assert_eq!(error(&(header(2) + "{\"at\":1}\n")), "line 2 is damaged");
    let twice =
        "{\"at\":\"2026-01-01T00:00:00Z\",\"record\":\"finished\",\"outcome\":\"failed\"}\n";
    let text = header(2) + twice + twice;
    assert_eq!(error(&text), "line 3 cannot follow those before it");
}

/// What the first version wrote: it can be cleaned up, and not gone on with.
#[test]
fn a_journal_of_the_first_version_is_read() {
    let folder = disk::memory_folder().expect("a temporary folder");
    let lab = sim::run(async { STYLES[0].lab(folder.path()) }).expect("a runtime");
    let text = include_str!("version-1.jsonl");
    let journal = read(&lab, text.as_bytes());
    assert_eq!(journal.version(), 1);
    let held = [(ResourceKind::Builder, "vm-1".to_owned())];
    assert_eq!(journal.held(), held);
}
