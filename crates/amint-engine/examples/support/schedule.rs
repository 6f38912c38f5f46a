// One random schedule: a build, what goes wrong with it, where its processes die, and what happens then.

use std::path::Path;
use std::time::Duration;

use amint_cloud::sim::{Delays, Fault, Reply, SimClock, SimCloud, SimOptions};
use amint_cloud::{Clock, ErrorKind, Placement, Resource, ResourceKind};
use amint_engine::cleanup::Scope;
use amint_event::{EventKind, Outcome};

use crate::lab::{Death, Lab, Life, Torn};
use crate::{build, disk};

/// The most processes that die one after the other.
const DEATHS: u64 = 3;
/// Longer than any builder or image may live.
const LONG: Duration = Duration::from_secs(12 * 3600);

/// What happened.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Tally {
    pub(crate) faults: u64,
    /// Processes that began the build or went on with it.
    pub(crate) processes: u64,
    pub(crate) deaths: u64,
    /// Ended by a process that went on with it.
    pub(crate) resumed: u64,
    /// Ended by a clean-up that had the journal.
    pub(crate) cleaned: u64,
    /// Ended by a sweep without any journal, after the dead man's deadline.
    pub(crate) swept: u64,
    pub(crate) published: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.faults += other.faults;
        self.processes += other.processes;
        self.deaths += other.deaths;
        self.resumed += other.resumed;
        self.cleaned += other.cleaned;
        self.swept += other.swept;
        self.published += other.published;
    }
}

/// What happens after the last death.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Aftermath {
    Resume,
    Cleanup,
    Nothing,
}

/// Runs the schedule of `seed`.
///
/// # Errors
/// What is wrong with its end.
pub(crate) async fn run(seed: u64, folder: &Path) -> Result<Tally, String> {
    let mut random = Random(seed);
    let account = random.one_in(2);
    let clock = SimClock::start();
    let cloud = cloud(clock, account, &mut random);
    let mut tally = Tally {
        faults: go_wrong(&cloud, &mut random),
        ..Tally::default()
    };
    let mut plan = build::plan(2).map_err(str::to_owned)?;
    if account {
        plan.steps.push(build::large_file(3));
        plan = build::published(plan);
    }
    let manifest = folder.join(format!("{seed}.json"));
    let lab = Lab::new(plan, cloud, clock, manifest);
    let deaths = random.below(DEATHS + 1);
    let mut last = None;
    for _ in 0..deaths {
        let life = live(&lab, &mut random).await;
        if life.ended() {
            last = Some(life);
            break;
        }
        tally.deaths += 1;
        lab.clock.sleep(random.wait()).await;
    }
    if last.is_none() && deaths == 0 {
        last = Some(lab.process(Death::default(), None).await);
    }
    let aftermath = match random.below(3) {
        0 => Aftermath::Resume,
        1 => Aftermath::Cleanup,
        _ => Aftermath::Nothing,
    };
    finish(&lab, last, aftermath, &mut tally).await?;
    tally.processes = lab.processes();
    let _ = std::fs::remove_file(&lab.manifest);
    Ok(tally)
}

/// One process that dies somewhere, if it does not end before.
async fn live(lab: &Lab, random: &mut Random) -> Life {
    let death = Death::default();
    let dies = match random.below(3) {
        0 => {
            let torn = [Torn::Nothing, Torn::Half, Torn::Whole];
            let torn = torn[random.below(3) as usize];
            Some((random.below(50) as usize, torn))
        }
        kind => {
            let hook = death.hook();
            let fault = if kind == 1 {
                Fault::Before(hook)
            } else {
                Fault::After(hook)
            };
            let position = lab.cloud.calls().len() + 1 + random.below(120) as usize;
            lab.cloud.fail_at(position, fault);
            None
        }
    };
    lab.process(death, dies).await
}

