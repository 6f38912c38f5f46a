//! The simulated cloud: every call is logged, takes its time, and may go wrong as a test wants it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use amint_inspect::scrub::Cleaning;
use jiff::Timestamp;

use super::fault::{Fault, Faults};
use super::random::Random;
use super::world::World;
use super::{SimClock, SimOptions, sweep};
use crate::{
    BaseImage, BaseQuery, BuilderId, BuilderState, CaptureRequest, Claim, Clock, Cloud, CloudError,
    CommandId, CommandOutput, CommandRequest, CommandState, CopyRequest, FileUpload, ImageDisk,
    ImageId, ImageState, LaunchRequest, OlderImage, OnPowerOff, Owned, Owner, Pace,
    ParameterChange, Preflight, PreflightRequest, Progress, PublicState, Published,
    RegisterRequest, Resource, ResourceKind, Result, ScrubRequest, Scrubbing, Sharing, SnapshotId,
    SupportRequest, Transfer, WaitFor,
};

/// What the ids of base images begin with.
const BASE: &str = "sim-";

#[derive(Debug)]
pub(super) struct State {
    pub(super) world: World,
    pub(super) faults: Faults,
    random: Random,
    pub(super) calls: Vec<&'static str>,
    pub(super) effects: Vec<(&'static str, Duration)>,
}

/// A cloud in memory. Use it inside [`super::run`].
#[derive(Debug)]
pub struct SimCloud {
    pub(super) clock: SimClock,
    options: SimOptions,
    state: Mutex<State>,
}

impl SimCloud {
    /// An empty cloud whose time is `clock`'s.
    pub fn new(clock: SimClock, options: SimOptions) -> Self {
        let world = World::new(options.delays.clone(), options.disk.clone());
        let state = State {
            world,
            faults: Faults::default(),
            random: Random::new(options.seed),
            calls: Vec::new(),
            effects: Vec::new(),
        };
        Self {
            clock,
            options,
            state: Mutex::new(state),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Half of the latency, the effect, the other half; with what goes wrong in its place.
    async fn call<T>(
        &self,
        name: &'static str,
        effect: impl FnOnce(&mut World, Duration) -> Result<T> + Send,
    ) -> Result<T> {
        let (fault, latency) = {
            let state = &mut *self.state();
            state.calls.push(name);
            (
                state.faults.next(name),
                state.random.duration(&self.options.latency),
            )
        };
        match &fault {
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Before(hook)) => hook.run(),
            Some(Fault::Die) => {
                let now = self.clock.steady();
                self.state().world.die(now);
            }
            _ => {}
        }
        self.clock.sleep(latency / 2).await;
        if let Some(Fault::FailBefore(kind)) = fault {
            return Err(CloudError::new(kind, format!("{name} was made to fail")));
        }
        let answer = {
            let now = self.clock.steady();
            let state = &mut *self.state();
            state.effects.push((name, now));
            effect(&mut state.world, now)
        };
        match fault {
            Some(Fault::HangAfter) => std::future::pending().await,
            Some(Fault::After(ref hook)) => hook.run(),
            _ => {}
        }
        self.clock.sleep(latency / 2).await;
        match fault {
            Some(Fault::FailAfter(kind)) => Err(CloudError::new(
                kind,
                format!("the answer of {name} was lost"),
            )),
            _ => answer,
        }
    }
}

#[async_trait::async_trait]
impl Cloud for SimCloud {
    fn name(&self) -> &'static str {
        "sim"
    }

    fn pace(&self, waiting_for: WaitFor) -> Pace {
        match waiting_for {
            WaitFor::State => self.options.pace.0,
            WaitFor::Command | WaitFor::Soon => self.options.pace.1,
        }
    }

    async fn identity(&self) -> Result<String> {
        self.call("identity", |_, _| Ok("simulator".to_owned()))
            .await
    }

    async fn find_base(&self, query: &BaseQuery, progress: Progress<'_>) -> Result<BaseImage> {
        let (id, name) = match query {
            BaseQuery::Debian { release } => named(format!("debian-{release}")),
            BaseQuery::Image { path, .. } => named(path.display().to_string()),
            BaseQuery::Parameter { name } | BaseQuery::Newest { name, .. } => named(name.clone()),
            // What was found before is found again.
            BaseQuery::Id { id } => {
                let name = id.strip_prefix(BASE).unwrap_or(id).to_owned();
                (id.clone(), name)
            }
        };
        progress("looking for the base image");
        self.call("find_base", |_, _| {
            Ok(BaseImage {
                digest: Some("0".repeat(64)),
                packages: vec!["base-files 12.4".to_owned()],
                ..BaseImage::new(id, name)
            })
        })
        .await
    }

