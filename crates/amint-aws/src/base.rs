//! Finds the base image.

use amint_cloud::{BaseImage, BaseQuery, CloudError, Result};

use crate::clients::Clients;

pub(crate) async fn find(_clients: &Clients, _query: &BaseQuery) -> Result<BaseImage> {
    Err(CloudError::other("not built yet"))
}
