//! How late waits are noticed, in the simulated cloud's virtual time: builds on an account whose phases take 5 seconds to
//! 10 minutes, with and without percentages, steady and uneven:
//! `cargo run --release -p amint-engine --example simulated_waits -- 3000`

#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Duration;

use amint_cloud::sim::{self, Delays, Reply, SimClock, SimCloud, SimOptions};
use amint_cloud::{Pace, WaitFor};

#[path = "support/build.rs"]
mod build;
#[path = "support/disk.rs"]
mod disk;
#[path = "support/lateness.rs"]
mod lateness;
#[path = "support/pattern.rs"]
mod pattern;

use lateness::{Late, Summary};
use pattern::Pattern;

/// How long a call takes, in milliseconds.
const LATENCY: (u64, u64) = (20, 120);

fn main() -> Result<(), Box<dyn Error>> {
    let patterns: u64 = match std::env::args().nth(1) {
        Some(argument) => argument.parse()?,
        None => 1000,
    };
    let plan = build::plan(1)?;
    let folder = disk::memory_folder()?;
    let mut summary = Summary::default();
    for seed in 0..patterns {
        let pattern = Pattern::of(seed);
        let late = sim::run(async {
            let clock = SimClock::start();
            let cloud = cloud(clock, &pattern);
            let manifest = folder.path().join("manifest.json");
            build::run(&plan, &cloud, &clock, manifest).await?;
            Ok::<Late, String>(Late::of(&cloud.effects(), &pattern))
        })?;
        let late = late.map_err(|error| format!("pattern {seed}: {error}"))?;
        summary.add(seed, late);
    }
    let (least, most) = LATENCY;
    println!("{patterns} patterns, phases of 5 s to 10 min, calls of {least} to {most} ms");
    println!("{summary}");
    match summary.violations() {
        0 => Ok(()),
        violations => Err(format!("{violations} waits were noticed too late").into()),
    }
}

fn cloud(clock: SimClock, pattern: &Pattern) -> SimCloud {
    let mut options = SimOptions::new(disk::sealed());
    options.seed = pattern.seed;
    options.account = true;
    options.latency = Duration::from_millis(LATENCY.0)..=Duration::from_millis(LATENCY.1);
    options.pace = (
        Pace::of_account(WaitFor::State),
        Pace::of_account(WaitFor::Command),
    );
    options.delays = Delays {
        boot: Some(pattern.boot),
        stopping: pattern.stopping,
        capture: pattern.capture,
        snapshot: pattern.snapshot,
        progress: pattern.progress,
        ..Delays::default()
    };
    let cloud = SimCloud::new(clock, options);
    build::answer(&cloud);
    let duration = Some(pattern.command);
    cloud.reply(
        "step-",
        Reply {
            duration,
            ..Reply::ok()
        },
    );
    cloud
}
