//! Disks of images, read over the EBS direct API.

use amint_cloud::{CloudError, ImageDisk, ImageId, Result};

use crate::clients::Clients;

pub(crate) async fn open(_clients: &Clients, _image: &ImageId) -> Result<Vec<ImageDisk>> {
    Err(CloudError::other("not built yet"))
}
