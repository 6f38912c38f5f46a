//! Random schedules. `AMINT_SEED=n` runs one again.

use amint_cloud::sim;

use crate::disk;
use crate::schedule::{self, Tally};

/// How many there are.
const SCHEDULES: u64 = 100_000;
/// One thread each.
const THREADS: u64 = 2;

#[test]
fn nothing_is_left_after_any_schedule() {
    let only = std::env::var("AMINT_SEED").ok();
    let only: Option<u64> = only.map(|text| text.parse().expect("a number"));
    // The disk is made once.
    disk::small();
    let run = |first: u64, step: u64, end: u64| {
        let folder = disk::memory_folder().expect("a temporary folder");
        let simulated = sim::run(async {
            let mut tally = Tally::default();
            for seed in (first..end).step_by(step as usize) {
                match schedule::run(seed, folder.path()).await {
                    Ok(one) => tally += one,
                    Err(error) => panic!("{error}; run it again with AMINT_SEED={seed}"),
                }
            }
            tally
        });
        simulated.expect("a runtime")
    };
    if let Some(seed) = only {
        run(seed, 1, seed + 1);
        return;
    }
    let tally = std::thread::scope(|scope| {
        let start = |thread| scope.spawn(move || run(thread, THREADS, SCHEDULES));
        let threads: Vec<_> = (0..THREADS).map(start).collect();
        let mut tally = Tally::default();
        for thread in threads {
            match thread.join() {
                Ok(one) => tally += one,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        tally
    });
    // Each of them is about something.
    let parts = [
        tally.faults,
        tally.deaths,
        tally.resumed,
        tally.cleaned,
        tally.swept,
        tally.published,
    ];
    assert!(parts.iter().all(|part| *part > SCHEDULES / 50), "{tally:?}");
}
