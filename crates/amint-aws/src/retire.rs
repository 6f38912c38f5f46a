//! Older images go, their snapshots with them.

use amint_cloud::{CloudError, ImageId, OlderImage, Owner, Result};

use crate::clients::Clients;

pub(crate) async fn older_images(_clients: &Clients, _owner: &Owner) -> Result<Vec<OlderImage>> {
    Err(CloudError::other("not built yet"))
}

pub(crate) async fn retire(_clients: &Clients, _image: &ImageId) -> Result<()> {
    Err(CloudError::other("not built yet"))
}
