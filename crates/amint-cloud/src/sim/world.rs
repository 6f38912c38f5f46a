//! What exists in the simulated cloud. Everything is a function of the virtual time that is passed in.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use amint_inspect::{BlockSource, Extent};

use super::MemoryDisk;
use super::account::Account;
use super::delays::Delays;
use super::guest::{Reply, Script};
use crate::{
    BuilderId, BuilderState, CaptureRequest, CloudError, CommandId, CommandRequest, CommandState,
    CopyRequest, ErrorKind, FileUpload, ImageDisk, ImageId, ImageState, LaunchRequest, OnPowerOff,
    Published, RegisterRequest, Resource, ResourceKind, Result, ScrubRequest, SnapshotId,
};

/// The name of the one disk of an image.
const DISK: &str = "root";

/// A builder that was ever launched.
#[derive(Debug)]
struct Builder {
    build: String,
    attempt: u32,
    launched: Duration,
    /// When the agent answers: at first, and again after a reboot.
    agent: Option<Duration>,
    /// When it powers itself off.
    power_off: Option<Duration>,
    on_power_off: OnPowerOff,
    terminated: bool,
    boots: u32,
    commands: Vec<Command>,
    files: BTreeMap<String, Vec<u8>>,
}

#[derive(Debug)]
struct Command {
    token: String,
    started: Duration,
    reply: Reply,
    output: Vec<u8>,
}

#[derive(Debug)]
struct Image {
    build: String,
    name: String,
    made: Duration,
    disk: MemoryDisk,
    released: bool,
}

/// Builders, images, and how they behave.
#[derive(Debug)]
pub(super) struct World {
    pub(super) delays: Delays,
    /// What every builder's disk holds when it is captured.
    disk: MemoryDisk,
    pub(super) script: Script,
    pub(super) account: Account,
    builders: Vec<Builder>,
    images: Vec<Image>,
}

impl World {
    pub(super) fn new(delays: Delays, disk: MemoryDisk) -> Self {
        let account = Account::new(delays.snapshot);
        Self {
            delays,
            disk,
            script: Script::default(),
            account,
            builders: Vec::new(),
            images: Vec::new(),
        }
    }

    pub(super) fn launch(&mut self, now: Duration, request: &LaunchRequest) -> BuilderId {
        let known = self
            .builders
            .iter()
            .position(|one| one.build == request.owner.build && one.attempt == request.attempt);
        let index = known.unwrap_or_else(|| {
            self.builders.push(Builder {
                build: request.owner.build.clone(),
                attempt: request.attempt,
                launched: now,
                agent: self.delays.boot.map(|boot| now + boot),
                power_off: None,
                on_power_off: OnPowerOff::Stop,
                terminated: false,
                boots: 1,
                commands: Vec::new(),
                files: BTreeMap::new(),
            });
            self.builders.len() - 1
        });
        BuilderId(format!("sim-builder-{index}"))
    }

    pub(super) fn builder_state(&self, now: Duration, id: &BuilderId) -> Result<BuilderState> {
        let builder = self.builder(id)?;
        if now < builder.launched + self.delays.lag {
            return Err(CloudError::new(
                ErrorKind::NotFound,
                format!("{} is not there yet", id.0),
            ));
        }
        Ok(builder.state(now))
    }

    pub(super) fn agent_online(&self, now: Duration, id: &BuilderId) -> Result<bool> {
        let builder = self.builder(id)?;
        Ok(builder.state(now) == BuilderState::Running
            && builder.agent.is_some_and(|agent| agent <= now))
    }

    /// When the builder's state or its agent's changes next, if it does by itself.
    pub(super) fn next_change(&self, now: Duration, id: &BuilderId) -> Option<Duration> {
        let builder = self.builder(id).ok()?;
        let moments = builder.agent.into_iter().chain(builder.power_off);
        moments.filter(|moment| *moment > now).min()
    }

    pub(super) fn put_file(
        &mut self,
        now: Duration,
        id: &BuilderId,
        file: &FileUpload,
    ) -> Result<()> {
        let builder = self.answering(now, id)?;
        builder.files.insert(file.to.clone(), file.content.clone());
        Ok(())
    }

    pub(super) fn start_command(
        &mut self,
        now: Duration,
        id: &BuilderId,
        request: &CommandRequest,
    ) -> Result<CommandId> {
        let reply = self.script.reply(&request.token);
        let stopping = self.delays.stopping;
        let builder = self.answering(now, id)?;
        if !builder
            .commands
            .iter()
            .any(|one| one.token == request.token)
        {
            let boot_id = format!("boot-{}", builder.boots);
            let output = reply.output.replace("{boot-id}", &boot_id).into_bytes();
            if reply.powers_off {
                builder.power_off = Some(now + reply.duration.unwrap_or_default() + stopping);
            }
            let token = request.token.clone();
            builder.commands.push(Command {
                token,
                started: now,
                reply,
                output,
            });
        }
        Ok(CommandId(request.token.clone()))
    }

