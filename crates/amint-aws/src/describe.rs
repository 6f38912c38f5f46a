//! Look-ups that several steps of a build need.

use amint_cloud::{CloudError, ErrorKind, Result};
use aws_sdk_ec2::Client;
use aws_sdk_ec2::primitives::DateTime;
use aws_sdk_ec2::types::{Filter, Image, Instance, Snapshot};
use jiff::Timestamp;

use crate::error::Explain;
use crate::tags;

/// The most entries of a page where there may be many: EC2 takes its time over a listing without pages, or gives it up.
pub(crate) const PAGE: i32 = 500;

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

/// All of the account's own images, those too that nobody can launch any more.
pub(crate) async fn all_images(ec2: &Client) -> Result<Vec<Image>> {
    let ask = ec2.describe_images().owners("self").include_disabled(true);
    let mut pages = ask.into_paginator().page_size(PAGE).items().send();
    let mut images = Vec::new();
    while let Some(image) = pages.next().await {
        images.push(image.explain("ec2:DescribeImages")?);
    }
    Ok(images)
}

/// The account's own snapshots that pass all `filters`.
pub(crate) async fn own_snapshots(ec2: &Client, filters: Vec<Filter>) -> Result<Vec<Snapshot>> {
    let ask = ec2.describe_snapshots().owner_ids("self");
    let ask = ask.set_filters(Some(filters));
    let mut pages = ask.into_paginator().page_size(PAGE).items().send();
    let mut snapshots = Vec::new();
    while let Some(snapshot) = pages.next().await {
        snapshots.push(snapshot.explain("ec2:DescribeSnapshots")?);
    }
    Ok(snapshots)
}

/// The instances that pass all `filters`.
pub(crate) async fn instances(ec2: &Client, filters: Vec<Filter>) -> Result<Vec<Instance>> {
    let ask = ec2.describe_instances().set_filters(Some(filters));
    let mut pages = ask.into_paginator().page_size(PAGE).items().send();
    let mut instances = Vec::new();
    while let Some(reservation) = pages.next().await {
        let reservation = reservation.explain("ec2:DescribeInstances")?;
        instances.extend(reservation.instances.unwrap_or_default());
    }
    Ok(instances)
}

/// Instances that are neither terminated nor about to be.
pub(crate) fn alive() -> Filter {
    let states = ["pending", "running", "stopping", "stopped"];
    filter("instance-state-name", states)
}

/// A time as AWS has it.
pub(crate) fn time(at: &DateTime) -> Option<Timestamp> {
    let nanoseconds = i32::try_from(at.subsec_nanos()).ok()?;
    Timestamp::new(at.secs(), nanoseconds).ok()
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
