//! The port's methods, each a few lines on what the other modules do.

use std::sync::Arc;
use std::time::Duration;

use amint_cloud::{
    BaseImage, BaseQuery, BuilderId, BuilderState, CaptureRequest, Claim, Cloud, CommandId,
    CommandOutput, CommandRequest, CommandState, CopyRequest, ImageDisk, ImageId, ImageState,
    LaunchRequest, OlderImage, OnPowerOff, Owned, Owner, Pace, ParameterChange, Preflight,
    PreflightRequest, Progress, PublicState, Published, RegisterRequest, Resource, ResourceKind,
    Result, ScrubRequest, Scrubbing, SecretSource, SecretValue, Sharing, SnapshotId,
    SupportRequest, Transfer, WaitFor,
};
use jiff::Timestamp;

use crate::clients::Clients;
use crate::command::Commands;
use crate::gate::Gate;
use crate::watch::Watch;
use crate::{
    AwsOptions, base, builder, claim, disk, identity, image, launch, owned, parameter, preflight,
    publish, resource, retire, scrub, secret, stage, support,
};

/// Files up to this size are sent inside commands, in bytes: more would make the build slower than a bucket does.
const LARGEST: usize = 1 << 20;
/// The part of a file that one command holds, in bytes: as base64 it stays well below what SendCommand takes.
const PART: usize = 36 * 1024;

/// An AWS account, in one region. Clones share their look-ups and their limits.
#[derive(Clone)]
pub struct AwsCloud {
    options: AwsOptions,
    clients: Clients,
    gate: Arc<Gate>,
    watch: Arc<Watch>,
    commands: Arc<Commands>,
}

impl AwsCloud {
    /// The account that the environment has credentials for. Nothing is asked yet.
    pub async fn new(options: AwsOptions) -> Self {
        let clients = Clients::load(&options).await;
        Self::with_clients(options, clients)
    }

    /// The account that `config` has credentials for. Its region, retries and time limits are set here.
    pub fn with_config(options: AwsOptions, config: aws_config::SdkConfig) -> Self {
        let clients = Clients::with_config(&options, config);
        Self::with_clients(options, clients)
    }

    fn with_clients(options: AwsOptions, clients: Clients) -> Self {
        Self {
            gate: Arc::new(Gate::new(options.pace)),
            watch: Arc::new(Watch::new(clients.clone(), options.pace)),
            commands: Arc::new(Commands::new(
                clients.clone(),
                options.log_group.clone(),
                options.pace,
            )),
            options,
            clients,
        }
    }

    /// The same account for a build of its own: with another bucket, log group and regions of copies, sharing look-ups
    /// and limits.
    #[must_use]
    pub fn for_build(&self, options: AwsOptions) -> Self {
        let log_group = options.log_group.clone();
        Self {
            commands: Arc::new(Commands::new(self.clients.clone(), log_group, options.pace)),
            options,
            ..self.clone()
        }
    }

    fn seconds(&self, seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds * self.options.pace)
    }
}

