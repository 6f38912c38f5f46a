//! Look-ups of states, shared by all builds in flight.

use amint_cloud::{BuilderId, BuilderState, CloudError, ImageId, ImageState, Result, SnapshotId};

use crate::clients::Clients;

/// Asks about everything that is being waited for at once.
pub(crate) struct Watch {
    _clients: Clients,
    _pace: f64,
}

impl Watch {
    pub(crate) fn new(clients: Clients, pace: f64) -> Self {
        Self {
            _clients: clients,
            _pace: pace,
        }
    }

    pub(crate) async fn builder_state(&self, _builder: &BuilderId) -> Result<BuilderState> {
        Err(CloudError::other("not built yet"))
    }

    pub(crate) async fn agent_online(&self, _builder: &BuilderId) -> Result<bool> {
        Err(CloudError::other("not built yet"))
    }

    pub(crate) async fn image_state(&self, _image: &ImageId) -> Result<ImageState> {
        Err(CloudError::other("not built yet"))
    }

    pub(crate) async fn snapshot_state(&self, _snapshot: &SnapshotId) -> Result<ImageState> {
        Err(CloudError::other("not built yet"))
    }
}
