//! Look-ups that several steps of a build need.

use amint_cloud::{CloudError, ErrorKind, Result};
use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Filter, Image};

use crate::error::Explain;
use crate::tags;

/// The image of this id.
pub(crate) async fn image(ec2: &Client, id: &str) -> Result<Image> {
    let answer = ec2.describe_images().image_ids(id).send().await;
    let images = answer.explain("ec2:DescribeImages")?.images;
    let image = images.into_iter().flatten().next();
    image.ok_or_else(|| {
        CloudError::new(ErrorKind::NotFound, format!("{id} is not there"))
            .hint("it may be in another region, or not shared with this account")
    })
}

/// The account's own images that pass all `filters`.
pub(crate) async fn own_images(ec2: &Client, filters: Vec<Filter>) -> Result<Vec<Image>> {
    let mut pages = ec2
        .describe_images()
        .owners("self")
        .set_filters(Some(filters))
        .into_paginator()
        .items()
        .send();
    let mut images = Vec::new();
    while let Some(image) = pages.next().await {
        images.push(image.explain("ec2:DescribeImages")?);
    }
    Ok(images)
}

/// The account's own image of this name, if the build made it. Somebody else's image is a conflict.
pub(crate) async fn image_of_build(
    ec2: &Client,
    name: &str,
    build: &str,
) -> Result<Option<String>> {
    let images = own_images(ec2, vec![filter("name", [name])]).await?;
    let ours = |image: &&Image| tags::value(image.tags(), tags::BUILD) == Some(build);
    match (images.iter().find(ours), images.first()) {
        (Some(image), _) => Ok(image.image_id.clone()),
        (None, Some(other)) => Err(CloudError::new(
            ErrorKind::Conflict,
            format!(
                "{} has the name `{name}` already",
                other.image_id().unwrap_or("another image")
            ),
        )
        .hint("put `{{build.id}}` into `image.name`, or deregister that image")),
        (None, None) => Ok(None),
    }
}

/// The snapshots that the image's disks are in.
pub(crate) fn snapshots(image: &Image) -> Vec<String> {
    let disks = image.block_device_mappings().iter();
    disks
        .filter_map(|disk| disk.ebs()?.snapshot_id.clone())
        .collect()
}

/// Any of `values` in the field `name`.
pub(crate) fn filter<'a>(name: &str, values: impl IntoIterator<Item = &'a str>) -> Filter {
    let values = values.into_iter().map(str::to_owned).collect();
    Filter::builder()
        .name(name)
        .set_values(Some(values))
        .build()
}

/// The tag `key` with this value.
pub(crate) fn tagged(key: &str, value: &str) -> Filter {
    filter(&format!("tag:{key}"), [value])
}
