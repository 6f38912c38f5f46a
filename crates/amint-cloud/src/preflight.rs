//! What can be found out before anything costs money.

use std::time::Duration;

use crate::{
    BaseImage, CloudError, ImageSpec, Machine, Owner, Placement, PublishSpec, ResourceKind,
};

/// What a build is going to ask for.
#[derive(Clone, Debug)]
pub struct PreflightRequest {
    /// Whose build it is.
    pub owner: Owner,
    /// What it starts from, if that was found.
    pub base: Option<BaseImage>,
    /// The builder.
    pub machine: Machine,
    /// The image.
    pub image: ImageSpec,
    /// What happens to it.
    pub publish: PublishSpec,
    /// How long the build may take.
    pub timeout: Duration,
}

/// What was found out.
#[derive(Debug, Default)]
pub struct Preflight {
    /// Where the builder can be launched, the preferred place first.
    pub placements: Vec<Placement>,
    /// What has to be made for the builder first, in this order.
    pub supports: Vec<ResourceKind>,
    /// What would make the build fail: all of it.
    pub problems: Vec<CloudError>,
    /// What it might stumble over.
    pub warnings: Vec<String>,
    /// What nobody could check beforehand.
    pub unchecked: Vec<String>,
}
