//! The port's methods, each a few lines on what the other modules do.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use amint_cloud::{
    BaseImage, BaseQuery, BuilderId, BuilderState, CaptureRequest, Claim, Cloud, CloudError,
    CommandId, CommandOutput, CommandRequest, CommandState, ErrorKind, FileUpload, ImageDisk,
    ImageId, ImageState, LaunchRequest, Machine, OnPowerOff, Owned, Pace, Published, Resource,
    ResourceKind, Result, WaitFor,
};
use amint_inspect::BlockSource;
use amint_inspect::raw::RawFile;
use amint_inspect::scrub::Cleaning;

use crate::adopt;
use crate::base::{self, Progress};
use crate::builder::{self, Builder, make_folders};
use crate::cache::{Cache, remove};
use crate::claim::{self, OutputLock};
use crate::files::{remove_file, require_space};
use crate::image;
use crate::launch;
use crate::machine::end_all;
use crate::options::LocalOptions;
use crate::owned;
use crate::program;
use crate::record::{Place, Record, Records, is_name};
use crate::warm;

/// Room that a builder's disk gets before a build starts.
const SPACE: u64 = 2 << 30;

/// A cloud that is one QEMU machine on this computer.
///
/// Its machines end with this process when that ends in order; when it is killed, they run until another process
/// [adopts](Cloud::adopt) or [releases](Cloud::release) them, or their time is over.
pub struct LocalCloud {
    options: LocalOptions,
    cache: Cache,
    records: Records,
    builders: Mutex<HashMap<BuilderId, Arc<Builder>>>,
    /// Images that this process published: only those are withdrawn from the output folder.
    published: Mutex<HashMap<ImageId, Place>>,
    /// The output folder, once it is claimed; given back with this value.
    claimed: Mutex<Option<OutputLock>>,
}

impl LocalCloud {
    /// A cloud that keeps its things where `options` say. Nothing is touched yet.
    pub fn new(options: LocalOptions) -> Self {
        let cache = Cache::new(options.cache_dir.clone());
        Self {
            options,
            records: Records::new(&cache),
            cache,
            builders: Mutex::default(),
            published: Mutex::default(),
            claimed: Mutex::default(),
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<BuilderId, Arc<Builder>>> {
        held(&self.builders)
    }

    fn builder(&self, id: &BuilderId) -> Result<Arc<Builder>> {
        self.known().get(id).cloned().ok_or_else(|| {
            CloudError::new(ErrorKind::Gone, format!("there is no builder {}", id.0))
        })
    }

    fn running(&self, id: &BuilderId) -> Result<Arc<Builder>> {
        let builder = self.builder(id)?;
        builder.require_running()?;
        Ok(builder)
    }

    /// Takes over what an earlier process launched; `None` when there is nothing to go on with.
    async fn take_over(&self, id: &BuilderId) -> Result<Option<Arc<Builder>>> {
        let found = adopt::take_over(&self.records, &id.0).await?;
        if let Some(builder) = &found {
            self.known().insert(id.clone(), Arc::clone(builder));
        }
        Ok(found)
    }

    /// Where a build's things are. The record of a published image is gone.
    fn place(&self, build: &str) -> Place {
        let published = held(&self.published)
            .get(&ImageId(build.to_owned()))
            .cloned();
        published.unwrap_or_else(|| owned::place(&self.records, &self.options, build))
    }

    /// An image's file: hidden until it is published.
    fn image_file(&self, image: &ImageId) -> PathBuf {
        let place = self.place(&image.0);
        let hidden = place.hidden_image();
        if hidden.exists() {
            hidden
        } else {
            self.published_image(&place)
        }
    }

    /// The published image, under the name that the user gave its folder.
    fn published_image(&self, place: &Place) -> PathBuf {
        let published = place.published_image();
        let named = Place::of(&self.options, "").published_image();
        match named == published {
            true => self.options.output_dir.join(image::FILE),
            false => published,
        }
    }
}

fn held<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait::async_trait]
impl Cloud for LocalCloud {
    fn name(&self) -> &'static str {
        "local"
    }

    fn pace(&self, _waiting_for: WaitFor) -> Pace {
        Pace {
            lead: Duration::ZERO,
            least: Duration::from_millis(20),
            fraction: 1.0,
            longest: Duration::from_millis(250),
        }
    }

