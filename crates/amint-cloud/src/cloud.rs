//! The trait.

use std::time::Duration;

use amint_inspect::scrub::Cleaning;
use jiff::Timestamp;

use crate::{
    BaseImage, BaseQuery, BuilderId, BuilderState, CaptureRequest, Claim, CloudError, CommandId,
    CommandOutput, CommandRequest, CommandState, CopyRequest, FileUpload, ImageDisk, ImageId,
    ImageState, LaunchRequest, OlderImage, OnPowerOff, Owned, Owner, Pace, ParameterChange,
    Placement, Preflight, PreflightRequest, PublicState, Published, RegisterRequest, Resource,
    ResourceKind, ScrubRequest, Scrubbing, SecretSource, SecretValue, Sharing, SnapshotId,
    SupportRequest, Transfer, WaitFor,
};

/// What an adapter answers.
pub type Result<T> = std::result::Result<T, CloudError>;

/// Hears about what an adapter does meanwhile.
pub type Progress<'a> = &'a (dyn for<'m> Fn(&'m str) + Send + Sync);

/// A place that can run a builder and keep an image.
///
/// Every call that creates can be asked for again after a lost answer and then finds what it made.
/// No call waits for a state: the engine does. What a cloud has no use for has a default.
#[async_trait::async_trait]
pub trait Cloud: Send + Sync {
    /// The cloud's name (`local`, `aws`).
    fn name(&self) -> &'static str;

    /// How often it likes to be asked.
    fn pace(&self, waiting_for: WaitFor) -> Pace;

    /// Who is asking: an account, a user. Fails when a prerequisite is missing, all of them named.
    async fn identity(&self) -> Result<String>;

