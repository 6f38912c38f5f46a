//! What only an account has: supports, snapshots, copies, sharing, a parameter, images of earlier builds.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::MemoryDisk;
use super::world::{Thing, thing};
use crate::{
    CloudError, ErrorKind, ImageId, ImageState, OlderImage, Owner, ParameterChange, PublicState,
    Resource, ResourceKind, Result, Sharing, SnapshotId,
};

/// What the ids of snapshots begin with.
const SNAPSHOT: &str = "sim-snapshot-";

/// Something that a builder needs beside itself.
#[derive(Debug)]
struct Support {
    owner: Owner,
    kind: ResourceKind,
    id: String,
    made: Duration,
}

#[derive(Debug)]
struct Snapshot {
    owner: Owner,
    image: ImageId,
    made: Duration,
    disk: MemoryDisk,
    released: bool,
}

/// What is known of an image beyond its disk.
#[derive(Clone, Debug, Default)]
pub struct Publicity {
    /// How far it is said to be.
    pub state: Option<PublicState>,
    /// What it is said to be as good as.
    pub fingerprint: Option<String>,
    /// Who may launch it.
    pub sharing: Sharing,
    /// From when on it is outdated.
    pub deprecated: Option<Timestamp>,
    /// How often what copying leaves out was added.
    pub finished: u32,
}

/// The account's own state.
#[derive(Debug, Default)]
pub(super) struct Account {
    supports: Vec<Support>,
    snapshots: Vec<Snapshot>,
    /// Files that wait for a builder. A bucket's objects bear no tag that a look-up goes by.
    staged: Vec<Resource>,
    publicity: BTreeMap<String, Publicity>,
    parameters: BTreeMap<String, String>,
    pub(super) older: Vec<OlderImage>,
    /// How long a snapshot is in the making.
    snapshot: Duration,
}

impl Account {
    pub(super) fn new(snapshot: Duration) -> Self {
        Self {
            snapshot,
            ..Self::default()
        }
    }

    pub(super) fn support(&mut self, now: Duration, owner: &Owner, kind: ResourceKind) -> String {
        let build = &owner.build;
        let known = self
            .supports
            .iter()
            .find(|one| one.owner.build == *build && one.kind == kind);
        if let Some(known) = known {
            return known.id.clone();
        }
        let id = format!("sim-{}-{}", kind.name().replace(' ', "-"), build);
        self.supports.push(Support {
            owner: owner.clone(),
            kind,
            id: id.clone(),
            made: now,
        });
        id
    }

    pub(super) fn snapshot(
        &mut self,
        now: Duration,
        owner: &Owner,
        image: &ImageId,
        disk: MemoryDisk,
    ) -> SnapshotId {
        let known = self
            .snapshots
            .iter()
            .position(|one| one.owner.build == owner.build && one.image == *image && !one.released);
        let index = known.unwrap_or_else(|| {
            self.snapshots.push(Snapshot {
                owner: owner.clone(),
                image: image.clone(),
                made: now,
                disk,
                released: false,
            });
            self.snapshots.len() - 1
        });
        SnapshotId(format!("{SNAPSHOT}{index}"))
    }

    pub(super) fn snapshot_state(&self, now: Duration, id: &SnapshotId) -> Result<ImageState> {
        let age = now - self.find(id)?.made;
        Ok(if age < self.snapshot {
            ImageState::Pending { percent: None }
        } else {
            ImageState::Available
        })
    }

    pub(super) fn snapshot_disk(&self, now: Duration, id: &SnapshotId) -> Result<MemoryDisk> {
        match self.snapshot_state(now, id)? {
            ImageState::Available => Ok(self.find(id)?.disk.clone()),
            _ => Err(CloudError::new(
                ErrorKind::Busy,
                format!("{} is not complete", id.0),
            )),
        }
    }

