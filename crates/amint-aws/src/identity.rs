//! Who is asking.

use amint_cloud::{CloudError, Result};

use crate::clients::Clients;

pub(crate) async fn identity(_clients: &Clients) -> Result<String> {
    Err(CloudError::other("not built yet"))
}
