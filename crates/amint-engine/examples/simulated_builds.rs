//! How long whole builds take on the simulated cloud, in real time: one after the other, then as many in flight at
//! once, on one thread. The manifests go to memory where that is possible, so that this measures the engine and not
//! the disk's syncs:
//! `cargo run --release -p amint-engine --example simulated_builds -- 1000 200`

#![allow(clippy::print_stdout)]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use amint_cloud::sim::{self, SimClock, SimCloud, SimOptions};
use amint_plan::BuildPlan;
use tokio::task::{JoinSet, LocalSet};

#[path = "support/build.rs"]
mod build;
#[path = "support/disk.rs"]
mod disk;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default| arguments.next().map_or(Ok(default), |text| text.parse());
    let (builds, at_once): (u32, u32) = (number(200)?, number(200)?);
    let plan = build::plan(5)?;
    let folder = disk::memory_folder()?;
    // The disk is made once, by programs of their own.
    disk::sealed();

    let mut slowest = 0;
    let start = Instant::now();
    for _ in 0..builds {
        let one = Instant::now();
        sim::run(async {
            alone(&plan, SimClock::start(), folder.path().join("alone.json")).await
        })??;
        slowest = slowest.max(one.elapsed().as_micros());
    }
    let each = start.elapsed().as_micros() / u128::from(builds.max(1));
    println!("{builds} builds: {each} µs each, the slowest {slowest} µs");

    let before = peak();
    let start = Instant::now();
    sim::run(LocalSet::new().run_until(together(Rc::new(plan), at_once, folder.path())))??;
    let wall = start.elapsed();
    let each = wall.as_micros() / u128::from(at_once.max(1));
    println!(
        "{at_once} builds in flight, one thread: {} ms, {each} µs each",
        wall.as_millis()
    );
    if let (Some(before), Some(after)) = (before, peak()) {
        let each = (after.saturating_sub(before)) / u64::from(at_once.max(1));
        println!("peak memory: {after} KiB, {before} KiB before; {each} KiB for each in flight");
    }
    Ok(())
}

async fn alone(plan: &BuildPlan, clock: SimClock, manifest: PathBuf) -> Result<(), String> {
    let mut options = SimOptions::new(disk::sealed());
    options.account = true;
    let cloud = SimCloud::new(clock, options);
    build::answer(&cloud);
    build::run(plan, &cloud, &clock, manifest).await
}

async fn together(plan: Rc<BuildPlan>, builds: u32, folder: &Path) -> Result<(), String> {
    let clock = SimClock::start();
    let mut running = JoinSet::new();
    for number in 0..builds {
        let (plan, manifest) = (plan.clone(), folder.join(format!("{number}.json")));
        running.spawn_local(async move { alone(&plan, clock, manifest).await });
    }
    while let Some(ended) = running.join_next().await {
        ended.map_err(|error| error.to_string())??;
    }
    Ok(())
}

/// The most memory that this process has had, in KiB.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
