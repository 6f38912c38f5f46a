//! The trait and the values that it speaks.

use std::sync::Arc;
use std::time::Duration;

use amint_inspect::{BlockSource, Extent};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::CloudError;

/// What an adapter answers.
pub type Result<T> = std::result::Result<T, CloudError>;

/// The base image that a plan asks for.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BaseQuery {
    /// A Debian release made on this machine (`bookworm`).
    Debian {
        /// The release's code name.
        release: String,
    },
    /// A disk image on this machine.
    Image {
        /// Absolute path of a raw or qcow2 file.
        path: std::path::PathBuf,
        /// Expected SHA-256 of the file, hex.
        sha256: String,
    },
}

/// A base image that was found.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct BaseImage {
    /// The cloud's name for it.
    pub id: String,
    /// A name that people recognise.
    pub name: String,
    /// Digest of its content (hex SHA-256), where the cloud can tell.
    pub digest: Option<String>,
    /// Installed packages as `name version`, where the cloud can tell.
    pub packages: Vec<String>,
}

/// What to launch.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct LaunchRequest {
    /// The build that the builder belongs to; tags it, and finds it again.
    pub build: String,
    /// Which try this is: another attempt is another builder.
    pub attempt: u32,
    /// What it starts from.
    pub base: BaseImage,
    /// Virtual CPUs.
    pub vcpus: u32,
    /// Memory in MiB.
    pub memory_mib: u32,
    /// Whether the builder reaches a network.
    pub network: bool,
    /// When the builder must be gone, whoever died.
    pub expires: Timestamp,
}

/// The cloud's name for a builder.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct BuilderId(pub String);

/// The cloud's name for an image.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct ImageId(pub String);

/// The cloud's name for a command that was started.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct CommandId(pub String);

/// Where a builder is in its life.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum BuilderState {
    /// Not running yet.
    Pending,
    /// Running.
    Running,
    /// Powered off, its disk kept.
    Stopped,
    /// Gone, its disk too.
    Terminated,
}

/// What happens to the disk when the machine powers itself off.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum OnPowerOff {
    /// The disk goes too: the dead man's switch.
    Terminate,
    /// The disk stays: for the seal.
    Stop,
}

/// A command for the builder, run by `/bin/sh` as root.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CommandRequest {
    /// Unique in its build; finds the command again after a lost answer.
    pub token: String,
    /// The script. It never holds a secret.
    pub script: String,
    /// When the cloud should give it up by itself.
    pub timeout: Duration,
}

/// Where a command is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum CommandState {
    /// Not finished.
    Running,
    /// Finished with this exit code (128 + signal when killed).
    Finished {
        /// 0 is success.
        exit_code: i32,
    },
}

/// A file for the builder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileUpload {
    /// Absolute path; its folder is made when missing.
    pub to: String,
    /// Owner's name; root when absent.
    pub owner: Option<String>,
    /// Group's name; the owner's when absent.
    pub group: Option<String>,
    /// Permission bits.
    pub mode: u32,
    /// What it holds.
    pub content: Vec<u8>,
}

/// What to make an image from.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CaptureRequest {
    /// The build that the image belongs to.
    pub build: String,
    /// The stopped builder.
    pub builder: BuilderId,
    /// The image's name.
    pub name: String,
}

/// Where an image is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum ImageState {
    /// Being made.
    Pending {
        /// 0 to 100, where the cloud can tell.
        percent: Option<u8>,
    },
    /// Ready.
    Available,
    /// Not to be had.
    Failed {
        /// Why.
        reason: String,
    },
}

/// One disk of an image.
pub struct ImageDisk {
    /// Its name in the image (`root`).
    pub name: String,
    /// Its bytes.
    pub source: Arc<dyn BlockSource>,
}

/// Where a published image is to be had.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Published {
    /// A path or an image id.
    pub location: String,
    /// `raw`, `ami`.
    pub format: String,
    /// Size of the disks in bytes.
    pub size: u64,
}

/// Something that bears a build's tag.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Resource {
    /// The build that it belongs to.
    pub build: String,
    /// What it is.
    pub kind: ResourceKind,
    /// The cloud's name for it.
    pub id: String,
}

/// Kinds of resources, in the order in which they are released: what costs most goes first.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResourceKind {
    /// A builder and its disks.
    Builder,
    /// An image that was not published.
    Image,
}

/// How often a cloud likes to be asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pace {
    /// The first gap between two questions.
    pub first: Duration,
    /// The longest gap.
    pub longest: Duration,
}

/// A place that can run a builder and keep an image.
///
/// Every call that creates can be asked for again after a lost answer and then finds what it made.
/// No call waits for a state: the engine does.
#[async_trait::async_trait]
pub trait Cloud: Send + Sync {
    /// The cloud's name (`local`, `aws`).
    fn name(&self) -> &'static str;

    /// How often it likes to be asked.
    fn pace(&self) -> Pace;

    /// Who is asking: an account, a user. Fails when a prerequisite is missing, all of them named.
    async fn identity(&self) -> Result<String>;

    /// Finds the base image, or makes it where that is this cloud's way; `progress` hears about it.
    async fn find_base(
        &self,
        query: &BaseQuery,
        progress: &(dyn for<'a> Fn(&'a str) + Send + Sync),
    ) -> Result<BaseImage>;

    /// Starts a builder. Same build and attempt: same builder.
    async fn launch(
        &self,
        request: &LaunchRequest,
        progress: &(dyn for<'a> Fn(&'a str) + Send + Sync),
    ) -> Result<BuilderId>;

    /// Where the builder is in its life.
    async fn builder_state(&self, builder: &BuilderId) -> Result<BuilderState>;

    /// Whether its agent answers.
    async fn agent_online(&self, builder: &BuilderId) -> Result<bool>;

    /// Returns when something about the builder may have changed; a hint that shortens a wait. May
    /// never return.
    async fn changed(&self, builder: &BuilderId);

    /// The end of its serial console, for diagnosis.
    async fn console(&self, builder: &BuilderId) -> Result<String>;

    /// Keeps the builder beyond this process (`--on-error keep`) and tells how a person gets in:
    /// commands, one a line.
    async fn access(&self, builder: &BuilderId) -> Result<String>;

    /// Puts a file onto the builder.
    async fn put_file(&self, builder: &BuilderId, file: &FileUpload) -> Result<()>;

    /// Starts a command. Same token: same command, not run twice.
    async fn start_command(
        &self,
        builder: &BuilderId,
        command: &CommandRequest,
    ) -> Result<CommandId>;

    /// Where the command is.
    async fn command_state(&self, builder: &BuilderId, command: &CommandId)
    -> Result<CommandState>;

    /// What the command printed (stdout and stderr, as they came) from byte `offset` on; empty when
    /// there is nothing new. At most a few hundred KiB a call.
    async fn command_output(
        &self,
        builder: &BuilderId,
        command: &CommandId,
        offset: u64,
    ) -> Result<Vec<u8>>;

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

    /// Makes the extents of the disk read as zeros and hold nothing.
    async fn discard(&self, image: &ImageId, disk: &str, extents: &[Extent]) -> Result<()>;

    /// Makes the image available to its users.
    async fn publish(&self, image: &ImageId) -> Result<Published>;

    /// Everything that bears the build's tag.
    async fn resources(&self, build: &str) -> Result<Vec<Resource>>;

    /// Releases one resource, without waiting until it is gone. Gone already is success.
    async fn release(&self, resource: &Resource) -> Result<()>;
}
