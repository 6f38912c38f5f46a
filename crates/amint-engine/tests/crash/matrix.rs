//! Every call of every phase, and every record of the journal: a process that dies there, and what comes then.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use amint_cloud::ErrorKind;
use amint_cloud::sim::{self, Fault, Hook};
use amint_event::Outcome;

use crate::disk;
use crate::lab::{Death, Lab, Torn};
use crate::schedule::Aftermath;
use crate::styles::{STYLES, Style};
use crate::verdicts::{AFTERMATHS, assert_clean, assert_result, assert_resumes};

/// How many calls a build makes, and how many records it writes.
async fn counts(style: Style, folder: &Path) -> (usize, usize) {
    let lab = style.lab(folder);
    let life = lab.process(Death::default(), None).await;
    let summary = life.summary.expect("nobody kills it");
    assert_eq!(summary.outcome, Outcome::Succeeded, "{:?}", summary.error);
    assert_result(style, &lab, "nothing went wrong");
    let records = lab.text().split(|byte| *byte == b'\n').count() - 1;
    let calls = lab.cloud.calls().len();
    assert!(
        calls > 40 && records > 25,
        "{calls} calls, {records} records"
    );
    (calls, records)
}

/// Runs `case` in a simulation, with a folder of its own.
fn simulate(case: impl AsyncFnOnce(&Path)) {
    let folder = disk::memory_folder().expect("a temporary folder");
    sim::run(case(folder.path())).expect("a runtime");
}

async fn dies_at_call(style: Style, folder: &Path, call: usize, after: bool) -> Lab {
    let lab = style.lab(folder);
    let death = Death::default();
    let fault = match after {
        false => Fault::Before(death.hook()),
        true => Fault::After(death.hook()),
    };
    lab.cloud.fail_at(call, fault);
    let life = lab.process(death, None).await;
    assert!(life.summary.is_none(), "it died at call {call}");
    lab
}

#[test]
fn a_process_dies_at_a_call() {
    simulate(async |folder| {
        for style in STYLES {
            let (calls, _) = counts(style, folder).await;
            for call in 1..=calls {
                for after in [false, true] {
                    let context = format!("{style:?}: dies at call {call} (after: {after})");
                    let lab = dies_at_call(style, folder, call, after).await;
                    assert_resumes(style, &lab, &context).await;
                    for aftermath in [Aftermath::Cleanup, Aftermath::Nothing] {
                        let lab = dies_at_call(style, folder, call, after).await;
                        assert_clean(&lab, aftermath, &context).await;
                    }
                }
            }
        }
    });
}

#[test]
fn a_process_dies_at_a_record() {
    simulate(async |folder| {
        for style in STYLES {
            let (_, records) = counts(style, folder).await;
            for record in 0..records {
                for torn in [Torn::Nothing, Torn::Half, Torn::Whole] {
                    let context =
                        format!("{style:?}: dies at record {record}, {torn:?} of it written");
                    let lab = style.lab(folder);
                    lab.process(Death::default(), Some((record, torn))).await;
                    assert_resumes(style, &lab, &context).await;
                    for aftermath in [Aftermath::Cleanup, Aftermath::Nothing] {
                        let lab = style.lab(folder);
                        lab.process(Death::default(), Some((record, torn))).await;
                        assert_clean(&lab, aftermath, &context).await;
                    }
                }
            }
        }
    });
}

/// The one that goes on may die too, and so may the next.
#[test]
fn each_process_dies_a_little_later_than_the_one_before() {
    simulate(async |folder| {
        for style in STYLES {
            for stride in [1, 2, 3, 5] {
                let lab = style.lab(folder);
                for _ in 0..200 {
                    if lab.journal(&Death::default(), None).is_finished() {
                        break;
                    }
                    lab.process(Death::default(), Some((stride, Torn::Whole)))
                        .await;
                }
                let context = format!("{style:?}: each writes {} records", stride + 1);
                assert_resumes(style, &lab, &context).await;
            }
        }
    });
}