/// Brings the build to its end, and looks at what is left.
pub(crate) async fn finish(
    lab: &Lab,
    last: Option<Life>,
    aftermath: Aftermath,
    tally: &mut Tally,
) -> Result<(), String> {
    lab.cloud.heal();
    if let Some(life) = &last {
        ended_well(lab, life)?;
    }
    let ended = lab.outcome().is_some();
    match aftermath {
        Aftermath::Resume if !ended => {
            let life = lab.process(Death::default(), None).await;
            ended_well(lab, &life)?;
            tally.resumed += 1;
            nothing_left(lab, "after it was resumed", &[])?;
        }
        // An ended build that could not release everything, or one that died: whatever it is.
        Aftermath::Resume | Aftermath::Cleanup => {
            let build = lab.plan.build_id.clone();
            let left = lab.clean(Scope::Build(&build)).await;
            if !left.is_empty() {
                return Err(format!("could not be cleaned up: {left:?}"));
            }
            tally.cleaned += u64::from(!ended);
            nothing_left(lab, "after it was cleaned up", &[])?;
            let left = lab.clean(Scope::Build(&build)).await;
            if !left.is_empty() {
                return Err("cleaning up twice differs".to_owned());
            }
        }
        Aftermath::Nothing => {
            lab.clock.sleep(LONG).await;
            if lab.cloud.running() > 0 {
                return Err("something runs after the dead man's deadline".to_owned());
            }
            let left = lab.clean(Scope::Expired).await;
            if !left.is_empty() {
                return Err(format!("could not be swept: {left:?}"));
            }
            tally.swept += u64::from(!ended);
            // No list tells of these: without a journal they are left to the bucket's own rules.
            nothing_left(lab, "after a sweep", &[ResourceKind::StagedFile])?;
        }
    }
    // What was about to be published is for another process to finish.
    if lab.outcome().is_none() && !lab.cloud.live().is_empty() {
        let life = lab.process(Death::default(), None).await;
        ended_well(lab, &life)?;
        nothing_left(lab, "after what stayed was finished", &[])?;
    }
    let image = |one: &Resource| one.kind == ResourceKind::Image;
    tally.published += u64::from(lab.cloud.live().iter().any(image));
    Ok(())
}

/// A process that ended has kept the promises of the events and of the journal.
fn ended_well(lab: &Lab, life: &Life) -> Result<(), String> {
    let Some(summary) = &life.summary else {
        return Err("a process died that nobody killed".to_owned());
    };
    let mut ends = life.events.iter().filter(|event| is_end(event));
    if ends.next().is_none() || ends.next().is_some() || !life.events.last().is_some_and(is_end) {
        return Err("not exactly one end, at the end".to_owned());
    }
    let succeeded = summary.outcome == Outcome::Succeeded;
    if succeeded != lab.manifest.exists() {
        return Err(format!("success: {succeeded}, a manifest: {}", !succeeded));
    }
    let error = summary.error.as_ref().map(|error| format!("{error:?}"));
    if error.is_some_and(|error| error.contains("Illegal")) {
        return Err(format!("the journal refused a record: {:?}", summary.error));
    }
    let journal = lab.journal(&Death::default(), None);
    // What could not be given back is for another process to give back.
    let over = succeeded || summary.left.is_empty();
    if journal.is_finished() != over {
        return Err(format!(
            "an end in the journal: {}: {:?}",
            !over, summary.error
        ));
    }
    let held: Vec<_> = journal.held();
    let unknown: Vec<_> = journal
        .open_intents()
        .into_iter()
        .map(|one| one.0)
        .collect();
    let left: Vec<_> = summary
        .left
        .iter()
        .filter(|one| !unknown.contains(&one.id))
        .map(|one| (one.kind, one.id.clone()))
        .collect();
    if held != left {
        return Err(format!("the journal holds {held:?}, and {left:?} was left"));
    }
    Ok(())
}

fn is_end(event: &EventKind) -> bool {
    matches!(event, EventKind::RunFinished { .. })
}

