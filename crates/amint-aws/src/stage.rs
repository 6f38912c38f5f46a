//! Large files, by way of a bucket.

use amint_cloud::{CloudError, Result};

use crate::clients::Clients;

pub(crate) async fn stage(
    _clients: &Clients,
    _bucket: Option<&str>,
    _build: &str,
    _token: &str,
    _content: &[u8],
) -> Result<String> {
    Err(CloudError::other("not built yet"))
}
