//! Files that were laid down for a builder.

use amint_cloud::{Resource, Result};

use super::gone_is_fine;
use crate::clients::Clients;
use crate::s3::{self, Object};
use crate::stage;

pub(super) async fn release(clients: &Clients, resource: &Resource) -> Result<()> {
    let (bucket, key) = stage::place(resource)?;
    let object = Object {
        region: &clients.region,
        bucket,
        key,
    };
    gone_is_fine(s3::delete(&clients.config, &object).await).map(drop)
}