    fn find(&self, id: &SnapshotId) -> Result<&Snapshot> {
        let index =
            id.0.strip_prefix(SNAPSHOT)
                .and_then(|index| index.parse::<usize>().ok());
        index
            .and_then(|index| self.snapshots.get(index))
            .filter(|snapshot| !snapshot.released)
            .ok_or_else(|| CloudError::new(ErrorKind::NotFound, format!("there is no {}", id.0)))
    }

    /// Same build and name: same file.
    pub(super) fn stage(&mut self, build: &str, id: String) {
        let staged = Resource {
            build: build.to_owned(),
            kind: ResourceKind::StagedFile,
            id,
        };
        if !self.staged.contains(&staged) {
            self.staged.push(staged);
        }
    }

    /// What is there that no look-up shows.
    pub(super) fn staged(&self) -> &[Resource] {
        &self.staged
    }

    pub(super) fn publicity(&mut self, image: &ImageId) -> &mut Publicity {
        self.publicity.entry(image.0.clone()).or_default()
    }

    /// The images that bear this fingerprint and are published, there or not.
    pub(super) fn published_as(&self, fingerprint: &str) -> Vec<ImageId> {
        let published = self.publicity.iter().filter(|(_, one)| {
            one.state == Some(PublicState::Published)
                && one.fingerprint.as_deref() == Some(fingerprint)
        });
        published.map(|(id, _)| ImageId(id.clone())).collect()
    }

    pub(super) fn publicities(&self) -> BTreeMap<String, Publicity> {
        self.publicity.clone()
    }

    pub(super) fn set_parameter(&mut self, change: &ParameterChange) {
        let image = change.image.0.clone();
        self.parameters.insert(change.name.clone(), image);
    }

    /// Those of a region bear its name: `older-1@eu-west-1`.
    pub(super) fn older_in(&self, region: Option<&str>) -> Vec<OlderImage> {
        let place = |one: &&OlderImage| one.id.0.split_once('@').map(|(_, place)| place) == region;
        self.older.iter().filter(place).cloned().collect()
    }

    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        self.parameters.get(name).cloned()
    }

    fn restore_parameter(&mut self, change: &str) {
        let Some(change) = ParameterChange::parse(change) else {
            return;
        };
        if self.parameter(&change.name) != Some(change.image.0) {
            return;
        }
        match change.before {
            Some(before) => self.parameters.insert(change.name, before),
            None => self.parameters.remove(&change.name),
        };
    }

    /// What is there besides builders and images, and can be looked up.
    pub(super) fn alive(&self) -> Vec<Thing> {
        let supports = self.supports.iter();
        let supports = supports.map(|one| thing(&one.owner, one.kind, one.id.clone(), one.made));
        let snapshots = self.snapshots.iter().enumerate();
        let snapshots = snapshots.filter(|(_, one)| !one.released);
        let snapshots = snapshots.map(|(index, one)| {
            let id = format!("{SNAPSHOT}{index}");
            thing(&one.owner, ResourceKind::Snapshot, id, one.made)
        });
        supports.chain(snapshots).collect()
    }

    /// What is said about an image.
    pub(super) fn state(&self, image: &str) -> Option<PublicState> {
        self.publicity.get(image)?.state
    }

    pub(super) fn release_snapshot(&mut self, id: &str) {
        for (index, one) in self.snapshots.iter_mut().enumerate() {
            one.released |= format!("{SNAPSHOT}{index}") == id;
        }
    }

    /// Releases what is not a builder and not an image. What an image is made from goes with the image, and a
    /// security group is busy as long as a builder is there.
    pub(super) fn release(&mut self, resource: &Resource, builder_is_there: bool) -> Result<()> {
        match resource.kind {
            ResourceKind::SecurityGroup if builder_is_there => {
                return Err(CloudError::new(
                    ErrorKind::Busy,
                    format!("{} is still in use", resource.id),
                ));
            }
            ResourceKind::Parameter => self.restore_parameter(&resource.id),
            ResourceKind::Snapshot => self.release_snapshot(&resource.id),
            ResourceKind::StagedFile => self.staged.retain(|one| one != resource),
            _ => self.supports.retain(|one| one.id != resource.id),
        }
        Ok(())
    }
}