    async fn identity(&self) -> Result<String> {
        program::require_machine()?;
        let published = self.options.output_dir.join(image::FILE);
        if published.exists() && !self.options.overwrite {
            return Err(image::exists(&published));
        }
        require_space(&self.options.output_dir, SPACE)?;
        Ok(format!(
            "this computer, QEMU {}",
            launch::qemu_version().await?
        ))
    }

    async fn find_base(&self, query: &BaseQuery, progress: Progress<'_>) -> Result<BaseImage> {
        Ok(base::find(&self.cache, query, progress).await?.image)
    }

    async fn identify_base(&self, query: &BaseQuery) -> Result<BaseImage> {
        base::identify(query)
    }

    async fn claim(&self, claim: &Claim) -> Result<Vec<String>> {
        let build = &claim.owner.build;
        let mut claimed = held(&self.claimed);
        if let Some(lock) = claimed.as_ref() {
            return match lock.build == *build {
                true => Ok(Vec::new()),
                false => Err(claim::conflict(&lock.build, &self.options.output_dir)),
            };
        }
        let (lock, stale) = OutputLock::take(&self.cache, &self.options.output_dir, build)?;
        *claimed = Some(lock);
        // One that left nothing is nobody's business any more.
        let left = stale.filter(|stale| !owned::resources(&self.place(stale), stale).is_empty());
        Ok(left
            .map(|stale| {
                format!(
                    "build {stale}, which was minted into {}, was killed and has left things: \
                     `amint cleanup {stale}` removes them",
                    self.options.output_dir.display()
                )
            })
            .into_iter()
            .collect())
    }

    async fn launch(&self, request: &LaunchRequest, progress: Progress<'_>) -> Result<BuilderId> {
        let Machine::Virtual(machine) = &request.machine else {
            return Err(base::unfit());
        };
        let build = &request.owner.build;
        let id = BuilderId(build.clone());
        if self.builder(&id).is_ok() || self.take_over(&id).await?.is_some() {
            return Ok(id);
        }
        warm::sweep(&self.cache, &self.options).await;
        let place = Place::of(&self.options, build);
        // What no record tells of is of no use.
        end_all(&place.paths()).await?;
        remove(&place.runtime)?;
        remove(&place.work)?;
        let record = Record::new(&request.owner, place.clone(), machine.network);
        self.records.write(&record)?;
        let builder = Builder::new(&self.records, &record);
        let (cache, options) = (&self.cache, &self.options);
        let started = async {
            make_folders(&place)?;
            launch::start(cache, options, &builder, request, machine, progress).await
        };
        if let Err(error) = started.await {
            // What was not launched is not released either.
            end_all(&place.paths()).await?;
            remove(&place.runtime)?;
            remove(&place.work)?;
            owned::forget_empty(&self.records, &place, build)?;
            return Err(error);
        }
        self.known().insert(id.clone(), builder);
        Ok(id)
    }

    async fn adopt(&self, builder: &BuilderId) -> Result<BuilderState> {
        let known = self.builder(builder).ok();
        let found = match known {
            Some(builder) => Some(builder),
            None => self.take_over(builder).await?,
        };
        found.map_or(Ok(BuilderState::Terminated), |builder| builder.state())
    }

    async fn builder_state(&self, builder: &BuilderId) -> Result<BuilderState> {
        match self.builder(builder) {
            Ok(builder) => builder.state(),
            Err(_) => Ok(self
                .records
                .read(&builder.0)
                .map_or(BuilderState::Terminated, |record| adopt::look(&record))),
        }
    }

