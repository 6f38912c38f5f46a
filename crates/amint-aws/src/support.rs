//! What a builder needs beside itself.

use amint_cloud::{CloudError, ResourceKind, Result, SupportRequest};

use crate::clients::Clients;

pub(crate) async fn create(
    _clients: &Clients,
    _kind: ResourceKind,
    _request: &SupportRequest,
) -> Result<String> {
    Err(CloudError::other("not built yet"))
}
