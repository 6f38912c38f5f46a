//! Who gets an image, and where it is to be had.

use amint_cloud::{CloudError, CopyRequest, ImageId, PublicState, Published, Result, Sharing};

use crate::clients::Clients;

pub(crate) async fn publish(_clients: &Clients, _image: &ImageId) -> Result<Published> {
    Err(CloudError::other("not built yet"))
}

pub(crate) async fn set_state(
    _clients: &Clients,
    _image: &ImageId,
    _state: PublicState,
) -> Result<()> {
    Err(CloudError::other("not built yet"))
}

pub(crate) async fn copy(_clients: &Clients, _request: &CopyRequest) -> Result<ImageId> {
    Err(CloudError::other("not built yet"))
}

pub(crate) async fn finish_copy(
    _clients: &Clients,
    _copy: &ImageId,
    _request: &CopyRequest,
) -> Result<()> {
    Err(CloudError::other("not built yet"))
}

pub(crate) async fn share(_clients: &Clients, _image: &ImageId, _sharing: &Sharing) -> Result<()> {
    Err(CloudError::other("not built yet"))
}

pub(crate) async fn deprecate(
    _clients: &Clients,
    _image: &ImageId,
    _at: jiff::Timestamp,
) -> Result<()> {
    Err(CloudError::other("not built yet"))
}
