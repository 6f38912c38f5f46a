//! An image goes, its snapshots with it.

use std::collections::BTreeSet;
use std::time::Duration;

use amint_cloud::{CloudError, ErrorKind, Result};
use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::describe_snapshots::builders::DescribeSnapshotsFluentBuilder;
use aws_sdk_ec2::types::Filter;

use crate::clients::Clients;
use crate::error::Explain;
use crate::patience::patiently;
use crate::{describe, names, tags};

/// How many times a snapshot's deletion is asked for whose answer gets lost: once the image is gone nothing
/// else names its snapshots.
const TRIES: u32 = 3;

/// Deregisters an image, then deletes its snapshots. Shares go with it; a snapshot that another image uses too
/// stays with that one.
pub(crate) async fn release(clients: &Clients, gap: Duration, image: &str) -> Result<()> {
    let (id, region) = names::split(image);
    let ec2 = clients.ec2_in(region.unwrap_or(&clients.region));
    let mut snapshots = named(&ec2, id).await?;
    let deregister = || async {
        let ask = ec2.deregister_image().image_id(id);
        ask.send().await.explain("ec2:DeregisterImage")
    };
    patiently(super::LOOKS, gap, deregister).await?;
    snapshots.extend(described(&ec2, id).await?);
    snapshots.extend(tagged(&ec2, id).await?);
    for snapshot in snapshots {
        delete_of_image(&ec2, gap, &snapshot, id).await?;
    }
    Ok(())
}

pub(super) async fn release_snapshot(clients: &Clients, gap: Duration, id: &str) -> Result<()> {
    let (id, region) = names::split(id);
    let ec2 = clients.ec2_in(region.unwrap_or(&clients.region));
    patiently(super::LOOKS, gap, || delete(&ec2, id)).await?;
    Ok(())
}

async fn delete(ec2: &Client, id: &str) -> Result<()> {
    let answer = ec2.delete_snapshot().snapshot_id(id).send().await;
    answer.explain("ec2:DeleteSnapshot")?;
    Ok(())
}

/// For a moment EC2 may still think that the image is there.
async fn delete_of_image(ec2: &Client, gap: Duration, id: &str, image: &str) -> Result<()> {
    for number in 1.. {
        let error = match super::gone_is_fine(delete(ec2, id).await) {
            Ok(_) => return Ok(()),
            Err(error) => error,
        };
        let by_this = error.kind == ErrorKind::Busy && error.message.contains(image);
        if error.kind == ErrorKind::Busy && !by_this {
            tracing::debug!(%error, "another image keeps a snapshot");
            return Ok(());
        }
        let again = by_this || error.kind == ErrorKind::AnswerLost;
        if !again || number >= TRIES {
            return Err(error);
        }
        tokio::time::sleep(gap).await;
    }
    Err(CloudError::other(format!("the snapshot {id} stays")))
}

/// The snapshots that the image itself names.
async fn named(ec2: &Client, id: &str) -> Result<BTreeSet<String>> {
    let filter = Filter::builder().name("image-id").values(id).build();
    let ask = ec2.describe_images().filters(filter);
    let answer = ask.send().await.explain("ec2:DescribeImages")?;
    let mappings = answer
        .images()
        .iter()
        .flat_map(|image| image.block_device_mappings());
    let ids = mappings.filter_map(|mapping| mapping.ebs()?.snapshot_id());
    Ok(ids.map(str::to_owned).collect())
}

/// The snapshots that bear the image's id: when an earlier call came no further than the image itself, nothing else
/// tells whose they are.
async fn tagged(ec2: &Client, id: &str) -> Result<BTreeSet<String>> {
    let ask = ec2.describe_snapshots().owner_ids("self");
    ids(ask.filters(describe::tagged(tags::IMAGE, id))).await
}

/// The snapshots that EC2 made for the image, by their descriptions: an image that is pending does not name
/// them yet, one that is deregistered no more.
async fn described(ec2: &Client, id: &str) -> Result<BTreeSet<String>> {
    let filter = Filter::builder()
        .name("description")
        .values(format!("Created by CreateImage(*) for {id}*"))
        .values(format!("Copied for DestinationAmi {id} *"))
        .build();
    ids(ec2.describe_snapshots().owner_ids("self").filters(filter)).await
}

async fn ids(ask: DescribeSnapshotsFluentBuilder) -> Result<BTreeSet<String>> {
    let mut pages = ask.into_paginator().send();
    let mut ids = BTreeSet::new();
    while let Some(page) = pages.next().await {
        let page = page.explain("ec2:DescribeSnapshots")?;
        let found = page.snapshots().iter();
        ids.extend(found.filter_map(|snapshot| snapshot.snapshot_id().map(str::to_owned)));
    }
    Ok(ids)
}