    async fn preflight(&self, _request: &PreflightRequest) -> Result<Preflight> {
        let supports = match self.options.account {
            true => vec![
                ResourceKind::Role,
                ResourceKind::InstanceProfile,
                ResourceKind::SecurityGroup,
            ],
            false => Vec::new(),
        };
        let placements = self.options.placements.clone();
        self.call("preflight", |_, _| {
            Ok(Preflight {
                placements,
                supports,
                ..Preflight::default()
            })
        })
        .await
    }

    async fn create_support(&self, kind: ResourceKind, request: &SupportRequest) -> Result<String> {
        self.call("create_support", |world, now| {
            Ok(world.account.support(now, &request.owner, kind))
        })
        .await
    }

    async fn launch(&self, request: &LaunchRequest, progress: Progress<'_>) -> Result<BuilderId> {
        progress("starting a simulated machine");
        let left = request.owner.expires.duration_since(self.clock.now());
        let deadline = self.clock.steady() + Duration::try_from(left).unwrap_or_default();
        self.call("launch", |world, now| {
            Ok(world.launch(now, request, deadline))
        })
        .await
    }

    async fn adopt(&self, builder: &BuilderId) -> Result<BuilderState> {
        self.call("adopt", |world, now| world.builder_state(now, builder))
            .await
    }

    async fn claim(&self, claim: &Claim) -> Result<Vec<String>> {
        let wall = self.clock.now();
        self.call("claim", |world, now| {
            sweep::claim(world, (now, wall), claim)
        })
        .await
    }

    async fn builder_state(&self, builder: &BuilderId) -> Result<BuilderState> {
        self.call("builder_state", |world, now| {
            world.builder_state(now, builder)
        })
        .await
    }

    async fn agent_online(&self, builder: &BuilderId) -> Result<bool> {
        self.call("agent_online", |world, now| {
            world.agent_online(now, builder)
        })
        .await
    }

    async fn changed(&self, builder: &BuilderId) {
        let now = self.clock.steady();
        let next = self.state().world.next_change(now, builder);
        match next {
            // An account does not tell.
            _ if self.options.account => std::future::pending().await,
            Some(next) => self.clock.sleep(next - now).await,
            None => std::future::pending().await,
        }
    }

    async fn console(&self, _builder: &BuilderId) -> Result<String> {
        self.call("console", |_, _| Ok("simulated console".to_owned()))
            .await
    }

    async fn access(&self, builder: &BuilderId) -> Result<String> {
        self.call("access", |_, _| Ok(format!("simulate {}", builder.0)))
            .await
    }

    fn transfer(&self) -> Transfer {
        match self.options.account {
            true => Transfer::Commands {
                part: 1000,
                largest: 10_000,
            },
            false => Transfer::Direct,
        }
    }

    fn staged_name(&self, build: &str, token: &str) -> Option<String> {
        self.options
            .account
            .then(|| format!("sim-staged-{build}-{token}"))
    }

    async fn stage_file(&self, build: &str, token: &str, _content: &[u8]) -> Result<String> {
        let name = self.staged_name(build, token);
        self.call("stage_file", |world, _| {
            if let Some(name) = name {
                world.account.stage(build, name);
            }
            Ok(format!("fetch {token} \"$1\""))
        })
        .await
    }

    async fn put_file(&self, builder: &BuilderId, file: &FileUpload) -> Result<()> {
        self.call("put_file", |world, now| world.put_file(now, builder, file))
            .await
    }

    async fn start_command(
        &self,
        builder: &BuilderId,
        command: &CommandRequest,
    ) -> Result<CommandId> {
        self.call("start_command", |world, now| {
            world.start_command(now, builder, command)
        })
        .await
    }

    async fn command_state(
        &self,
        builder: &BuilderId,
        command: &CommandId,
    ) -> Result<CommandState> {
        self.call("command_state", |world, now| {
            world.command_state(now, builder, command)
        })
        .await
    }

    async fn command_output(
        &self,
        builder: &BuilderId,
        command: &CommandId,
        offset: u64,
    ) -> Result<CommandOutput> {
        self.call("command_output", |world, now| {
            let bytes = world.command_output(now, builder, command, offset)?;
            let more = !bytes.is_empty();
            Ok(CommandOutput { bytes, more })
        })
        .await
    }

    async fn reboot(&self, builder: &BuilderId) -> Result<()> {
        self.call("reboot", |world, now| world.reboot(now, builder))
            .await
    }

    async fn set_on_power_off(&self, builder: &BuilderId, action: OnPowerOff) -> Result<()> {
        self.call("set_on_power_off", |world, now| {
            world.set_on_power_off(now, builder, action)
        })
        .await
    }

    async fn capture(&self, request: &CaptureRequest) -> Result<ImageId> {
        self.call("capture", |world, now| world.capture(now, request))
            .await
    }

