//! What stands in the way of a build, all of it, before anything costs money.

use amint_cloud::{CloudError, Preflight, PreflightRequest, Result};

use crate::AwsOptions;
use crate::clients::Clients;

pub(crate) async fn run(
    _clients: &Clients,
    _options: &AwsOptions,
    _request: &PreflightRequest,
) -> Result<Preflight> {
    Err(CloudError::other("not built yet"))
}
