//! What bears a build's tag, and its release.
//!
//! - `list`: all of it, of one build. `builder`, `image`, `network`, `storage`, `staged`, `iam`: how each kind is released, in the
//!   region that its id names (`i-1@eu-west-1`).
//!
//! Gone is released. "Not there" just after something was made proves nothing, so it is asked again.

mod builder;
mod iam;
mod image;
mod list;
mod network;
mod staged;
mod storage;

use std::time::Duration;

use amint_cloud::{Resource, ResourceKind, Result};

use crate::clients::Clients;
use crate::patience::is_gone;
use crate::{names, parameter};

pub(crate) use image::release as release_image;
pub(crate) use list::of_build;

/// How many times something is looked for that is not to be seen.
const LOOKS: u32 = 3;

/// `gap` is the time between two looks at what is not to be seen.
pub(crate) async fn release(clients: &Clients, gap: Duration, resource: &Resource) -> Result<()> {
    let id = &resource.id;
    match resource.kind {
        ResourceKind::Builder => builder::release(clients, gap, resource).await,
        ResourceKind::Parameter => parameter::restore(clients, id).await,
        ResourceKind::Image => image::release(clients, gap, id).await,
        ResourceKind::Snapshot => image::release_snapshot(clients, gap, id).await,
        ResourceKind::StagedFile => staged::release(clients, resource).await,
        // What is in IAM is in no region.
        ResourceKind::InstanceProfile => iam::release_profile(clients, names::split(id).0).await,
        ResourceKind::Role => iam::release_role(clients, names::split(id).0).await,
        ResourceKind::SecurityGroup => network::release_group(clients, gap, id).await,
    }
}

/// Something that is gone already needs no release.
fn gone_is_fine<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_gone(&error.kind) => Ok(None),
        Err(error) => Err(error),
    }
}
