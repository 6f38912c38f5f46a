//! Older images go, their snapshots with them.

use std::collections::{BTreeMap, BTreeSet};

use amint_cloud::{CloudError, ImageId, OlderImage, Owner, PublicState, Result};
use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Image, SnapshotAttributeName};

use crate::clients::Clients;
use crate::describe::{self, filter, own_images, tagged};
use crate::error::Explain;
use crate::{names, tags};

/// Values of one filter (DescribeInstances, DescribeImages).
const VALUES: usize = 200;

/// The recipe's published images in one region, but for this build's.
///
/// An image stays when an instance that is not terminated runs from it, when it is protected from deregistration, when
/// one of its snapshots is shared, or is in another image of the account. Permission to launch it does not keep it:
/// that is what it was published for, and the instances of other accounts go on without it. Not looked at: launch
/// templates and Auto Scaling groups that name it.
pub(crate) async fn older_images(
    clients: &Clients,
    owner: &Owner,
    region: Option<&str>,
) -> Result<Vec<OlderImage>> {
    let ec2 = &clients.ec2_in(region.unwrap_or(&clients.region));
    let state = PublicState::Published.name();
    let filters = vec![
        tagged(tags::RECIPE, &owner.recipe),
        tagged(tags::STATE, state),
    ];
    let mut images = own_images(ec2, filters).await?;
    images.retain(|image| tags::value(image.tags(), tags::BUILD) != Some(&owner.build));
    let used = instances(ec2, &images).await?;
    let holders = holders(ec2, &images).await?;
    let mut older = Vec::new();
    for image in &images {
        let Some(id) = image.image_id() else {
            continue;
        };
        let created = image.creation_date().and_then(|time| time.parse().ok());
        let created = created.ok_or_else(|| {
            CloudError::other(format!("{id} has no date, so its age is not known"))
        })?;
        older.push(OlderImage {
            id: region.map_or_else(|| ImageId(id.to_owned()), |name| names::in_region(id, name)),
            name: image.name().unwrap_or(id).to_owned(),
            created,
            stays: stays(ec2, image, &used, &holders).await?,
        });
    }
    Ok(older)
}

async fn stays(
    ec2: &Client,
    image: &Image,
    used: &BTreeMap<String, String>,
    holders: &BTreeMap<String, BTreeSet<String>>,
) -> Result<Option<String>> {
    let id = image.image_id().unwrap_or_default();
    if let Some(instance) = used.get(id) {
        return Ok(Some(format!("the instance {instance} runs from it")));
    }
    if is_protected(image) {
        return Ok(Some("it is protected from deregistration".to_owned()));
    }
    for snapshot in describe::snapshots(image) {
        let others = holders.get(&snapshot);
        if let Some(other) = others.and_then(|all| all.iter().find(|other| *other != id)) {
            return Ok(Some(format!("{other} uses its snapshot {snapshot}")));
        }
        let request = ec2.describe_snapshot_attribute().snapshot_id(&snapshot);
        let request = request.attribute(SnapshotAttributeName::CreateVolumePermission);
        let answer = request
            .send()
            .await
            .explain("ec2:DescribeSnapshotAttribute")?;
        if !answer.create_volume_permissions().is_empty() {
            return Ok(Some(format!("its snapshot {snapshot} is shared")));
        }
    }
    Ok(None)
}

/// `disabled`, `enabled-with-cooldown`, `enabled-without-cooldown`, or the time when a cooldown ends.
fn is_protected(image: &Image) -> bool {
    let protection = image.deregistration_protection();
    protection.is_some_and(|protection| !protection.is_empty() && protection != "disabled")
}

/// One instance of each image that has any.
async fn instances(ec2: &Client, images: &[Image]) -> Result<BTreeMap<String, String>> {
    let ids: Vec<&str> = images.iter().filter_map(|image| image.image_id()).collect();
    let states = ["pending", "running", "shutting-down", "stopping", "stopped"];
    let mut used = BTreeMap::new();
    for some in ids.chunks(VALUES) {
        let mut pages = ec2
            .describe_instances()
            .filters(filter("image-id", some.iter().copied()))
            .filters(filter("instance-state-name", states))
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.explain("ec2:DescribeInstances")?;
            let instances = page.reservations().iter().flat_map(|some| some.instances());
            for instance in instances {
                if let (Some(image), Some(id)) = (instance.image_id(), instance.instance_id()) {
                    used.insert(image.to_owned(), id.to_owned());
                }
            }
        }
    }
    Ok(used)
}

/// The account's images by the snapshots that they use.
async fn holders(ec2: &Client, images: &[Image]) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let snapshots: Vec<String> = images.iter().flat_map(describe::snapshots).collect();
    let mut holders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for some in snapshots.chunks(VALUES) {
        let name = "block-device-mapping.snapshot-id";
        let filter = filter(name, some.iter().map(String::as_str));
        for image in own_images(ec2, vec![filter]).await? {
            for snapshot in describe::snapshots(&image) {
                let holders = holders.entry(snapshot).or_default();
                holders.extend(image.image_id.clone());
            }
        }
    }
    Ok(holders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protection_has_many_names() {
        let image = |text: &str| Image::builder().deregistration_protection(text).build();
        assert!(is_protected(&image("enabled-with-cooldown")));
        assert!(is_protected(&image("2030-01-01T00:00:00Z")));
        assert!(!is_protected(&image("disabled")));
        assert!(!is_protected(&Image::builder().build()));
    }
}