    async fn image_state(&self, image: &ImageId) -> Result<ImageState> {
        self.call("image_state", |world, now| world.image_state(now, image))
            .await
    }

    async fn disks(&self, image: &ImageId) -> Result<Vec<ImageDisk>> {
        self.call("disks", |world, _| world.disks(image)).await
    }

    async fn clean(&self, image: &ImageId, disk: &str, cleaning: &Cleaning) -> Result<()> {
        self.call("clean", |world, _| world.clean(image, disk, cleaning))
            .await
    }

    fn scrubbing(&self) -> Scrubbing {
        match self.options.account {
            true => Scrubbing::Successor,
            false => Scrubbing::InPlace,
        }
    }

    async fn scrub(&self, request: &ScrubRequest, progress: Progress<'_>) -> Result<SnapshotId> {
        progress("copying");
        self.call("scrub", |world, now| world.scrub(now, request))
            .await
    }

    async fn snapshot_state(&self, snapshot: &SnapshotId) -> Result<ImageState> {
        self.call("snapshot_state", |world, now| {
            world.account.snapshot_state(now, snapshot)
        })
        .await
    }

    async fn register(&self, request: &RegisterRequest) -> Result<ImageId> {
        self.call("register", |world, now| world.register(now, request))
            .await
    }

    async fn current_image(&self, fingerprint: &str) -> Result<Option<Published>> {
        self.call("current_image", |world, _| {
            let images = world.account.published_as(fingerprint);
            Ok(images.iter().find_map(|image| world.publish(image).ok()))
        })
        .await
    }

    async fn set_state(
        &self,
        image: &ImageId,
        state: PublicState,
        fingerprint: &str,
    ) -> Result<()> {
        self.call("set_state", |world, _| {
            let publicity = world.account.publicity(image);
            publicity.state = Some(state);
            publicity.fingerprint = Some(fingerprint.to_owned());
            Ok(())
        })
        .await
    }

    async fn withdraw(&self, image: &ImageId, _owner: &Owner) -> Result<()> {
        self.call("withdraw", |world, _| {
            world.account.publicity(image).state = None;
            Ok(())
        })
        .await
    }

    async fn copy(&self, request: &CopyRequest) -> Result<ImageId> {
        self.call("copy", |world, now| world.copy(now, request))
            .await
    }

    async fn finish_copy(&self, copy: &ImageId, _request: &CopyRequest) -> Result<()> {
        self.call("finish_copy", |world, _| {
            world.account.publicity(copy).finished += 1;
            Ok(())
        })
        .await
    }

    async fn share(&self, image: &ImageId, sharing: &Sharing) -> Result<()> {
        self.call("share", |world, _| {
            world.account.publicity(image).sharing = sharing.clone();
            Ok(())
        })
        .await
    }

    async fn deprecate(&self, image: &ImageId, at: Timestamp) -> Result<()> {
        self.call("deprecate", |world, _| {
            world.account.publicity(image).deprecated = Some(at);
            Ok(())
        })
        .await
    }

    async fn set_parameter(&self, _owner: &Owner, change: &ParameterChange) -> Result<()> {
        self.call("set_parameter", |world, _| {
            world.account.set_parameter(change);
            Ok(())
        })
        .await
    }

    async fn parameter(&self, name: &str) -> Result<Option<String>> {
        self.call("parameter", |world, _| Ok(world.account.parameter(name)))
            .await
    }

    async fn older_images(&self, _owner: &Owner, region: Option<&str>) -> Result<Vec<OlderImage>> {
        self.call("older_images", |world, _| {
            Ok(world.account.older_in(region))
        })
        .await
    }

    async fn retire(&self, image: &ImageId) -> Result<()> {
        self.call("retire", |world, _| {
            world.account.older.retain(|one| one.id != *image);
            Ok(())
        })
        .await
    }

    async fn publish(&self, image: &ImageId) -> Result<Published> {
        self.call("publish", |world, _| world.publish(image)).await
    }

    async fn resources(&self, build: &str) -> Result<Vec<Resource>> {
        self.call("resources", |world, now| {
            let things = world.shown(now).into_iter();
            let things = things.filter(|thing| thing.resource.build == build);
            Ok(things.map(|thing| thing.resource).collect())
        })
        .await
    }

    async fn owned(&self, build: Option<&str>) -> Result<Vec<Owned>> {
        self.call("owned", |world, now| Ok(sweep::owned(world, now, build)))
            .await
    }

    async fn release(&self, resource: &Resource) -> Result<()> {
        self.call("release", |world, now| world.release(now, resource))
            .await
    }
}

/// The id and the name of a base image that is called so.
fn named(name: String) -> (String, String) {
    (format!("{BASE}{name}"), name)
}