/// What a process cannot give back when it fails, the next clean-up can.
#[test]
fn a_build_that_cannot_give_back_is_cleaned_up_later() {
    let faults = [
        Fault::FailBefore(ErrorKind::Other),
        Fault::FailAfter(ErrorKind::Other),
        Fault::Hang,
        Fault::HangAfter,
    ];
    simulate(async |folder| {
        for style in STYLES {
            let (calls, _) = counts(style, folder).await;
            for fault in &faults {
                for call in 1..=calls {
                    for aftermath in AFTERMATHS {
                        let lab = style.lab(folder);
                        let denied = ErrorKind::Denied { action: None };
                        lab.cloud.fail_at(call, fault.clone());
                        lab.cloud.fail_always("release", Fault::FailBefore(denied));
                        lab.process(Death::default(), None).await;
                        let context = format!("{style:?}: {fault:?} at call {call}, no releases");
                        assert_clean(&lab, aftermath, &context).await;
                        // The next begins without it.
                        let _ = std::fs::remove_file(&lab.manifest);
                    }
                }
            }
        }
    });
}

/// Between two processes, and while one is at work. Waits go by another clock.
#[test]
fn a_clock_that_jumps_is_no_obstacle() {
    simulate(async |folder| {
        for style in STYLES {
            let (calls, records) = counts(style, folder).await;
            for seconds in [-1800_i64, 1800] {
                for record in (0..records).step_by(3) {
                    let lab = style.lab(folder);
                    lab.process(Death::default(), Some((record, Torn::Whole)))
                        .await;
                    lab.ahead.store(seconds, Ordering::Relaxed);
                    let context = format!("{style:?}: {seconds} s ahead after record {record}");
                    assert_resumes(style, &lab, &context).await;
                }
                for call in (1..=calls).step_by(5) {
                    let lab = Arc::new(style.lab(folder));
                    let jumping = lab.clone();
                    let jump = Hook::new(move || jumping.ahead.store(seconds, Ordering::Relaxed));
                    lab.cloud.fail_at(call, Fault::Before(jump));
                    let context = format!("{style:?}: {seconds} s ahead at call {call}");
                    assert_resumes(style, &lab, &context).await;
                    lab.cloud.heal();
                }
            }
        }
    });
}

/// What could not be written then is not followed by what could be written later: the journal stays one of a build that
/// died there.
#[test]
fn a_disk_that_is_full_for_a_moment_leaves_a_journal() {
    simulate(async |folder| {
        for style in STYLES {
            let (_, records) = counts(style, folder).await;
            for record in 1..records {
                for aftermath in AFTERMATHS {
                    let lab = style.lab(folder);
                    *lab.full.lock().expect("nobody panicked") = Some(record);
                    let life = lab.process(Death::default(), None).await;
                    let summary = life.summary.expect("nobody kills it");
                    let context =
                        format!("{style:?}: full at record {record}: {:?}", summary.error);
                    let lines = lab.text().split(|byte| *byte == b'\n').count() - 1;
                    assert_eq!(lines, record, "{context}");
                    assert_eq!(summary.left, [], "{context}");
                    assert_clean(&lab, aftermath, &context).await;
                    let _ = std::fs::remove_file(&lab.manifest);
                }
            }
        }
    });
}

#[test]
fn an_unwind_that_dies_is_finished_by_the_next_process() {
    simulate(async |folder| {
        for style in STYLES {
            let fails = || {
                let lab = style.lab(folder);
                lab.cloud
                    .reply("step-01", amint_cloud::sim::Reply::exit(3, "no\n"));
                lab
            };
            let lab = fails();
            lab.process(Death::default(), None).await;
            let records = lab.text().split(|byte| *byte == b'\n').count() - 1;
            for record in 0..records {
                let lab = fails();
                lab.process(Death::default(), Some((record, Torn::Whole)))
                    .await;
                if lab.journal(&Death::default(), None).is_finished() {
                    continue;
                }
                let context = format!("{style:?}: dies at record {record}");
                let life = lab.process(Death::default(), None).await;
                let summary = life.summary.expect("nobody kills it");
                assert_eq!(summary.exit, amint_event::ExitClass::Step, "{context}");
                assert_eq!(
                    (summary.left, lab.cloud.live()),
                    (vec![], vec![]),
                    "{context}"
                );
            }
        }
    });
}
