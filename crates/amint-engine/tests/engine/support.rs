//! A plan, a disk and a simulated cloud, and what must hold after every build.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use amint_cloud::sim::{self, Fault, MemoryDisk, Publicity, Reply, SimClock, SimCloud, SimOptions};
use amint_cloud::{Clock, ImageId, OlderImage, Placement, Resource, ResourceKind};
use amint_engine::journal::{Journal, JournalStore};
use amint_engine::{Cancel, Options, SinkError, Summary, execute};
use amint_event::{Event, EventKind, ExitClass, Outcome};
use amint_plan::{
    Action, Base, BuildPlan, Builder, Image, LocalMachine, Machine, Publish, RecipeSource, Seal,
    SealStep, Step,
};

#[path = "../../examples/support/disk.rs"]
mod disk;

pub(crate) use disk::{BUILD, DELETED, sealed};

pub(crate) fn run_step(index: usize, name: &str, script: &str) -> Step {
    let actions = vec![Action::Run {
        script: script.to_owned(),
    }];
    Step {
        index,
        name: name.to_owned(),
        kind: "shell".to_owned(),
        timeout_seconds: 60,
        actions,
    }
}

pub(crate) fn upload_step(index: usize) -> Step {
    let upload = Action::Upload {
        to: "/opt/app.conf".to_owned(),
        owner: None,
        group: None,
        mode: 0o644,
        sha256: "e".repeat(64),
        size: 4,
        content: b"a=1\n".to_vec(),
    };
    Step {
        kind: "file".to_owned(),
        actions: vec![upload],
        ..run_step(index, "configure", "")
    }
}

/// A file that is too large for the commands of an account.
pub(crate) fn large_step(index: usize) -> Step {
    let upload = Action::Upload {
        to: "/opt/large".to_owned(),
        owner: None,
        group: None,
        mode: 0o644,
        sha256: "f".repeat(64),
        size: 10_001,
        content: vec![b'x'; 10_001],
    };
    Step {
        kind: "file".to_owned(),
        actions: vec![upload],
        ..run_step(index, "large", "")
    }
}

pub(crate) fn reboot_step(index: usize) -> Step {
    let (kind, actions) = ("reboot".to_owned(), vec![Action::Reboot]);
    Step {
        kind,
        actions,
        ..run_step(index, "restart", "")
    }
}

pub(crate) fn plan(steps: Vec<Step>) -> BuildPlan {
    let profile = amint_harden::profile("marketplace-linux").expect("the first profile");
    let seal_step = |step: &&amint_harden::HardeningStep| SealStep {
        id: step.id.to_owned(),
        sha256: step.digest(),
    };
    BuildPlan {
        build_id: BUILD.to_owned(),
        digest: "d".repeat(64),
        recipe: RecipeSource {
            file: "demo.yaml".to_owned(),
            sha256: "a".repeat(64),
            name: "demo".to_owned(),
            version: "1.0.0".to_owned(),
        },
        matrix: Default::default(),
        variables: BTreeMap::new(),
        secrets: Vec::new(),
        base: Base::Debian {
            release: "bookworm".to_owned(),
        },
        locked: None,
        builder: Builder {
            timeout_seconds: 3600,
            machine: Machine::Local(LocalMachine {
                vcpus: 2,
                memory_mib: 1024,
                network: true,
            }),
        },
        steps,
        seal: Seal {
            profile: profile.reference(),
            steps: profile.steps.iter().map(seal_step).collect(),
            application_logs: Vec::new(),
        },
        image: Image {
            name: "demo-1.0.0".to_owned(),
            description: String::new(),
            tags: BTreeMap::new(),
            imds_v2: false,
            publish: Publish::default(),
        },
        waivers: Vec::new(),
    }
}

/// A plan with one step of each sort.
pub(crate) fn full_plan() -> BuildPlan {
    plan(vec![
        run_step(1, "install", "true"),
        upload_step(2),
        reboot_step(3),
    ])
}

