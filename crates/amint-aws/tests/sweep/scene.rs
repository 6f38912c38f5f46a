//! Builds side by side, and what other tools have in the account.

use std::collections::BTreeSet;

use amint_cloud::{
    BuilderId, BuilderState, CaptureRequest, Cloud, ImageId, ImageSpec, Owned, Owner, Resource,
    ResourceKind, SupportRequest,
};
use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};

use crate::stage::{self, Stage, until};

/// Builds, the older one first.
pub(crate) const A: &str = "01J0000000000000000000000A";
pub(crate) const B: &str = "01J0000000000000000000000B";

pub(crate) fn owner(build: &str) -> Owner {
    Owner {
        build: build.to_owned(),
        ..stage::owner()
    }
}

pub(crate) fn resource(build: &str, kind: ResourceKind, id: &str) -> Resource {
    Resource {
        build: build.to_owned(),
        kind,
        id: id.to_owned(),
    }
}

/// A running builder of `owner`'s, and what it needs beside itself.
pub(crate) async fn launched(stage: &Stage, owner: &Owner) -> (BuilderId, Vec<Resource>) {
    let mut request = stage::launch_request();
    request.owner = owner.clone();
    for kind in [
        ResourceKind::Role,
        ResourceKind::InstanceProfile,
        ResourceKind::SecurityGroup,
    ] {
        let support = SupportRequest {
            owner: owner.clone(),
            machine: stage::machine(),
            placement: stage::placement(),
        };
        let made = stage.cloud.create_support(kind, &support).await;
        let made = made.expect("a support");
        request.supports.push(resource(&owner.build, kind, &made));
    }
    let builder = stage.cloud.launch(&request, &|_| {}).await;
    let builder = builder.expect("a builder");
    stage.until_state(&builder, BuilderState::Running).await;
    (builder, request.supports)
}

/// An image of the builder, available.
pub(crate) async fn captured(
    stage: &Stage,
    owner: &Owner,
    builder: &BuilderId,
    name: &str,
) -> ImageId {
    let request = capture(owner, builder, name);
    let image = stage.cloud.capture(&request).await.expect("an image");
    until("the image is ready", async || {
        let state = stage.cloud.image_state(&image).await;
        state.is_ok_and(|state| state == amint_cloud::ImageState::Available)
    })
    .await;
    image
}

pub(crate) fn capture(owner: &Owner, builder: &BuilderId, name: &str) -> CaptureRequest {
    CaptureRequest {
        owner: owner.clone(),
        builder: builder.clone(),
        image: ImageSpec {
            name: name.to_owned(),
            ..ImageSpec::default()
        },
    }
}

/// The snapshot that an image's only disk is in.
pub(crate) async fn snapshot(ec2: &aws_sdk_ec2::Client, image: &str) -> String {
    let image = crate::account::described(ec2, image).await;
    let ebs = image.block_device_mappings()[0].ebs();
    let id = ebs.and_then(|ebs| ebs.snapshot_id());
    id.expect("a snapshot").to_owned()
}

pub(crate) fn tags(kind: ResourceType, tags: &[(&str, &str)]) -> TagSpecification {
    let tag = |(key, value): &(&str, &str)| Tag::builder().key(*key).value(*value).build();
    TagSpecification::builder()
        .resource_type(kind)
        .set_tags(Some(tags.iter().map(tag).collect()))
        .build()
}

/// EC2 in another region.
pub(crate) fn ec2_in(stage: &Stage, region: &'static str) -> aws_sdk_ec2::Client {
    let config = stage.ec2.config().to_builder();
    let region = aws_sdk_ec2::config::Region::new(region);
    aws_sdk_ec2::Client::from_conf(config.region(region).build())
}

/// What a sweep finds, by kind and id.
pub(crate) async fn swept(stage: &Stage, build: Option<&str>) -> Vec<Owned> {
    stage.cloud.owned(build).await.expect("a list")
}

pub(crate) fn ids(found: &[Owned]) -> BTreeSet<(ResourceKind, &str)> {
    let id = |one: &Owned| (one.resource.kind, one.resource.id.clone());
    let all: BTreeSet<_> = found.iter().map(id).collect();
    assert_eq!(all.len(), found.len(), "nothing is listed twice: {found:?}");
    found
        .iter()
        .map(|one| (one.resource.kind, one.resource.id.as_str()))
        .collect()
}
