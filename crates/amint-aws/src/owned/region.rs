//! What bears a build's tag in one region.

use std::collections::HashSet;

use amint_cloud::{ErrorKind, Owned, ResourceKind, Result};
use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Filter, Image, Snapshot};

use super::tagged;
use crate::describe::{self, PAGE, filter, time};
use crate::error::Explain;
use crate::tags;

/// All of it, of one build or of all.
pub(super) async fn of(ec2: &Client, build: Option<&str>) -> Result<Vec<Owned>> {
    let whose = whose(build);
    let (builders, leftovers, snapshots, groups) = tokio::try_join!(
        builders(ec2, whose.clone()),
        unless_denied(leftovers(ec2, whose.clone())),
        describe::own_snapshots(ec2, vec![whose.clone()]),
        groups(ec2, whose),
    )?;
    // Only now: a snapshot that an image was made from meanwhile is that image's. All of the account's: an image that
    // bears no tag may have one that does.
    let images = describe::all_images(ec2).await?;
    let wanted = |one: &Owned| build.is_none_or(|build| one.resource.build == build);
    let all = [
        builders,
        leftovers,
        self::images(&images),
        self::snapshots(&snapshots, &images),
        groups,
    ];
    Ok(all.into_iter().flatten().filter(wanted).collect())
}

/// What bears the tag of the build, or of any.
pub(crate) fn whose(build: Option<&str>) -> Filter {
    match build {
        Some(build) => describe::tagged(tags::BUILD, build),
        None => filter("tag-key", [tags::BUILD]),
    }
}

/// Instances. One that is shutting down is as good as gone.
pub(crate) async fn builders(ec2: &Client, whose: Filter) -> Result<Vec<Owned>> {
    let found = describe::instances(ec2, vec![whose, describe::alive()]).await?;
    let builder = |one: &aws_sdk_ec2::types::Instance| {
        let tag = |key: &str| tags::value(one.tags(), key);
        let created = one.launch_time().and_then(time);
        tagged(ResourceKind::Builder, one.instance_id()?, tag, created)
    };
    Ok(found.iter().filter_map(builder).collect())
}

/// Who builds may not look at what builds don't leave behind, and still cleans up.
async fn unless_denied(found: impl Future<Output = Result<Vec<Owned>>>) -> Result<Vec<Owned>> {
    match found.await {
        Err(error) if matches!(error.kind, ErrorKind::Denied { .. }) => {
            tracing::debug!(%error, "what may have outlived its builder is not known");
            Ok(Vec::new())
        }
        answer => answer,
    }
}

/// Volumes and network interfaces that outlived their builder. They are made to go with it, so somebody else must
/// have taken them off.
async fn leftovers(ec2: &Client, whose: Filter) -> Result<Vec<Owned>> {
    let free = || vec![whose.clone(), filter("status", ["available"])];
    let mut left = Vec::new();
    let ask = ec2.describe_volumes().set_filters(Some(free()));
    let mut pages = ask.into_paginator().page_size(PAGE).items().send();
    while let Some(one) = pages.next().await {
        let one = one.explain("ec2:DescribeVolumes")?;
        let tag = |key: &str| tags::value(one.tags(), key);
        let created = one.create_time().and_then(time);
        let id = one.volume_id().unwrap_or_default();
        left.extend(tagged(ResourceKind::Builder, id, tag, created));
    }
    let ask = ec2.describe_network_interfaces().set_filters(Some(free()));
    let mut pages = ask.into_paginator().page_size(PAGE).items().send();
    while let Some(one) = pages.next().await {
        let one = one.explain("ec2:DescribeNetworkInterfaces")?;
        let tag = |key: &str| tags::value(one.tag_set(), key);
        let id = one.network_interface_id().unwrap_or_default();
        left.extend(tagged(ResourceKind::Builder, id, tag, None));
    }
    Ok(left)
}

/// Security groups. EC2 does not tell when they were made.
pub(crate) async fn groups(ec2: &Client, whose: Filter) -> Result<Vec<Owned>> {
    let ask = ec2.describe_security_groups().filters(whose);
    let mut pages = ask.into_paginator().page_size(PAGE).items().send();
    let mut found = Vec::new();
    while let Some(group) = pages.next().await {
        let group = group.explain("ec2:DescribeSecurityGroups")?;
        let tag = |key: &str| tags::value(group.tags(), key);
        let id = group.group_id().unwrap_or_default();
        found.extend(tagged(ResourceKind::SecurityGroup, id, tag, None));
    }
    Ok(found)
}

