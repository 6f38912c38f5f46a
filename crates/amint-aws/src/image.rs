//! Images are made.

use amint_cloud::{CaptureRequest, CloudError, ImageId, RegisterRequest, Result};

use crate::clients::Clients;

pub(crate) async fn capture(_clients: &Clients, _request: &CaptureRequest) -> Result<ImageId> {
    Err(CloudError::other("not built yet"))
}

pub(crate) async fn register(_clients: &Clients, _request: &RegisterRequest) -> Result<ImageId> {
    Err(CloudError::other("not built yet"))
}
