//! The builder is started.

use amint_cloud::{BuilderId, CloudError, LaunchRequest, Progress, Result};

use crate::clients::Clients;

pub(crate) async fn launch(
    _clients: &Clients,
    _request: &LaunchRequest,
    _progress: Progress<'_>,
) -> Result<BuilderId> {
    Err(CloudError::other("not built yet"))
}