/// The parameter that names the newest image.
pub(crate) const PARAMETER: &str = "/images/demo";

/// A plan that does with its image all that an account can do.
pub(crate) fn published_plan() -> BuildPlan {
    let mut plan = full_plan();
    plan.steps.push(large_step(4));
    plan.image.publish = Publish {
        copy_to: vec!["eu-west-1".to_owned()],
        accounts: vec!["123456789012".to_owned()],
        deprecate_after_seconds: Some(86_400),
        parameter: Some(PARAMETER.to_owned()),
        keep_last: Some(2),
        ..Publish::default()
    };
    plan
}

/// Two images of earlier builds that may go, and one that may not; the newest first.
fn older_images() -> Vec<OlderImage> {
    let image = |number: i64, stays: Option<&str>| OlderImage {
        id: ImageId(format!("older-{number}")),
        name: format!("demo-0.{number}"),
        created: jiff::Timestamp::from_second(number).expect("a time"),
        stays: stays.map(str::to_owned),
    };
    let copy = |image: OlderImage| OlderImage {
        id: ImageId(format!("{}@eu-west-1", image.id.0)),
        ..image
    };
    vec![
        image(3, None),
        image(2, Some("an instance uses it")),
        image(1, None),
        copy(image(3, None)),
        copy(image(1, None)),
    ]
}

/// One build that is about to be simulated.
pub(crate) struct Simulation {
    pub(crate) plan: BuildPlan,
    pub(crate) disk: MemoryDisk,
    pub(crate) boot: Option<Duration>,
    pub(crate) journal: Journal,
    pub(crate) cancel: Cancel,
    pub(crate) options: Options,
    /// When the user interrupts, in virtual time.
    pub(crate) interrupted_after: Option<Duration>,
    /// The event at which the sink fails.
    pub(crate) sink_fails_at: Option<u64>,
    account: bool,
    places: Vec<Placement>,
    faults: Vec<(String, usize, Fault)>,
    always: Vec<(String, Fault)>,
    replies: Vec<(String, Reply)>,
    folder: tempfile::TempDir,
}

