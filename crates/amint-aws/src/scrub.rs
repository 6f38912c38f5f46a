//! A clean copy of a disk, over the EBS direct API.

use amint_cloud::{CloudError, Progress, Result, ScrubRequest, SnapshotId};

use crate::clients::Clients;

pub(crate) async fn scrub(
    _clients: &Clients,
    _request: &ScrubRequest,
    _progress: Progress<'_>,
) -> Result<SnapshotId> {
    Err(CloudError::other("not built yet"))
}