    pub(super) fn command_state(
        &mut self,
        now: Duration,
        id: &BuilderId,
        command: &CommandId,
    ) -> Result<CommandState> {
        let command = self.answering(now, id)?.command(command)?;
        let end = command
            .reply
            .duration
            .map(|duration| command.started + duration);
        Ok(match end {
            Some(end) if end <= now => CommandState::Finished {
                exit_code: command.reply.exit_code,
            },
            _ => CommandState::Running,
        })
    }

    pub(super) fn command_output(
        &mut self,
        now: Duration,
        id: &BuilderId,
        command: &CommandId,
        offset: u64,
    ) -> Result<Vec<u8>> {
        let command = self.answering(now, id)?.command(command)?;
        let visible = command
            .reply
            .visible(&command.output, now - command.started);
        let offset = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(visible.len());
        Ok(visible[offset..].to_vec())
    }

    pub(super) fn reboot(&mut self, now: Duration, id: &BuilderId) -> Result<()> {
        let boot = self.delays.boot;
        let builder = self.answering(now, id)?;
        builder.boots += 1;
        builder.agent = boot.map(|boot| now + boot);
        Ok(())
    }

    pub(super) fn set_on_power_off(
        &mut self,
        now: Duration,
        id: &BuilderId,
        action: OnPowerOff,
    ) -> Result<()> {
        let builder = self.builder_mut(id)?;
        if builder.state(now) == BuilderState::Terminated {
            return Err(gone(id));
        }
        builder.on_power_off = action;
        Ok(())
    }

    pub(super) fn capture(&mut self, now: Duration, request: &CaptureRequest) -> Result<ImageId> {
        if self.builder(&request.builder)?.state(now) != BuilderState::Stopped {
            return Err(CloudError::new(
                ErrorKind::Busy,
                "the builder is not stopped",
            ));
        }
        let (build, name) = (&request.owner.build, &request.image.name);
        let disk = self.disk.clone();
        Ok(self.image_named(now, build, name, &disk))
    }

    /// Same build and name: same image.
    fn image_named(
        &mut self,
        now: Duration,
        build: &str,
        name: &str,
        disk: &MemoryDisk,
    ) -> ImageId {
        let known = self
            .images
            .iter()
            .position(|one| one.build == build && one.name == name && !one.released);
        let index = known.unwrap_or_else(|| {
            self.images.push(Image {
                build: build.to_owned(),
                name: name.to_owned(),
                made: now,
                disk: disk.fork(),
                released: false,
            });
            self.images.len() - 1
        });
        ImageId(format!("sim-image-{index}"))
    }

    pub(super) fn register(&mut self, now: Duration, request: &RegisterRequest) -> Result<ImageId> {
        let mut disk = self.image(&request.image)?.disk.clone();
        for (_, snapshot) in &request.replaced {
            disk = self.account.snapshot_disk(now, snapshot)?;
        }
        Ok(self.image_named(now, &request.owner.build, &request.spec.name, &disk))
    }

    pub(super) fn copy(&mut self, now: Duration, request: &CopyRequest) -> Result<ImageId> {
        let disk = self.image(&request.image)?.disk.clone();
        let name = format!("{}@{}", request.spec.name, request.region);
        Ok(self.image_named(now, &request.owner.build, &name, &disk))
    }

    pub(super) fn scrub(&mut self, now: Duration, request: &ScrubRequest) -> Result<SnapshotId> {
        let disk = self.image(&request.image)?.disk.fork();
        disk.discard(&request.extents);
        let build = &request.owner.build;
        Ok(self.account.snapshot(now, build, &request.image, disk))
    }

    pub(super) fn image_state(&self, now: Duration, id: &ImageId) -> Result<ImageState> {
        let image = self.image(id)?;
        let age = now - image.made;
        if age < self.delays.lag {
            return Err(CloudError::new(
                ErrorKind::NotFound,
                format!("{} is not there yet", id.0),
            ));
        }
        let capture = self.delays.capture;
        Ok(if age < capture {
            let done = age.as_secs_f64() / capture.as_secs_f64();
            ImageState::Pending {
                percent: self.delays.progress.map(|curve| curve(done)),
            }
        } else {
            ImageState::Available
        })
    }

    pub(super) fn disks(&self, id: &ImageId) -> Result<Vec<ImageDisk>> {
        let disk = self.image(id)?.disk.clone();
        Ok(vec![ImageDisk {
            name: DISK.to_owned(),
            root: true,
            source: Arc::new(disk),
        }])
    }

    pub(super) fn discard(&self, id: &ImageId, disk: &str, extents: &[Extent]) -> Result<()> {
        let image = self.image(id)?;
        if disk != DISK {
            return Err(CloudError::new(
                ErrorKind::NotFound,
                format!("no disk named {disk}"),
            ));
        }
        image.disk.discard(extents);
        Ok(())
    }

    pub(super) fn publish(&self, id: &ImageId) -> Result<Published> {
        let image = self.image(id)?;
        let location = format!("sim:{}", image.name);
        Ok(Published {
            location,
            format: "raw".to_owned(),
            size: image.disk.size(),
        })
    }

