//! The port's methods, each a few lines on what the other modules do.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use amint_cloud::{
    BaseImage, BaseQuery, BuilderId, BuilderState, CaptureRequest, Cloud, CloudError, CommandId,
    CommandOutput, CommandRequest, CommandState, ErrorKind, FileUpload, ImageDisk, ImageId,
    ImageState, LaunchRequest, Machine, OnPowerOff, Pace, Published, Resource, ResourceKind,
    Result, WaitFor,
};
use amint_inspect::raw::RawFile;
use amint_inspect::{BlockSource, Extent};

use crate::base::{self, Progress};
use crate::builder::{Builder, end_orphan, folders, make_folders};
use crate::cache::{Cache, remove};
use crate::files::{file_error, require_space};
use crate::launch;
use crate::machine::Paths;
use crate::options::LocalOptions;
use crate::program;

/// The published image.
const IMAGE: &str = "image.raw";

/// Room that a builder's disk gets before a build starts.
const SPACE: u64 = 2 << 30;

/// A cloud that is one QEMU machine on this computer.
pub struct LocalCloud {
    options: LocalOptions,
    cache: Cache,
    builders: Mutex<HashMap<BuilderId, Arc<Builder>>>,
    /// Images that this process published: only those are withdrawn from the output folder.
    published: Mutex<HashSet<ImageId>>,
}

impl LocalCloud {
    /// A cloud that keeps its things where `options` say. Nothing is touched yet.
    pub fn new(options: LocalOptions) -> Self {
        let cache = Cache::new(options.cache_dir.clone());
        Self {
            options,
            cache,
            builders: Mutex::default(),
            published: Mutex::default(),
        }
    }

    fn builder(&self, id: &BuilderId) -> Result<Arc<Builder>> {
        let builders = self.builders.lock().unwrap_or_else(PoisonError::into_inner);
        builders.get(id).cloned().ok_or_else(|| {
            CloudError::new(ErrorKind::Gone, format!("there is no builder {}", id.0))
        })
    }

    fn running(&self, id: &BuilderId) -> Result<Arc<Builder>> {
        let builder = self.builder(id)?;
        builder.require_running()?;
        Ok(builder)
    }

