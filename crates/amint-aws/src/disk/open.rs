//! An image's disks.

use std::sync::Arc;

use amint_cloud::{CloudError, ErrorKind, ImageDisk, ImageId, Result};
use aws_sdk_ec2::types::{Image, SnapshotState};
use tokio::runtime::Handle;

use super::snapshot::Snapshot;
use super::source::EbsDisk;
use crate::clients::Clients;
use crate::error::Explain;
use crate::{describe, names};

/// Opens every disk of an image in the cloud's own region. To be read on threads that may block.
pub(crate) async fn open(clients: &Clients, image: &ImageId) -> Result<Vec<ImageDisk>> {
    let (id, None) = names::split(&image.0) else {
        let text = format!("{} is a copy, and a copy is as its source is", image.0);
        return Err(CloudError::new(ErrorKind::Unfit, text));
    };
    let runtime = Handle::try_current().map_err(|error| {
        CloudError::other("blocks can't be read outside of a runtime").caused_by(error)
    })?;
    let image = describe::image(&clients.ec2, id).await?;
    let mut disks = Vec::new();
    for device in image.block_device_mappings() {
        let (Some(name), Some(snapshot)) = (
            device.device_name(),
            device.ebs().and_then(|ebs| ebs.snapshot_id()),
        ) else {
            continue;
        };
        let snapshot = Snapshot::open(clients, snapshot, size(clients, snapshot).await?).await?;
        let pool = Arc::clone(&clients.blocks);
        disks.push(ImageDisk {
            name: name.to_owned(),
            root: image.root_device_name() == Some(name),
            source: Arc::new(EbsDisk::new(snapshot, pool, runtime.clone())),
        });
    }
    Ok(disks)
}

/// The snapshot that a disk of the image is in, by the disk's name, and its size in GiB.
pub(crate) async fn mapping(clients: &Clients, image: &Image, disk: &str) -> Result<(String, u64)> {
    let mut devices = image.block_device_mappings().iter();
    let device = devices.find(|device| device.device_name() == Some(disk));
    let ebs = device.and_then(|device| device.ebs());
    let Some(snapshot) = ebs.and_then(|ebs| ebs.snapshot_id()) else {
        let image = image.image_id().unwrap_or_default();
        let text = format!("{image} has no disk {disk} in a snapshot");
        return Err(CloudError::new(ErrorKind::Unfit, text));
    };
    Ok((snapshot.to_owned(), size(clients, snapshot).await?))
}

/// The size of a finished snapshot's volume in GiB.
async fn size(clients: &Clients, snapshot: &str) -> Result<u64> {
    let request = clients.ec2.describe_snapshots().snapshot_ids(snapshot);
    let answer = request.send().await.explain("ec2:DescribeSnapshots")?;
    let found = answer
        .snapshots()
        .first()
        .ok_or_else(|| CloudError::new(ErrorKind::NotFound, format!("{snapshot} is not there")))?;
    if found.encrypted == Some(true) {
        let text = format!("{snapshot} is encrypted");
        return Err(CloudError::new(ErrorKind::Unfit, text).hint(
            "turn EBS encryption by default off in this region: AWS Marketplace takes no encrypted snapshots",
        ));
    }
    match found.state() {
        Some(SnapshotState::Completed) => {}
        Some(SnapshotState::Error) => {
            let text = format!(
                "{snapshot} failed: {}",
                found.state_message().unwrap_or("no reason")
            );
            return Err(CloudError::other(text));
        }
        _ => {
            let text = format!("{snapshot} is not complete yet");
            return Err(CloudError::new(ErrorKind::Busy, text));
        }
    }
    let size = found.volume_size.and_then(|size| u64::try_from(size).ok());
    size.filter(|size| *size > 0)
        .ok_or_else(|| CloudError::other(format!("{snapshot} has no size")))
}
