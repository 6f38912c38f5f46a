//! The parameter that names the newest image.

use amint_cloud::{CloudError, ImageId, Owner, Result};

use crate::clients::Clients;

pub(crate) async fn set(
    _clients: &Clients,
    _owner: &Owner,
    _name: &str,
    _image: &ImageId,
) -> Result<String> {
    Err(CloudError::other("not built yet"))
}

pub(crate) async fn get(_clients: &Clients, _name: &str) -> Result<Option<String>> {
    Err(CloudError::other("not built yet"))
}

pub(crate) async fn restore(_clients: &Clients, _id: &str) -> Result<()> {
    Err(CloudError::other("not built yet"))
}