/// A build that was simulated.
pub(crate) struct Simulated {
    pub(crate) summary: Summary,
    pub(crate) events: Vec<EventKind>,
    pub(crate) times: Vec<Duration>,
    pub(crate) calls: Vec<&'static str>,
    pub(crate) live: Vec<Resource>,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// What the builders were given to run: tokens and scripts.
    pub(crate) scripts: Vec<(String, String)>,
    pub(crate) image_disk: Option<MemoryDisk>,
    pub(crate) publicity: BTreeMap<String, Publicity>,
    /// What [`PARAMETER`] names.
    pub(crate) named: Option<String>,
    pub(crate) older: Vec<String>,
    account: bool,
    pub(crate) journal: Journal,
    pub(crate) manifest_path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Simulation {
    pub(crate) fn new(plan: BuildPlan) -> Self {
        let folder = disk::memory_folder().expect("a temporary folder");
        let manifest = folder.path().join("out/manifest.json");
        Self {
            plan,
            disk: sealed(),
            boot: Some(Duration::from_secs(4)),
            journal: Journal::memory(),
            cancel: Cancel::new(),
            options: Options::new([7; 32], manifest, "0.0.0-test".to_owned()),
            interrupted_after: None,
            sink_fails_at: None,
            account: false,
            places: vec![Placement::default()],
            faults: Vec::new(),
            always: Vec::new(),
            replies: Vec::new(),
            folder,
        }
    }

    /// On an account instead of a machine.
    pub(crate) fn on_account(plan: BuildPlan) -> Self {
        Self {
            account: true,
            ..Self::new(plan)
        }
    }

    /// With two places to launch in.
    pub(crate) fn in_two_places(mut self) -> Self {
        let place = |zone: &str| Placement {
            instance_type: Some("m7i.large".to_owned()),
            zone: Some(zone.to_owned()),
            subnet: None,
        };
        self.places = vec![place("a"), place("b")];
        self
    }

    pub(crate) fn fault(mut self, call: &str, occurrence: usize, fault: Fault) -> Self {
        self.faults.push((call.to_owned(), occurrence, fault));
        self
    }

    /// At this occurrence and the next two hundred.
    pub(crate) fn fault_from(mut self, call: &str, first: usize, fault: &Fault) -> Self {
        let all = first..first + 200;
        self.faults
            .extend(all.map(|occurrence| (call.to_owned(), occurrence, fault.clone())));
        self
    }

    pub(crate) fn fault_always(mut self, call: &str, fault: Fault) -> Self {
        self.always.push((call.to_owned(), fault));
        self
    }

    pub(crate) fn reply(mut self, token_part: &str, reply: Reply) -> Self {
        self.replies.push((token_part.to_owned(), reply));
        self
    }

    pub(crate) fn journal_in(mut self, store: Box<dyn JournalStore>) -> Self {
        self.journal = Journal::with_store(store);
        self
    }

    pub(crate) fn run(self) -> Simulated {
        let simulated = self.run_without_invariants();
        simulated.assert_invariants();
        simulated
    }

    pub(crate) fn run_without_invariants(self) -> Simulated {
        sim::run(self.execute()).expect("a runtime")
    }

    async fn execute(mut self) -> Simulated {
        let clock = SimClock::start();
        let mut options = SimOptions::new(self.disk.clone());
        options.delays.boot = self.boot;
        options.account = self.account;
        options.placements = self.places;
        let cloud = SimCloud::new(clock, options);
        for image in older_images() {
            cloud.add_older(image);
        }
        cloud.reply("ready", Reply::exit(0, "prepared\nboot-id {boot-id}\n"));
        cloud.reply("seal", Reply::power_off());
        for (token, reply) in self.replies {
            cloud.reply(&token, reply);
        }
        for (call, occurrence, fault) in self.faults {
            cloud.fail(&call, occurrence, fault);
        }
        for (call, fault) in self.always {
            cloud.fail_always(&call, fault);
        }
        let seen = Arc::new(Mutex::new(Vec::<Event>::new()));
        let (into, fails_at) = (seen.clone(), self.sink_fails_at);
        let mut sink = move |event: &Event| {
            if fails_at == Some(event.seq) {
                return Err(SinkError::from(std::io::Error::from(
                    std::io::ErrorKind::BrokenPipe,
                )));
            }
            into.lock().expect("nobody panicked").push(event.clone());
            Ok(())
        };
        if let Some(delay) = self.interrupted_after {
            let cancel = self.cancel.clone();
            tokio::spawn(async move {
                clock.sleep(delay).await;
                cancel.cancel();
            });
        }
        let summary = execute(
            &self.plan,
            &cloud,
            &clock,
            &mut self.journal,
            &self.cancel,
            &self.options,
            &mut sink,
        )
        .await;
        let events = std::mem::take(&mut *seen.lock().expect("nobody panicked"));
        assert!(
            (0..).zip(&events).all(|(seq, event)| event.seq == seq),
            "numbered from 0"
        );
        Simulated {
            summary,
            times: events
                .iter()
                .map(|event| Duration::from_millis(event.elapsed_ms))
                .collect(),
            events: events.into_iter().map(|event| event.kind).collect(),
            calls: cloud.calls(),
            live: cloud.live(),
            files: cloud.files(),
            scripts: cloud.scripts(),
            image_disk: cloud.image_disk(),
            publicity: cloud.publicity(),
            named: cloud.named(PARAMETER),
            older: cloud.older(),
            account: self.account,
            journal: self.journal,
            manifest_path: self.options.manifest_path,
            _folder: self.folder,
        }
    }
}

impl Simulated {
    /// The build's error as a chain, one cause a line.
    pub(crate) fn chain(&self) -> String {
        let mut lines = Vec::new();
        let mut error = self
            .summary
            .error
            .as_ref()
            .map(|error| error as &dyn std::error::Error);
        while let Some(one) = error {
            lines.push(one.to_string());
            error = one.source();
        }
        lines.join("\n")
    }