    /// Finds the base image, or makes it where that is this cloud's way; `progress` hears about it.
    async fn find_base(&self, query: &BaseQuery, progress: Progress<'_>) -> Result<BaseImage>;

    /// A secret that it keeps for who is asking. Text only.
    async fn secret(&self, _source: &SecretSource) -> Result<SecretValue> {
        Err(unsupported("secrets"))
    }

    /// Tells which base image a build would start from, without making it.
    async fn identify_base(&self, query: &BaseQuery) -> Result<BaseImage> {
        self.find_base(query, &|_| ()).await
    }

    /// The newest image with this fingerprint that was published and is there still, in one call; nothing where a cloud
    /// keeps no images.
    async fn current_image(&self, _fingerprint: &str) -> Result<Option<Published>> {
        Ok(None)
    }

    /// Finds out what stands in the way of the build, before anything is made. Fails only when nothing
    /// could be found out.
    async fn preflight(&self, _request: &PreflightRequest) -> Result<Preflight> {
        Ok(Preflight {
            placements: vec![Placement::default()],
            ..Preflight::default()
        })
    }

    /// Makes sure that no other build is making an image of that name; [`Conflict`](crate::ErrorKind::Conflict) when one
    /// is. Asked before the launch and again after it: of two builds that see each other only then, the younger gives
    /// way. A claim whose time is over is stale: it stands in nobody's way, and is told as a warning.
    async fn claim(&self, _claim: &Claim) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    /// Makes what a builder needs beside itself. Same build and kind: same resource.
    async fn create_support(
        &self,
        kind: ResourceKind,
        _request: &SupportRequest,
    ) -> Result<String> {
        Err(unsupported(&format!("a {}", kind.name())))
    }

    /// Starts a builder. Same build and attempt: same builder.
    async fn launch(&self, request: &LaunchRequest, progress: Progress<'_>) -> Result<BuilderId>;

    /// Takes over a builder that an earlier process launched, and tells where it is in its life.
    async fn adopt(&self, builder: &BuilderId) -> Result<BuilderState> {
        self.builder_state(builder).await
    }

    /// Where the builder is in its life.
    async fn builder_state(&self, builder: &BuilderId) -> Result<BuilderState>;

    /// Whether its agent answers.
    async fn agent_online(&self, builder: &BuilderId) -> Result<bool>;

    /// Why its agent does not answer, where the cloud can tell.
    async fn why_silent(&self, _builder: &BuilderId) -> Result<Option<String>> {
        Ok(None)
    }

    /// Returns when something about the builder may have changed; a hint that shortens a wait. May
    /// never return.
    async fn changed(&self, _builder: &BuilderId) {
        std::future::pending().await
    }

    /// The end of its serial console, for diagnosis.
    async fn console(&self, builder: &BuilderId) -> Result<String>;

    /// Keeps the builder beyond this process (`--on-error keep`) and tells how a person gets in:
    /// commands, one a line.
    async fn access(&self, builder: &BuilderId) -> Result<String>;

    /// How files come onto a builder.
    fn transfer(&self) -> Transfer {
        Transfer::Direct
    }

    /// Puts a file onto the builder.
    async fn put_file(&self, _builder: &BuilderId, _file: &FileUpload) -> Result<()> {
        Err(unsupported("putting a file in place directly"))
    }

    /// Where [`Cloud::stage_file`] will lay a file down, as [`Cloud::release`] knows it: it is asked before anything is
    /// there, as no list tells of such files. Nothing where that lays nothing down.
    fn staged_name(&self, _build: &str, _token: &str) -> Option<String> {
        None
    }

    /// Lays a file down where a builder can fetch it; returns a POSIX shell script that fetches it to the path
    /// in `$1`. Same build and token: same place.
    async fn stage_file(&self, _build: &str, _token: &str, _content: &[u8]) -> Result<String> {
        Err(unsupported("a file of that size"))
    }

    /// Starts a command. Same token: same command, not run twice.
    async fn start_command(
        &self,
        builder: &BuilderId,
        command: &CommandRequest,
    ) -> Result<CommandId>;

    /// Where the command is.
    async fn command_state(&self, builder: &BuilderId, command: &CommandId)
    -> Result<CommandState>;

    /// How often it likes to be asked what a command prints while it runs.
    fn output_gap(&self) -> Duration {
        Duration::ZERO
    }

    /// What the command printed from byte `offset` on; empty when there is nothing new. At most a few
    /// hundred KiB a call.
    async fn command_output(
        &self,
        builder: &BuilderId,
        command: &CommandId,
        offset: u64,
    ) -> Result<CommandOutput>;

    /// Stops a command that is of no use any more.
    async fn cancel_command(&self, _builder: &BuilderId, _command: &CommandId) -> Result<()> {
        Ok(())
    }

    /// Starts a reboot; the boot id changes when it is done.
    async fn reboot(&self, builder: &BuilderId) -> Result<()>;

    /// Sets what a power-off from inside means, and reads it back.
    async fn set_on_power_off(&self, builder: &BuilderId, action: OnPowerOff) -> Result<()>;

    /// Starts to make an image of a stopped builder. Same build: same image.
    async fn capture(&self, request: &CaptureRequest) -> Result<ImageId>;

    /// Where the image is.
    async fn image_state(&self, image: &ImageId) -> Result<ImageState>;

    /// The image's disks, to read.
    async fn disks(&self, image: &ImageId) -> Result<Vec<ImageDisk>>;

    /// How the disks of an image are cleaned.
    fn scrubbing(&self) -> Scrubbing {
        Scrubbing::InPlace
    }

    /// Cleans the disk: free space then reads as zeros and holds nothing. Twice is as good as once.
    async fn clean(&self, _image: &ImageId, _disk: &str, _cleaning: &Cleaning) -> Result<()> {
        Err(unsupported("changing an image's disk"))
    }

    /// Makes a copy of the disk that is clean. Same build and disk: same copy.
    async fn scrub(&self, _request: &ScrubRequest, _progress: Progress<'_>) -> Result<SnapshotId> {
        Err(unsupported("a clean copy of a disk"))
    }

    /// Where the snapshot is.
    async fn snapshot_state(&self, _snapshot: &SnapshotId) -> Result<ImageState> {
        Err(unsupported("a snapshot"))
    }

    /// Makes an image that is like another one but for one disk. Same build: same image.
    async fn register(&self, _request: &RegisterRequest) -> Result<ImageId> {
        Err(unsupported("registering an image"))
    }

    /// Makes the image available to its owner and tells where it is.
    async fn publish(&self, image: &ImageId) -> Result<Published>;

    /// Says on the image itself how far it is, and what images have in common that are as good as this one.
    async fn set_state(
        &self,
        _image: &ImageId,
        _state: PublicState,
        _fingerprint: &str,
    ) -> Result<()> {
        Ok(())
    }

    /// Takes back that the image is being made available: nobody is to have it, and a sweep may take it once its owner's
    /// time is over.
    async fn withdraw(&self, _image: &ImageId, _owner: &Owner) -> Result<()> {
        Ok(())
    }

    /// Starts to copy the image to another region. Same build and region: same copy.
    async fn copy(&self, _request: &CopyRequest) -> Result<ImageId> {
        Err(unsupported("a copy in another region"))
    }

    /// Gives a copy that is available what copying leaves out: tags, settings.
    async fn finish_copy(&self, _copy: &ImageId, _request: &CopyRequest) -> Result<()> {
        Ok(())
    }

    /// Lets others launch the image.
    async fn share(&self, _image: &ImageId, _sharing: &Sharing) -> Result<()> {
        Err(unsupported("sharing an image"))
    }

    /// Says from when on the image is no longer recommended.
    async fn deprecate(&self, _image: &ImageId, _at: Timestamp) -> Result<()> {
        Err(unsupported("deprecating an image"))
    }

    /// Makes the parameter name the image. [`Cloud::release`] knows the change by its text, and takes it back only
    /// where the parameter still names the image.
    async fn set_parameter(&self, _owner: &Owner, _change: &ParameterChange) -> Result<()> {
        Err(unsupported("a parameter that names an image"))
    }

    /// What the parameter names now.
    async fn parameter(&self, _name: &str) -> Result<Option<String>> {
        Err(unsupported("a parameter that names an image"))
    }

    /// The images that earlier builds of the recipe published in a region (the cloud's own when absent) and that are
    /// there still, in any order.
    async fn older_images(&self, _owner: &Owner, _region: Option<&str>) -> Result<Vec<OlderImage>> {
        Err(unsupported("retiring older images"))
    }

    /// Removes an image that an earlier build published, its disks too. Can't be undone.
    async fn retire(&self, _image: &ImageId) -> Result<()> {
        Err(unsupported("retiring older images"))
    }

    /// Everything that bears the build's tag.
    async fn resources(&self, build: &str) -> Result<Vec<Resource>>;

    /// Everything of amint's that is there in any region: of one build, or of all. What a published image consists of
    /// is not listed beside it.
    async fn owned(&self, _build: Option<&str>) -> Result<Vec<Owned>> {
        Err(unsupported("a list of all that is amint's"))
    }

    /// Releases one resource, without waiting until it is gone. Gone already is success; still in use
    /// by something that is going is [`Busy`](crate::ErrorKind::Busy).
    async fn release(&self, resource: &Resource) -> Result<()>;
}

fn unsupported(what: &str) -> CloudError {
    CloudError::other(format!("this cloud does not offer {what}"))
}
