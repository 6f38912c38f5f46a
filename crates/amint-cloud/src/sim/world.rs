//! What exists in the simulated cloud. Everything is a function of the virtual time that is passed in.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use amint_inspect::BlockSource;
use amint_inspect::scrub::Cleaning;

use super::MemoryDisk;
use super::account::Account;
use super::delays::Delays;
use super::guest::Script;
use super::machine::{Builder, Command};
use crate::{
    BuilderId, BuilderState, CaptureRequest, CloudError, CommandId, CommandRequest, CommandState,
    CopyRequest, ErrorKind, FileUpload, ImageDisk, ImageId, ImageState, LaunchRequest, OnPowerOff,
    Owner, Published, RegisterRequest, Resource, ResourceKind, Result, ScrubRequest, SnapshotId,
};

/// What the ids of builders and images begin with.
const BUILDER: &str = "sim-builder-";
const IMAGE: &str = "sim-image-";

/// The name of the one disk of an image.
const DISK: &str = "root";

#[derive(Debug)]
struct Image {
    owner: Owner,
    name: String,
    made: Duration,
    disk: MemoryDisk,
    /// The snapshots that it was registered from.
    parts: Vec<SnapshotId>,
    released: bool,
}

/// Something that is there.
#[derive(Debug)]
pub(super) struct Thing {
    pub(super) resource: Resource,
    pub(super) owner: Owner,
    pub(super) made: Duration,
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

    /// The builder ends itself at `deadline`.
    pub(super) fn launch(
        &mut self,
        now: Duration,
        request: &LaunchRequest,
        deadline: Duration,
    ) -> BuilderId {
        let owner = &request.owner;
        let known = self
            .builders
            .iter()
            .position(|one| one.owner.build == owner.build && one.attempt == request.attempt);
        let index = known.unwrap_or_else(|| {
            self.builders.push(Builder {
                owner: owner.clone(),
                deadline,
                attempt: request.attempt,
                launched: now,
                agent: self.delays.boot.map(|boot| now + boot),
                power_off: None,
                on_power_off: OnPowerOff::Stop,
                terminated: None,
                boots: 1,
                commands: Vec::new(),
                files: BTreeMap::new(),
            });
            self.builders.len() - 1
        });
        BuilderId(format!("{BUILDER}{index}"))
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
                script: request.script.clone(),
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
        let disk = self.disk.clone();
        Ok(self.image_named(now, &request.owner, &request.image.name, &disk))
    }

    /// Same build and name: same image.
    fn image_named(
        &mut self,
        now: Duration,
        owner: &Owner,
        name: &str,
        disk: &MemoryDisk,
    ) -> ImageId {
        let same =
            |one: &Image| one.owner.build == owner.build && one.name == name && !one.released;
        let known = self.images.iter().position(same);
        let index = known.unwrap_or_else(|| {
            self.images.push(Image {
                owner: owner.clone(),
                name: name.to_owned(),
                made: now,
                disk: disk.fork(),
                parts: Vec::new(),
                released: false,
            });
            self.images.len() - 1
        });
        ImageId(format!("{IMAGE}{index}"))
    }

    pub(super) fn register(&mut self, now: Duration, request: &RegisterRequest) -> Result<ImageId> {
        let mut disk = self.image(&request.image)?.disk.clone();
        let mut parts = Vec::new();
        for (_, snapshot) in &request.replaced {
            disk = self.account.snapshot_disk(now, snapshot)?;
            parts.push(snapshot.clone());
        }
        let id = self.image_named(now, &request.owner, &request.spec.name, &disk);
        let image = index_of(IMAGE, &id.0).and_then(|index| self.images.get_mut(index));
        if let Some(image) = image {
            image.parts = parts;
        }
        Ok(id)
    }

    pub(super) fn copy(&mut self, now: Duration, request: &CopyRequest) -> Result<ImageId> {
        let disk = self.image(&request.image)?.disk.clone();
        let name = format!("{}@{}", request.spec.name, request.region);
        Ok(self.image_named(now, &request.owner, &name, &disk))
    }