    /// An image's file: hidden until it is published.
    fn image_file(&self, image: &ImageId) -> PathBuf {
        let hidden = folders(&self.options, &image.0).1.join(IMAGE);
        if hidden.exists() {
            hidden
        } else {
            self.options.output_dir.join(IMAGE)
        }
    }
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
        let published = self.options.output_dir.join(IMAGE);
        if published.exists() && !self.options.overwrite {
            return Err(CloudError::new(
                ErrorKind::Conflict,
                format!("{} exists", published.display()),
            )
            .hint("choose another --output, or replace it with --force"));
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

    async fn launch(&self, request: &LaunchRequest, progress: Progress<'_>) -> Result<BuilderId> {
        let Machine::Virtual(machine) = &request.machine else {
            return Err(base::unfit());
        };
        let id = BuilderId(request.owner.build.clone());
        if self.builder(&id).is_ok() {
            return Ok(id);
        }
        let (runtime, work) = folders(&self.options, &request.owner.build);
        make_folders(&runtime, &work)?;
        let paths = Paths {
            runtime: runtime.clone(),
            disk: work.join("disk.raw"),
        };
        let builder = Builder::new(paths, work.clone(), machine.network);
        if let Err(error) = launch::start(
            &self.cache,
            &self.options,
            &builder,
            request,
            machine,
            progress,
        )
        .await
        {
            // What was not launched is not released either.
            remove(&runtime)?;
            remove(&work)?;
            let _ = fs::remove_dir(&self.options.output_dir);
            return Err(error);
        }
        let mut builders = self.builders.lock().unwrap_or_else(PoisonError::into_inner);
        builders.insert(id.clone(), builder);
        Ok(id)
    }

    async fn builder_state(&self, builder: &BuilderId) -> Result<BuilderState> {
        match self.builder(builder) {
            Ok(builder) => builder.state(),
            Err(_) => Ok(BuilderState::Terminated),
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
        Ok(self.builder(builder)?.console())
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
        self.running(builder)?
            .guest
            .launch("exec systemctl --no-block reboot")
            .await
    }

    async fn set_on_power_off(&self, builder: &BuilderId, action: OnPowerOff) -> Result<()> {
        self.builder(builder)?.set_on_power_off(action);
        Ok(())
    }

    async fn capture(&self, request: &CaptureRequest) -> Result<ImageId> {
        let image = ImageId(request.owner.build.clone());
        let (_, work) = folders(&self.options, &request.owner.build);
        let (disk, file) = (work.join("disk.raw"), work.join(IMAGE));
        if !file.exists() {
            let state = self.builder_state(&request.builder).await?;
            if state != BuilderState::Stopped {
                return Err(CloudError::new(
                    ErrorKind::Busy,
                    format!("the builder is {state:?}, not stopped").to_lowercase(),
                ));
            }
            fs::rename(&disk, &file).map_err(|error| file_error("rename", &disk, error))?;
        }
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

    async fn discard(&self, image: &ImageId, _disk: &str, extents: &[Extent]) -> Result<()> {
        let path = self.image_file(image);
        let extents = extents.to_vec();
        tokio::task::spawn_blocking(move || punch(&path, &extents))
            .await
            .map_err(|error| CloudError::other("discarding was cut short").caused_by(error))?
    }

    async fn publish(&self, image: &ImageId) -> Result<Published> {
        let hidden = folders(&self.options, &image.0).1.join(IMAGE);
        let published = self.options.output_dir.join(IMAGE);
        if hidden.exists() {
            let sync = || -> std::io::Result<()> {
                fs::File::open(&hidden)?.sync_all()?;
                fs::rename(&hidden, &published)?;
                fs::File::open(&self.options.output_dir)?.sync_all()?;
                // Nothing of the build is left in there.
                let work = hidden.parent().unwrap_or(&hidden);
                let _ = fs::remove_dir(work);
                Ok(())
            };
            sync().map_err(|error| file_error("publish", &published, error))?;
            self.published
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(image.clone());
        }
        let about =
            fs::metadata(&published).map_err(|error| file_error("read", &published, error))?;
        Ok(Published {
            location: published.display().to_string(),
            format: "raw".into(),
            size: about.len(),
        })
    }

    async fn resources(&self, build: &str) -> Result<Vec<Resource>> {
        let (runtime, work) = folders(&self.options, build);
        let mut found = Vec::new();
        let mut add = |kind| {
            found.push(Resource {
                build: build.to_owned(),
                kind,
                id: build.to_owned(),
            });
        };
        if runtime.exists() || work.join("disk.raw").exists() {
            add(ResourceKind::Builder);
        }
        if work.join(IMAGE).exists() {
            add(ResourceKind::Image);
        }
        Ok(found)
    }

    async fn release(&self, resource: &Resource) -> Result<()> {
        let (runtime, work) = folders(&self.options, &resource.build);
        match resource.kind {
            ResourceKind::Builder => {
                let id = BuilderId(resource.build.clone());
                let known = self
                    .builders
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .remove(&id);
                match known {
                    Some(builder) => builder.release().await?,
                    None => {
                        end_orphan(&Paths {
                            runtime: runtime.clone(),
                            disk: work.join("disk.raw"),
                        })?;
                        remove(&runtime)?;
                    }
                }
                remove_file(&work.join("disk.raw"))?;
            }
            ResourceKind::Image => {
                remove_file(&work.join(IMAGE))?;
                let image = ImageId(resource.id.clone());
                let withdrawn = self
                    .published
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .remove(&image);
                if withdrawn {
                    remove_file(&self.options.output_dir.join(IMAGE))?;
                }
            }
            // Never made here.
            ResourceKind::Parameter
            | ResourceKind::Snapshot
            | ResourceKind::StagedFile
            | ResourceKind::InstanceProfile
            | ResourceKind::Role
            | ResourceKind::SecurityGroup => {}
        }
        // Gone when nothing of the build is in it any more.
        let _ = fs::remove_dir(&work);
        let _ = fs::remove_dir(&self.options.output_dir);
        Ok(())
    }
}

fn remove_file(path: &std::path::Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(file_error("remove", path, error))
        }
        _ => Ok(()),
    }
}

fn punch(path: &std::path::Path, extents: &[Extent]) -> Result<()> {
    use rustix::fs::FallocateFlags;
    let describe = |error: std::io::Error| file_error("make holes in", path, error);
    let file = fs::OpenOptions::new()
        .write(true)
        .open(path)
        .map_err(describe)?;
    for extent in extents {
        rustix::fs::fallocate(
            &file,
            FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE,
            extent.offset,
            extent.length,
        )
        .map_err(|error| describe(error.into()))?;
    }
    Ok(())
}