#[async_trait::async_trait]
impl Cloud for AwsCloud {
    fn name(&self) -> &'static str {
        "aws"
    }

    fn pace(&self, waiting_for: WaitFor) -> Pace {
        Pace::of_account(waiting_for).scaled(self.options.pace)
    }

    async fn identity(&self) -> Result<String> {
        self.gate.pass(identity::identity(&self.clients)).await
    }

    async fn find_base(&self, query: &BaseQuery, _progress: Progress<'_>) -> Result<BaseImage> {
        self.gate.pass(base::find(&self.clients, query)).await
    }

    async fn secret(&self, source: &SecretSource) -> Result<SecretValue> {
        self.gate.pass(secret::read(&self.clients, source)).await
    }

    async fn preflight(&self, request: &PreflightRequest) -> Result<Preflight> {
        self.gate
            .pass(preflight::run(&self.clients, &self.options, request))
            .await
    }

    async fn claim(&self, claim: &Claim) -> Result<Vec<String>> {
        self.gate
            .pass(claim::claim(&self.clients, self.seconds(1.0), claim))
            .await
    }

    async fn create_support(&self, kind: ResourceKind, request: &SupportRequest) -> Result<String> {
        self.gate
            .pass(support::create(&self.clients, &self.options, kind, request))
            .await
    }

    async fn launch(&self, request: &LaunchRequest, progress: Progress<'_>) -> Result<BuilderId> {
        self.gate
            .pass(launch::launch(&self.clients, request, progress))
            .await
    }

    async fn builder_state(&self, builder: &BuilderId) -> Result<BuilderState> {
        self.gate.pass(self.watch.builder_state(builder)).await
    }

    async fn agent_online(&self, builder: &BuilderId) -> Result<bool> {
        self.gate.pass(self.watch.agent_online(builder)).await
    }

    async fn why_silent(&self, builder: &BuilderId) -> Result<Option<String>> {
        self.gate
            .pass(builder::why_silent(&self.clients, builder))
            .await
    }

    async fn console(&self, builder: &BuilderId) -> Result<String> {
        self.gate
            .pass(builder::console(&self.clients, builder))
            .await
    }

    async fn access(&self, builder: &BuilderId) -> Result<String> {
        Ok(builder::access(&self.clients, builder))
    }

    fn transfer(&self) -> Transfer {
        Transfer::Commands {
            part: PART,
            largest: LARGEST,
        }
    }

    fn staged_name(&self, build: &str, token: &str) -> Option<String> {
        stage::name(self.options.bucket.as_deref(), build, token)
    }

    async fn stage_file(&self, build: &str, token: &str, content: &[u8]) -> Result<String> {
        self.gate
            .pass(stage::stage(
                &self.clients,
                self.options.bucket.as_deref(),
                build,
                token,
                content,
            ))
            .await
    }

    async fn start_command(
        &self,
        builder: &BuilderId,
        command: &CommandRequest,
    ) -> Result<CommandId> {
        self.gate.pass(self.commands.start(builder, command)).await
    }

    async fn command_state(
        &self,
        builder: &BuilderId,
        command: &CommandId,
    ) -> Result<CommandState> {
        self.gate.pass(self.commands.state(builder, command)).await
    }

    fn output_gap(&self) -> Duration {
        self.seconds(15.0)
    }

    async fn command_output(
        &self,
        builder: &BuilderId,
        command: &CommandId,
        offset: u64,
    ) -> Result<CommandOutput> {
        self.gate
            .pass(self.commands.output(builder, command, offset))
            .await
    }

    async fn cancel_command(&self, builder: &BuilderId, command: &CommandId) -> Result<()> {
        self.gate.pass(self.commands.cancel(builder, command)).await
    }

    async fn reboot(&self, builder: &BuilderId) -> Result<()> {
        self.gate
            .pass(builder::reboot(&self.clients, builder))
            .await
    }

    async fn set_on_power_off(&self, builder: &BuilderId, action: OnPowerOff) -> Result<()> {
        self.gate
            .pass(builder::set_on_power_off(&self.clients, builder, action))
            .await
    }

    async fn capture(&self, request: &CaptureRequest) -> Result<ImageId> {
        self.gate.pass(image::capture(&self.clients, request)).await
    }

    async fn image_state(&self, image: &ImageId) -> Result<ImageState> {
        self.gate.pass(self.watch.image_state(image)).await
    }

    async fn disks(&self, image: &ImageId) -> Result<Vec<ImageDisk>> {
        self.gate.pass(disk::open(&self.clients, image)).await
    }

    fn scrubbing(&self) -> Scrubbing {
        Scrubbing::Successor
    }

    async fn scrub(&self, request: &ScrubRequest, progress: Progress<'_>) -> Result<SnapshotId> {
        self.gate
            .pass(scrub::scrub(&self.clients, request, progress))
            .await
    }

    async fn snapshot_state(&self, snapshot: &SnapshotId) -> Result<ImageState> {
        self.gate.pass(self.watch.snapshot_state(snapshot)).await
    }

    async fn register(&self, request: &RegisterRequest) -> Result<ImageId> {
        self.gate
            .pass(image::register(&self.clients, request))
            .await
    }

    async fn publish(&self, image: &ImageId) -> Result<Published> {
        self.gate.pass(publish::publish(&self.clients, image)).await
    }

    async fn current_image(&self, fingerprint: &str) -> Result<Option<Published>> {
        self.gate
            .pass(publish::current(&self.clients, fingerprint))
            .await
    }

    async fn set_state(
        &self,
        image: &ImageId,
        state: PublicState,
        fingerprint: &str,
    ) -> Result<()> {
        self.gate
            .pass(publish::set_state(&self.clients, image, state, fingerprint))
            .await
    }

    async fn withdraw(&self, image: &ImageId, owner: &Owner) -> Result<()> {
        self.gate
            .pass(publish::withdraw(&self.clients, image, owner))
            .await
    }

    async fn copy(&self, request: &CopyRequest) -> Result<ImageId> {
        self.gate.pass(publish::copy(&self.clients, request)).await
    }

    async fn finish_copy(&self, copy: &ImageId, request: &CopyRequest) -> Result<()> {
        self.gate
            .pass(publish::finish_copy(&self.clients, copy, request))
            .await
    }

    async fn share(&self, image: &ImageId, sharing: &Sharing) -> Result<()> {
        self.gate
            .pass(publish::share(&self.clients, image, sharing))
            .await
    }

    async fn deprecate(&self, image: &ImageId, at: Timestamp) -> Result<()> {
        self.gate
            .pass(publish::deprecate(&self.clients, image, at))
            .await
    }

    async fn set_parameter(&self, owner: &Owner, change: &ParameterChange) -> Result<()> {
        self.gate
            .pass(parameter::set(&self.clients, owner, change))
            .await
    }

    async fn parameter(&self, name: &str) -> Result<Option<String>> {
        self.gate.pass(parameter::get(&self.clients, name)).await
    }

    async fn older_images(&self, owner: &Owner, region: Option<&str>) -> Result<Vec<OlderImage>> {
        self.gate
            .pass(retire::older_images(&self.clients, owner, region))
            .await
    }

    async fn retire(&self, image: &ImageId) -> Result<()> {
        let gap = self.seconds(1.0);
        self.gate
            .pass(resource::release_image(&self.clients, gap, &image.0))
            .await
    }

    async fn resources(&self, build: &str) -> Result<Vec<Resource>> {
        self.gate
            .pass(resource::of_build(
                &self.clients,
                &self.options.copy_regions,
                build,
            ))
            .await
    }

    async fn owned(&self, build: Option<&str>) -> Result<Vec<Owned>> {
        self.gate
            .pass(owned::of_account(&self.clients, build))
            .await
    }

    async fn release(&self, resource: &Resource) -> Result<()> {
        self.gate
            .pass(resource::release(
                &self.clients,
                self.seconds(1.0),
                resource,
            ))
            .await
    }
}
