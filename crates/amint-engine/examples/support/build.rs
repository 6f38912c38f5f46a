// One build on the simulated cloud, in virtual time.

use std::collections::BTreeMap;
use std::path::PathBuf;

use amint_cloud::Clock;
use amint_cloud::sim::{Reply, SimClock, SimCloud};
use amint_engine::{Cancel, Journal, Options, execute};
use amint_event::{Event, Outcome};
use amint_plan::{
    Action, Base, BuildPlan, Builder, Image, LocalMachine, Machine, Publish, RecipeSource, Seal,
    Step,
};

use crate::disk;

/// How long the builder and each step may take, in seconds.
const LIMIT: u64 = 4 * 3600;

/// What the simulated builder answers to the engine's own commands.
pub(crate) fn answer(cloud: &SimCloud) {
    cloud.reply("ready", Reply::exit(0, "prepared\nboot-id {boot-id}\n"));
    cloud.reply("seal", Reply::power_off());
}

/// The build of `plan`, to its end.
#[allow(dead_code, reason = "not every example needs it")]
pub(crate) async fn run(
    plan: &BuildPlan,
    cloud: &SimCloud,
    clock: &SimClock,
    manifest: PathBuf,
) -> Result<(), String> {
    let (mut journal, cancel) = (Journal::memory(), Cancel::new());
    let options = Options::new([1; 32], manifest, "bench".to_owned());
    let clock: &dyn Clock = clock;
    let mut sink = |_: &Event| Ok(());
    let summary = execute(
        plan,
        cloud,
        clock,
        &mut journal,
        &cancel,
        &options,
        &mut sink,
    )
    .await;
    match summary.outcome {
        Outcome::Succeeded => Ok(()),
        Outcome::Failed | Outcome::Cancelled => Err(format!("{:?}", summary.error)),
    }
}

/// A plan with so many steps.
pub(crate) fn plan(steps: usize) -> Result<BuildPlan, &'static str> {
    let script = |index: usize| Step {
        index,
        name: format!("step {index}"),
        kind: "shell".to_owned(),
        timeout_seconds: LIMIT,
        actions: vec![Action::Run {
            script: "true".to_owned(),
        }],
    };
    let profile = amint_harden::profile("marketplace-linux").ok_or("the first profile is there")?;
    Ok(BuildPlan {
        build_id: disk::BUILD.to_owned(),
        digest: "d".repeat(64),
        recipe: RecipeSource {
            file: "bench.yaml".to_owned(),
            sha256: "a".repeat(64),
            name: "bench".to_owned(),
            version: "1".to_owned(),
        },
        matrix: Default::default(),
        variables: BTreeMap::new(),
        secrets: Vec::new(),
        base: Base::Debian {
            release: "bookworm".to_owned(),
        },
        locked: None,
        builder: Builder {
            timeout_seconds: LIMIT,
            machine: Machine::Local(LocalMachine {
                vcpus: 2,
                memory_mib: 1024,
                network: false,
            }),
        },
        steps: (1..=steps).map(script).collect(),
        seal: Seal {
            profile: profile.reference(),
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

/// A step with a file that is too large for the commands of a simulated account.
#[allow(dead_code, reason = "not every example needs it")]
pub(crate) fn large_file(index: usize) -> Step {
    let content = vec![b'x'; 10_001];
    Step {
        index,
        name: "large file".to_owned(),
        kind: "file".to_owned(),
        timeout_seconds: LIMIT,
        actions: vec![Action::Upload {
            to: "/opt/large".to_owned(),
            owner: None,
            group: None,
            mode: 0o644,
            sha256: "f".repeat(64),
            size: content.len() as u64,
            content,
        }],
    }
}

/// The same plan, with all that an account can do with an image.
#[allow(dead_code, reason = "not every example needs it")]
pub(crate) fn published(mut plan: BuildPlan) -> BuildPlan {
    plan.image.publish = Publish {
        copy_to: vec!["eu-west-1".to_owned()],
        accounts: vec!["123456789012".to_owned()],
        deprecate_after_seconds: Some(86_400),
        parameter: Some("/images/bench".to_owned()),
        keep_last: Some(2),
        ..Publish::default()
    };
    plan
}
