//! Look-ups of states, shared by all builds in flight: one question about everything that anybody waits for.
//!
//! - `batch`: who shares which answer, whatever it is about.
//! - `fetch`: the questions themselves. `state`: what the answers mean.
//! - `images`: an image is as far as its snapshots are.

mod batch;
mod fetch;
mod images;
mod state;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use amint_cloud::{
    BuilderId, BuilderState, CloudError, ErrorKind, ImageId, ImageState, Result, SnapshotId,
};

use crate::clients::Clients;
use crate::names;
use batch::{Batch, Timing};
use images::Region;

/// How old a shared answer may be: no older than the shortest gap between two questions of one build.
const FRESH: f64 = 0.6;
/// How long something is asked about after somebody last wanted to know, in seconds.
const FORGET: f64 = 60.0;

/// Asks about everything that is being waited for at once.
pub(crate) struct Watch {
    clients: Clients,
    timing: Timing,
    builders: Batch<BuilderState>,
    agents: Batch<bool>,
    /// By region, the cloud's own and those that images are copied to.
    regions: Mutex<HashMap<String, Arc<Region>>>,
}

impl Watch {
    pub(crate) fn new(clients: Clients, pace: f64) -> Self {
        let seconds = |seconds: f64| Duration::from_secs_f64(seconds * pace);
        let timing = Timing {
            fresh: seconds(FRESH),
            forget: seconds(FORGET),
        };
        let (ec2, ssm) = (clients.ec2.clone(), clients.ssm.clone());
        Self {
            builders: Batch::new(timing, move |ids| {
                Box::pin(fetch::builders(ec2.clone(), ids))
            }),
            agents: Batch::new(timing, move |ids| Box::pin(fetch::agents(ssm.clone(), ids))),
            regions: Mutex::default(),
            clients,
            timing,
        }
    }

    /// Where the builder is; not found just after its launch proves nothing.
    pub(crate) async fn builder_state(&self, builder: &BuilderId) -> Result<BuilderState> {
        let (id, region) = names::split(&builder.0);
        let state = match region {
            None => self.builders.ask(id).await?,
            // One that a sweep found: too rare to share the question.
            Some(region) => {
                let ec2 = self.clients.ec2_in(region);
                let found = fetch::builders(ec2, vec![id.to_owned()]).await?;
                found.get(id).copied()
            }
        };
        state.ok_or_else(|| missing("instance", &builder.0))
    }

    /// Whether its agent has a connection now. One that never had one is not an error.
    pub(crate) async fn agent_online(&self, builder: &BuilderId) -> Result<bool> {
        Ok(self.agents.ask(&builder.0).await?.unwrap_or(false))
    }

    /// Where the image is, in the region that its id names.
    pub(crate) async fn image_state(&self, image: &ImageId) -> Result<ImageState> {
        let (id, region) = names::split(&image.0);
        let state = self.region(region).image_state(id).await?;
        state.ok_or_else(|| missing("image", &image.0))
    }

    /// Where the snapshot is.
    pub(crate) async fn snapshot_state(&self, snapshot: &SnapshotId) -> Result<ImageState> {
        let (id, region) = names::split(&snapshot.0);
        let state = self.region(region).snapshot_state(id).await?;
        state.ok_or_else(|| missing("snapshot", &snapshot.0))
    }

    fn region(&self, region: Option<&str>) -> Arc<Region> {
        let name = region.unwrap_or(&self.clients.region);
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        let region = regions
            .entry(name.to_owned())
            .or_insert_with(|| Arc::new(Region::new(self.clients.ec2_in(name), self.timing)));
        region.clone()
    }
}

fn missing(kind: &str, id: &str) -> CloudError {
    CloudError::new(
        ErrorKind::NotFound,
        format!("the {kind} {id} is not known to AWS"),
    )
}
