//! What bears a build's tag, and its release.

use amint_cloud::{CloudError, Resource, Result};

use crate::clients::Clients;

pub(crate) async fn of_build(_clients: &Clients, _build: &str) -> Result<Vec<Resource>> {
    Err(CloudError::other("not built yet"))
}

pub(crate) async fn release(_clients: &Clients, _resource: &Resource) -> Result<()> {
    Err(CloudError::other("not built yet"))
}
