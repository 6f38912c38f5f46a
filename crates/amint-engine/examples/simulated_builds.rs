//! How long a whole build takes on the simulated cloud, in real time. The manifest goes to memory where
//! that is possible, so that this measures the engine and not the disk's syncs:
//! `cargo run --release -p amint-engine --example simulated_builds -- 1000`

#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

use amint_cloud::sim::{self, Reply, SimClock, SimCloud, SimOptions};
use amint_engine::{Cancel, Journal, Options, execute};
use amint_event::{Event, Outcome};
use amint_plan::{
    Action, Base, BuildPlan, Builder, Image, LocalMachine, Machine, Publish, RecipeSource, Seal,
    Step,
};

#[path = "support/disk.rs"]
mod disk;

fn main() -> Result<(), Box<dyn Error>> {
    let builds: u32 = match std::env::args().nth(1) {
        Some(argument) => argument.parse()?,
        None => 200,
    };
    let plan = plan().ok_or("the first profile is there")?;
    let folder = disk::memory_folder()?;
    let manifest = folder.path().join("manifest.json");
    let options = Options::new([1; 32], manifest, "bench".to_owned());
    // The disk is made once, by programs of their own.
    disk::sealed();
    let mut slowest = 0;
    let start = Instant::now();
    for _ in 0..builds {
        let one = Instant::now();
        sim::run(build(&plan, &options))??;
        slowest = slowest.max(one.elapsed().as_micros());
    }
    let each = start.elapsed().as_micros() / u128::from(builds.max(1));
    println!("{builds} builds: {each} µs each, the slowest {slowest} µs");
    Ok(())
}

async fn build(plan: &BuildPlan, options: &Options) -> Result<(), String> {
    let clock = SimClock::start();
    let cloud = SimCloud::new(clock, SimOptions::new(disk::sealed()));
    cloud.reply("ready", Reply::exit(0, "prepared\nboot-id {boot-id}\n"));
    cloud.reply("seal", Reply::power_off());
    let (mut journal, cancel) = (Journal::memory(), Cancel::new());
    let mut sink = |_: &Event| Ok(());
    let summary = execute(
        plan,
        &cloud,
        &clock,
        &mut journal,
        &cancel,
        options,
        &mut sink,
    )
    .await;
    match summary.outcome {
        Outcome::Succeeded => Ok(()),
        Outcome::Failed | Outcome::Cancelled => Err(format!("{:?}", summary.error)),
    }
}

fn plan() -> Option<BuildPlan> {
    let script = |index: usize| Step {
        index,
        name: format!("step {index}"),
        kind: "shell".to_owned(),
        timeout_seconds: 60,
        actions: vec![Action::Run {
            script: "true".to_owned(),
        }],
    };
    Some(BuildPlan {
        build_id: disk::BUILD.to_owned(),
        digest: "d".repeat(64),
        recipe: RecipeSource {
            file: "bench.yaml".to_owned(),
            sha256: "a".repeat(64),
            name: "bench".to_owned(),
            version: "1".to_owned(),
        },
        variables: BTreeMap::new(),
        base: Base::Debian {
            release: "bookworm".to_owned(),
        },
        builder: Builder {
            timeout_seconds: 3600,
            machine: Machine::Local(LocalMachine {
                vcpus: 2,
                memory_mib: 1024,
                network: false,
            }),
        },
        steps: (1..=5).map(script).collect(),
        seal: Seal {
            profile: amint_harden::profile("marketplace-linux")?.reference(),
            steps: Vec::new(),
            application_logs: Vec::new(),
        },
        image: Image {
            name: "bench".to_owned(),
            description: String::new(),
            tags: BTreeMap::new(),
            imds_v2: false,
            publish: Publish::default(),
        },
        waivers: Vec::new(),
    })
}