/// Nothing is there but images that were published, or were about to be, and what may be left.
fn nothing_left(lab: &Lab, when: &str, spared: &[ResourceKind]) -> Result<(), String> {
    let publicity = lab.cloud.publicity();
    // Of a build that has failed for good nothing is public.
    let may_be_public =
        lab.outcome() != Some(Outcome::Failed) && lab.outcome() != Some(Outcome::Cancelled);
    let public = |one: &Resource| {
        may_be_public && publicity.get(&one.id).is_some_and(|it| it.state.is_some())
    };
    let live = lab.cloud.live();
    let any_public = live.iter().any(public);
    // A snapshot is a part of the image that was registered from it.
    let part = |one: &Resource| any_public && one.id.starts_with("sim-snapshot");
    let left: Vec<&Resource> = live
        .iter()
        .filter(|one| !public(one) && !part(one) && !spared.contains(&one.kind))
        .collect();
    if left.is_empty() {
        return Ok(());
    }
    let text = lab.text();
    let journal = String::from_utf8_lossy(&text);
    Err(format!("left {when}: {left:?}\n{journal}"))
}

fn cloud(clock: SimClock, account: bool, random: &mut Random) -> SimCloud {
    let mut options = SimOptions::new(disk::small());
    options.seed = random.next();
    options.account = account;
    options.delays = Delays {
        lag: Duration::from_millis(random.below(2500)),
        boot: (!random.one_in(25)).then(|| Duration::from_secs(1 + random.below(15))),
        stopping: Duration::from_millis(200 + random.below(20_000)),
        capture: Duration::from_secs(1 + random.below(20)),
        snapshot: Duration::from_secs(1 + random.below(20)),
        ending: Duration::from_millis(random.below(60_000)),
        progress: None,
    };
    if random.one_in(40) {
        // Slower than the engine's patience.
        options.delays.capture = Duration::from_secs(2 * 3600);
    }
    if account {
        let place = |zone: &str| Placement {
            zone: Some(zone.to_owned()),
            ..Placement::default()
        };
        options.placements = vec![place("a"), place("b")];
    }
    let cloud = SimCloud::new(clock, options);
    build::answer(&cloud);
    if random.one_in(20) {
        cloud.reply("step-", Reply::exit(3, "no\n"));
    }
    if random.one_in(30) {
        cloud.reply("step-02", Reply::hang("waiting\n"));
    }
    cloud
}

/// Plans what goes wrong; returns how many things.
fn go_wrong(cloud: &SimCloud, random: &mut Random) -> u64 {
    let faults = random.below(5);
    for _ in 0..faults {
        let position = 1 + random.below(90) as usize;
        let kinds = [
            ErrorKind::Other,
            ErrorKind::Throttled,
            ErrorKind::NotFound,
            ErrorKind::Denied { action: None },
            ErrorKind::Gone,
        ];
        let kind = kinds[random.below(5) as usize].clone();
        let fault = match random.below(7) {
            0 => Fault::FailBefore(kind),
            // Nobody refuses what is done already.
            1 => Fault::FailAfter(
                [ErrorKind::Other, ErrorKind::Gone][random.below(2) as usize].clone(),
            ),
            2 => Fault::fail_after(),
            3 => Fault::Throttle(1 + random.below(4) as usize),
            4 => Fault::Hang,
            5 => Fault::HangAfter,
            _ => Fault::Die,
        };
        cloud.fail_at(position, fault);
    }
    if random.one_in(8) {
        cloud.fail("launch", 1, Fault::FailBefore(ErrorKind::NoCapacity));
        return faults + 1;
    }
    faults
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    /// From nothing to a day, the short ones more often.
    fn wait(&mut self) -> Duration {
        let most = [1, 10, 100, 4000, 90_000][self.below(5) as usize];
        Duration::from_millis(self.below(1000 * most + 1))
    }
}
