// Builds on simulated accounts, one a pattern.

use std::error::Error;
use std::time::Duration;

use amint_cloud::sim::{self, Delays, Reply, SimClock, SimCloud, SimOptions};
use amint_cloud::{Pace, WaitFor};

use crate::lateness::{Late, Summary};
use crate::pattern::Pattern;
use crate::{build, disk};

/// How long a call takes, in milliseconds.
pub(crate) const LATENCY: (u64, u64) = (20, 120);

/// How late the waits of so many builds are noticed.
pub(crate) fn patterns(count: u64) -> Result<Summary, Box<dyn Error>> {
    let plan = build::plan(1)?;
    let folder = disk::memory_folder()?;
    let mut summary = Summary::default();
    for seed in 0..count {
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
    Ok(summary)
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
    let step = Reply {
        duration,
        ..Reply::ok()
    };
    cloud.reply("step-", step);
    cloud
}