    async fn agent_online(&self, builder: &BuilderId) -> Result<bool> {
        let builder = self.builder(builder)?;
        match builder.require_running() {
            Ok(()) => Ok(builder.guest.agent().answers(Duration::from_secs(2)).await),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn changed(&self, builder: &BuilderId) {
        match self.builder(builder) {
            Ok(builder) => builder.changed().await,
            Err(_) => std::future::pending().await,
        }
    }

    async fn console(&self, builder: &BuilderId) -> Result<String> {
        Ok(builder::console(&self.place(&builder.0).paths()))
    }

    async fn access(&self, builder: &BuilderId) -> Result<String> {
        self.running(builder)?.keep().await
    }

    async fn put_file(&self, builder: &BuilderId, file: &FileUpload) -> Result<()> {
        self.running(builder)?.guest.put(file).await
    }

    async fn start_command(
        &self,
        builder: &BuilderId,
        command: &CommandRequest,
    ) -> Result<CommandId> {
        self.running(builder)?.guest.start(command).await
    }

    async fn command_state(
        &self,
        builder: &BuilderId,
        command: &CommandId,
    ) -> Result<CommandState> {
        self.running(builder)?.guest.state(command).await
    }

    async fn command_output(
        &self,
        builder: &BuilderId,
        command: &CommandId,
        offset: u64,
    ) -> Result<CommandOutput> {
        let bytes = self.running(builder)?.guest.output(command, offset).await?;
        let more = !bytes.is_empty();
        Ok(CommandOutput { bytes, more })
    }

    async fn reboot(&self, builder: &BuilderId) -> Result<()> {
        self.running(builder)?.reboot().await
    }

    async fn set_on_power_off(&self, builder: &BuilderId, action: OnPowerOff) -> Result<()> {
        self.builder(builder)?.set_on_power_off(action)
    }

    async fn capture(&self, request: &CaptureRequest) -> Result<ImageId> {
        let image = ImageId(request.owner.build.clone());
        let place = self.place(&request.owner.build);
        if !place.has_image() {
            let state = self.builder_state(&request.builder).await?;
            if state != BuilderState::Stopped {
                return Err(CloudError::new(
                    ErrorKind::Busy,
                    format!("the builder is {state:?}, not stopped").to_lowercase(),
                ));
            }
            image::capture(&place)?;
        }
        // From here on it is the image that is worked on.
        let expires = request.owner.expires;
        self.records
            .update(&request.owner.build, |record| record.expires = expires)?;
        Ok(image)
    }

    async fn image_state(&self, image: &ImageId) -> Result<ImageState> {
        let file = self.image_file(image);
        Ok(if file.is_file() {
            ImageState::Available
        } else {
            ImageState::Failed {
                reason: format!("{} is gone", file.display()),
            }
        })
    }

    async fn disks(&self, image: &ImageId) -> Result<Vec<ImageDisk>> {
        let file = self.image_file(image);
        let disk = RawFile::open(&file).map_err(|error| {
            CloudError::other(format!("cannot read {}", file.display())).caused_by(error)
        })?;
        Ok(vec![ImageDisk {
            name: "root".into(),
            root: true,
            source: Arc::new(disk) as Arc<dyn BlockSource>,
        }])
    }

    async fn clean(&self, image: &ImageId, _disk: &str, cleaning: &Cleaning) -> Result<()> {
        let path = self.image_file(image);
        let cleaning = cleaning.clone();
        tokio::task::spawn_blocking(move || image::clean(&path, &cleaning))
            .await
            .map_err(|error| CloudError::other("cleaning was cut short").caused_by(error))?
    }

    async fn publish(&self, image: &ImageId) -> Result<Published> {
        let place = self.place(&image.0);
        let overwrite = self.options.overwrite;
        if image::publish(&self.records, &place, &image.0, overwrite)? {
            held(&self.published).insert(image.clone(), place.clone());
        }
        image::published(&self.published_image(&place))
    }

    async fn resources(&self, build: &str) -> Result<Vec<Resource>> {
        Ok(owned::resources(&self.place(build), build))
    }

    async fn owned(&self, build: Option<&str>) -> Result<Vec<Owned>> {
        warm::sweep(&self.cache, &self.options).await;
        base::sweep();
        owned::list(&self.records, &self.options, build)
    }

    async fn release(&self, resource: &Resource) -> Result<()> {
        let build = &resource.build;
        if !is_name(build) {
            return Ok(());
        }
        let place = self.place(build);
        match resource.kind {
            ResourceKind::Builder => {
                let known = self.known().remove(&BuilderId(build.clone()));
                if let Some(builder) = known {
                    builder.release().await;
                }
                owned::release_builder(&self.records, &place, build).await
            }
            ResourceKind::Image => {
                remove_file(&place.hidden_image())?;
                let published = held(&self.published).remove(&ImageId(build.clone()));
                if published.is_some() {
                    remove_file(&place.published_image())?;
                }
                owned::forget_empty(&self.records, &place, build)
            }
            // Never made here.
            ResourceKind::Parameter
            | ResourceKind::Snapshot
            | ResourceKind::StagedFile
            | ResourceKind::InstanceProfile
            | ResourceKind::Role
            | ResourceKind::SecurityGroup => Ok(()),
        }
    }
}