    pub(super) fn scrub(&mut self, now: Duration, request: &ScrubRequest) -> Result<SnapshotId> {
        let disk = self.image(&request.image)?.disk.fork();
        disk.clean(&request.cleaning);
        let (owner, image) = (&request.owner, &request.image);
        Ok(self.account.snapshot(now, owner, image, disk))
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

    pub(super) fn clean(&self, id: &ImageId, disk: &str, cleaning: &Cleaning) -> Result<()> {
        let image = self.image(id)?;
        if disk != DISK {
            return Err(CloudError::new(
                ErrorKind::NotFound,
                format!("no disk named {disk}"),
            ));
        }
        image.disk.clean(cleaning);
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

    /// What look-ups show: they trail what was made, and do not tell the parts of an image.
    pub(super) fn shown(&self, now: Duration) -> Vec<Thing> {
        let images = self.images.iter().filter(|image| !image.released);
        let parts: Vec<&str> = images
            .flat_map(|image| image.parts.iter().map(|part| part.0.as_str()))
            .collect();
        let mut things = self.alive(now);
        things.retain(|thing| {
            let part = parts.contains(&thing.resource.id.as_str());
            thing.made + self.delays.lag <= now && !part
        });
        things
    }

    /// What is really there, and can be looked up.
    pub(super) fn alive(&self, now: Duration) -> Vec<Thing> {
        let builders = self.builders.iter().enumerate();
        let builders = builders.filter(|(_, one)| one.state(now) != BuilderState::Terminated);
        let builders = builders.map(|(index, one)| {
            let id = format!("{BUILDER}{index}");
            thing(&one.owner, ResourceKind::Builder, id, one.launched)
        });
        let images = self.images.iter().enumerate();
        let images = images.filter(|(_, one)| !one.released);
        let images = images.map(|(index, one)| {
            let id = format!("{IMAGE}{index}");
            thing(&one.owner, ResourceKind::Image, id, one.made)
        });
        let account = self.account.alive();
        builders.chain(images).chain(account).collect()
    }

    /// How many builders there ever were, and images.
    pub(super) fn made(&self) -> (usize, usize) {
        (self.builders.len(), self.images.len())
    }

    /// The builders that cost something for every hour.
    pub(super) fn running(&self, now: Duration) -> usize {
        let running = |one: &&Builder| one.state(now) == BuilderState::Running;
        self.builders.iter().filter(running).count()
    }

    /// Releases a resource; one that is not there is released already.
    pub(super) fn release(&mut self, now: Duration, resource: &Resource) -> Result<()> {
        match resource.kind {
            ResourceKind::Builder => {
                if let Ok(builder) = self.builder_mut(&BuilderId(resource.id.clone())) {
                    builder.terminated.get_or_insert(now);
                }
            }
            ResourceKind::Image => {
                let index = index_of(IMAGE, &resource.id);
                if let Some(image) = index.and_then(|index| self.images.get_mut(index)) {
                    image.released = true;
                    for part in std::mem::take(&mut image.parts) {
                        self.account.release_snapshot(&part.0);
                    }
                }
            }
            _ => {
                let ending = self.delays.ending;
                let there = |one: &Builder| {
                    let gone = one.ended(now).is_some_and(|ended| ended + ending <= now);
                    one.owner.build == resource.build && !gone
                };
                let there = self.builders.iter().any(there);
                return self.account.release(resource, there);
            }
        }
        Ok(())
    }

    /// Every builder dies, its disk with it.
    pub(super) fn die(&mut self, now: Duration) {
        for builder in &mut self.builders {
            builder.terminated.get_or_insert(now);
        }
    }

    /// What was uploaded to the newest builder, by path.
    pub(super) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.builders
            .last()
            .map(|builder| builder.files.clone())
            .unwrap_or_default()
    }

    /// What builders were given to run.
    pub(super) fn commands(&self) -> impl Iterator<Item = &Command> {
        self.builders.iter().flat_map(|builder| &builder.commands)
    }

    /// The disk of the newest image, shared.
    pub(super) fn image_disk(&self) -> Option<MemoryDisk> {
        self.images.last().map(|image| image.disk.clone())
    }

    fn builder(&self, id: &BuilderId) -> Result<&Builder> {
        let index = index_of(BUILDER, &id.0);
        index
            .and_then(|index| self.builders.get(index))
            .ok_or_else(|| unknown(&id.0))
    }

    fn builder_mut(&mut self, id: &BuilderId) -> Result<&mut Builder> {
        let index = index_of(BUILDER, &id.0);
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
        let image = index_of(IMAGE, &id.0).and_then(|index| self.images.get(index));
        image
            .filter(|image| !image.released)
            .ok_or_else(|| unknown(&id.0))
    }
}

pub(super) fn thing(owner: &Owner, kind: ResourceKind, id: String, made: Duration) -> Thing {
    let build = owner.build.clone();
    Thing {
        resource: Resource { build, kind, id },
        owner: owner.clone(),
        made,
    }
}

fn index_of(prefix: &str, id: &str) -> Option<usize> {
    id.strip_prefix(prefix)?.parse().ok()
}

pub(super) fn unknown(id: &str) -> CloudError {
    CloudError::new(ErrorKind::NotFound, format!("there is no {id}"))
}

fn gone(id: &BuilderId) -> CloudError {
    CloudError::new(ErrorKind::Gone, format!("{} is gone", id.0))
}