    /// What look-ups by the build's tag show: they trail what was made.
    pub(super) fn resources(&self, now: Duration, build: &str) -> Vec<Resource> {
        let old_enough = |made: Duration| made + self.delays.lag <= now;
        self.alive(now)
            .into_iter()
            .filter(|(resource, made)| resource.build == build && old_enough(*made))
            .map(|(resource, _)| resource)
            .collect()
    }

    /// What is really there, and since when.
    pub(super) fn alive(&self, now: Duration) -> Vec<(Resource, Duration)> {
        let builders = self.builders.iter().enumerate();
        let builders = builders.filter(|(_, one)| one.state(now) != BuilderState::Terminated);
        let builders = builders.map(|(index, one)| {
            let id = format!("sim-builder-{index}");
            (
                Resource {
                    build: one.build.clone(),
                    kind: ResourceKind::Builder,
                    id,
                },
                one.launched,
            )
        });
        let images = self
            .images
            .iter()
            .enumerate()
            .filter(|(_, one)| !one.released);
        let images = images.map(|(index, one)| {
            let id = format!("sim-image-{index}");
            (
                Resource {
                    build: one.build.clone(),
                    kind: ResourceKind::Image,
                    id,
                },
                one.made,
            )
        });
        let account = self.account.alive();
        builders.chain(images).chain(account).collect()
    }

    /// Releases a resource; one that is not there is released already.
    pub(super) fn release(&mut self, now: Duration, resource: &Resource) -> Result<()> {
        match resource.kind {
            ResourceKind::Builder => {
                if let Ok(builder) = self.builder_mut(&BuilderId(resource.id.clone())) {
                    builder.terminated = true;
                }
            }
            ResourceKind::Image => {
                let index = index_of("sim-image-", &resource.id);
                if let Some(image) = index.and_then(|index| self.images.get_mut(index)) {
                    image.released = true;
                }
            }
            _ => {
                let there = |one: &Builder| {
                    one.build == resource.build && one.state(now) != BuilderState::Terminated
                };
                let there = self.builders.iter().any(there);
                return self.account.release(resource, there);
            }
        }
        Ok(())
    }

    /// Every builder dies, its disk with it.
    pub(super) fn die(&mut self) {
        for builder in &mut self.builders {
            builder.terminated = true;
        }
    }

    /// What was uploaded to the newest builder, by path.
    pub(super) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.builders
            .last()
            .map(|builder| builder.files.clone())
            .unwrap_or_default()
    }

    /// The disk of the newest image, shared.
    pub(super) fn image_disk(&self) -> Option<MemoryDisk> {
        self.images.last().map(|image| image.disk.clone())
    }

    fn builder(&self, id: &BuilderId) -> Result<&Builder> {
        let index = index_of("sim-builder-", &id.0);
        index
            .and_then(|index| self.builders.get(index))
            .ok_or_else(|| unknown(&id.0))
    }

    fn builder_mut(&mut self, id: &BuilderId) -> Result<&mut Builder> {
        let index = index_of("sim-builder-", &id.0);
        index
            .and_then(|index| self.builders.get_mut(index))
            .ok_or_else(|| unknown(&id.0))
    }

    /// The builder, if its agent answers.
    fn answering(&mut self, now: Duration, id: &BuilderId) -> Result<&mut Builder> {
        let online = self.agent_online(now, id)?;
        let builder = self.builder_mut(id)?;
        match builder.state(now) {
            BuilderState::Terminated => Err(gone(id)),
            _ if online => Ok(builder),
            _ => Err(CloudError::other("the agent does not answer")),
        }
    }

    fn image(&self, id: &ImageId) -> Result<&Image> {
        let image = index_of("sim-image-", &id.0).and_then(|index| self.images.get(index));
        image
            .filter(|image| !image.released)
            .ok_or_else(|| unknown(&id.0))
    }
}

impl Builder {
    fn state(&self, now: Duration) -> BuilderState {
        let off = self.power_off.is_some_and(|moment| moment <= now);
        match (self.terminated, off, self.on_power_off) {
            (true, _, _) | (false, true, OnPowerOff::Terminate) => BuilderState::Terminated,
            (false, true, OnPowerOff::Stop) => BuilderState::Stopped,
            (false, false, _) => BuilderState::Running,
        }
    }

    fn command(&self, id: &CommandId) -> Result<&Command> {
        self.commands
            .iter()
            .find(|one| one.token == id.0)
            .ok_or_else(|| unknown(&id.0))
    }
}

fn index_of(prefix: &str, id: &str) -> Option<usize> {
    id.strip_prefix(prefix)?.parse().ok()
}

fn unknown(id: &str) -> CloudError {
    CloudError::new(ErrorKind::NotFound, format!("there is no {id}"))
}

fn gone(id: &BuilderId) -> CloudError {
    CloudError::new(ErrorKind::Gone, format!("{} is gone", id.0))
}