    pub(crate) fn exit(&self) -> ExitClass {
        self.summary.exit
    }

    /// When an event of this sort first happened.
    pub(crate) fn time_of(&self, is: impl Fn(&EventKind) -> bool) -> Option<Duration> {
        self.events
            .iter()
            .position(is)
            .map(|index| self.times[index])
    }

    fn assert_invariants(&self) {
        if !self.events.is_empty() && self.heard_the_end() {
            assert_protocol(&self.events);
        }
        let summary = &self.summary;
        let succeeded = summary.outcome == Outcome::Succeeded;
        assert_eq!(
            succeeded,
            summary.exit == ExitClass::Success,
            "{}",
            self.chain()
        );
        assert_eq!(succeeded, summary.error.is_none(), "{}", self.chain());
        assert_eq!(succeeded, summary.published.is_some(), "{}", self.chain());
        assert_eq!(succeeded, summary.manifest.is_some(), "{}", self.chain());
        assert_eq!(succeeded, self.manifest_path.exists(), "{}", self.chain());
        assert!(
            !self.chain().contains("the journal refuses"),
            "{}",
            self.chain()
        );
    }

    /// A sink that failed does not hear the rest.
    fn heard_the_end(&self) -> bool {
        matches!(self.events.last(), Some(EventKind::RunFinished { .. }))
    }

    /// Nothing is left but what the build was for.
    pub(crate) fn assert_clean_slate(&self, context: &str) {
        let succeeded = self.summary.outcome == Outcome::Succeeded;
        let expected: &[ResourceKind] = match (succeeded, self.account) {
            (true, false) => &[ResourceKind::Image],
            // Its copy in another region, and what it was registered from.
            (true, true) => &[
                ResourceKind::Image,
                ResourceKind::Image,
                ResourceKind::Snapshot,
            ],
            (false, _) => &[],
        };
        let live: Vec<ResourceKind> = self.live.iter().map(|one| one.kind).collect();
        assert_eq!(live, expected, "{context}: {}", self.chain());
        assert_eq!(self.summary.left, [], "{context}: {}", self.chain());
        if self.account {
            let named = self.named.is_some();
            assert_eq!(named, succeeded, "{context}: {}", self.chain());
            let all = self.older.len() == older_images().len();
            assert!(succeeded || all, "{context}: an older image is gone");
        }
    }
}

/// The guarantees that `amint-event` gives to consumers.
fn assert_protocol(events: &[EventKind]) {
    assert!(
        matches!(events.first(), Some(EventKind::RunStarted { .. })),
        "{events:#?}"
    );
    let ends = events
        .iter()
        .filter(|event| matches!(event, EventKind::RunFinished { .. }))
        .count();
    assert_eq!(ends, 1, "exactly one end");
    let (mut phase, mut step) = (None, None);
    for event in events {
        match event {
            EventKind::PhaseStarted { phase: started } => {
                assert_eq!(phase.replace(*started), None, "phases do not overlap");
            }
            EventKind::PhaseFinished {
                phase: finished, ..
            } => {
                assert_eq!(phase.take(), Some(*finished), "each phase ends once");
            }
            EventKind::StepStarted { index, .. } => {
                assert_eq!(step.replace(*index), None, "steps do not overlap");
            }
            EventKind::StepOutput { index, .. } => assert_eq!(step, Some(*index)),
            EventKind::StepFinished { index, .. } => {
                assert_eq!(step.take(), Some(*index), "each step ends once");
            }
            _ => {}
        }
    }
    assert_eq!(
        (phase, step),
        (None, None),
        "everything that began has ended"
    );
}