/// Those of `images` that bear a build's tag.
pub(crate) fn images(images: &[Image]) -> Vec<Owned> {
    let image = |one: &Image| {
        let tag = |key: &str| tags::value(one.tags(), key);
        let created = one.creation_date().and_then(|time| time.parse().ok());
        tagged(ResourceKind::Image, one.image_id()?, tag, created)
    };
    images.iter().filter_map(image).collect()
}

/// Those of `snapshots` that bear a build's tag and are not a part of any of `images`: such a one goes with its image.
pub(crate) fn snapshots(snapshots: &[Snapshot], images: &[Image]) -> Vec<Owned> {
    let parts: HashSet<String> = images.iter().flat_map(describe::snapshots).collect();
    let images: HashSet<&str> = images.iter().filter_map(|one| one.image_id()).collect();
    let is_part = |one: &Snapshot| {
        let said = [
            tags::value(one.tags(), tags::IMAGE),
            one.description().and_then(made_for),
        ];
        // An image that is pending does not name its snapshots yet; they know whose they are.
        let of = |image: &str| images.contains(image);
        one.snapshot_id().is_some_and(|id| parts.contains(id)) || said.into_iter().flatten().any(of)
    };
    let snapshot = |one: &Snapshot| {
        let tag = |key: &str| tags::value(one.tags(), key);
        let created = one.start_time().and_then(time);
        tagged(ResourceKind::Snapshot, one.snapshot_id()?, tag, created)
    };
    let rest = snapshots.iter().filter(|one| !is_part(one));
    rest.filter_map(snapshot).collect()
}

/// The image that EC2 made the snapshot for, as it describes its own ones.
fn made_for(description: &str) -> Option<&str> {
    let made = description.strip_prefix("Created by CreateImage(");
    let made = made
        .and_then(|rest| rest.split_once(") for "))
        .map(|of| of.1);
    let copied = || description.strip_prefix("Copied for DestinationAmi ");
    let rest = made.or_else(copied)?;
    rest.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{BlockDeviceMapping, EbsBlockDevice, Tag};

    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag::builder().key(key).value(value).build()
    }

    fn image(id: &str, snapshot: Option<&str>) -> Image {
        let ebs = EbsBlockDevice::builder().set_snapshot_id(snapshot.map(str::to_owned));
        let disk = BlockDeviceMapping::builder().ebs(ebs.build()).build();
        let image = Image::builder().image_id(id).block_device_mappings(disk);
        image.build()
    }

    fn snapshot(id: &str, description: &str) -> aws_sdk_ec2::types::builders::SnapshotBuilder {
        let snapshot = Snapshot::builder().snapshot_id(id).description(description);
        snapshot.tags(tag("amint:build", "b1"))
    }

    fn listed(snapshot: Snapshot, images: &[Image]) -> bool {
        !snapshots(&[snapshot], images).is_empty()
    }

    #[test]
    fn ec2_says_what_it_made_a_snapshot_for() {
        assert_eq!(
            made_for("Created by CreateImage(i-1) for ami-1"),
            Some("ami-1")
        );
        assert_eq!(
            made_for("Created by CreateImage(i-1) for ami-1 from vol-1"),
            Some("ami-1")
        );
        let copied =
            "Copied for DestinationAmi ami-2 from SourceAmi ami-1 for SourceSnapshot snap-1.";
        assert_eq!(made_for(copied), Some("ami-2"));
        assert_eq!(
            made_for("/dev/xvda of ami-1, free space scrubbed, by amint build b1"),
            None
        );
        assert_eq!(made_for(""), None);
    }

    #[test]
    fn a_part_of_an_image_is_not_listed_beside_it() {
        let images = [image("ami-1", Some("snap-1")), image("ami-2", None)];
        assert!(!listed(snapshot("snap-1", "").build(), &images));
        let pending = "Created by CreateImage(i-1) for ami-2";
        assert!(!listed(snapshot("snap-2", pending).build(), &images));
        let by_tag = snapshot("snap-3", "").tags(tag("amint:image", "ami-2"));
        assert!(!listed(by_tag.build(), &images));
        // Its image is gone.
        let gone = "Created by CreateImage(i-1) for ami-3";
        assert!(listed(snapshot("snap-4", gone).build(), &images));
        // A clean copy of a disk of one is none of its disks.
        let copy = "/dev/xvda of ami-1, free space scrubbed, by amint build b1";
        assert!(listed(snapshot("snap-5", copy).build(), &images));
    }

    #[test]
    fn what_bears_no_build_is_not_listed() {
        let bare = Snapshot::builder().snapshot_id("snap-1");
        assert!(!listed(bare.build(), &[]));
        let empty = Snapshot::builder().snapshot_id("snap-1");
        assert!(!listed(empty.tags(tag("amint:build", "")).build(), &[]));
    }
}
