//! Images are made.

use amint_cloud::{
    CaptureRequest, CloudError, ErrorKind, ImageId, ImageSpec, RegisterRequest, Result, SnapshotId,
};
use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    BlockDeviceMapping, BootModeValues, EbsBlockDevice, Image, ImageAttributeName,
    ImdsSupportValues, ResourceType,
};

use crate::clients::Clients;
use crate::error::{Explain, code, explain};
use crate::patience::is_gone;
use crate::{describe, tags};

/// What AWS answers when the name is taken, perhaps by an earlier request whose answer was lost.
const TAKEN: &str = "InvalidAMIName.Duplicate";

/// The builder is stopped already: nothing is rebooted.
pub(crate) async fn capture(clients: &Clients, request: &CaptureRequest) -> Result<ImageId> {
    let spec = &request.image;
    let tags = tags::of(&request.owner, tags::CAPTURED, &spec.tags);
    let answer = clients
        .ec2
        .create_image()
        .instance_id(&request.builder.0)
        .name(&spec.name)
        .set_description(described(spec))
        .tag_specifications(tags::specification(ResourceType::Image, &tags))
        .tag_specifications(tags::specification(ResourceType::Snapshot, &tags))
        .send()
        .await;
    match answer {
        Ok(made) => id(made.image_id, "ec2:CreateImage"),
        Err(error) if code(&error) == Some(TAKEN) => {
            ours(&clients.ec2, &spec.name, &request.owner.build).await
        }
        Err(error) => {
            let error = explain(error, "ec2:CreateImage");
            // Whoever goes on with a build may ask when the builder went already.
            let gone = matches!(error.kind, ErrorKind::Busy) || is_gone(&error.kind);
            match made(&clients.ec2, &spec.name, &request.owner.build, gone).await {
                Some(image) => Ok(image),
                None => Err(error),
            }
        }
    }
}

/// An image that has the attributes and disks of `request.image`, but for the disks that are replaced.
pub(crate) async fn register(clients: &Clients, request: &RegisterRequest) -> Result<ImageId> {
    let (ec2, spec) = (&clients.ec2, &request.spec);
    let source = match describe::image(ec2, &request.image.0).await {
        // Whoever goes on with a build may ask when it went already.
        Err(error) if is_gone(&error.kind) => return again(ec2, request, error).await,
        source => source?,
    };
    let disks = disks(&source, &request.replaced)?;
    let snapshots: Vec<String> = disks
        .iter()
        .filter_map(|disk| disk.ebs()?.snapshot_id.clone())
        .collect();
    let tags = tags::of(&request.owner, tags::CAPTURED, &spec.tags);
    let answer = ec2
        .register_image()
        .name(&spec.name)
        .set_description(described(spec))
        .set_architecture(source.architecture.clone())
        .set_root_device_name(source.root_device_name.clone())
        .set_virtualization_type(
            source
                .virtualization_type()
                .map(|kind| kind.as_str().into()),
        )
        .set_ena_support(source.ena_support)
        .set_sriov_net_support(source.sriov_net_support.clone())
        .set_boot_mode(source.boot_mode.clone())
        .set_tpm_support(source.tpm_support.clone())
        .set_kernel_id(source.kernel_id.clone())
        .set_ramdisk_id(source.ramdisk_id.clone())
        .set_uefi_data(uefi_data(ec2, &source).await?)
        .set_imds_support(spec.imds_v2.then_some(ImdsSupportValues::V20))
        .set_block_device_mappings(Some(disks))
        .tag_specifications(tags::specification(ResourceType::Image, &tags))
        .send()
        .await;
    let image = match answer {
        Ok(made) => id(made.image_id, "ec2:RegisterImage")?,
        Err(error) if code(&error) == Some(TAKEN) => {
            ours(ec2, &spec.name, &request.owner.build).await?
        }
        Err(error) => return Err(explain(error, "ec2:RegisterImage")),
    };
    claim_parts(ec2, request, &image, snapshots).await?;
    Ok(image)
}

/// The image that an earlier process registered; `missing` says that its source is not there.
async fn again(ec2: &Client, request: &RegisterRequest, missing: CloudError) -> Result<ImageId> {
    let (name, build) = (&request.spec.name, &request.owner.build);
    let Some(image) = made(ec2, name, build, true).await else {
        return Err(missing);
    };
    let snapshots = describe::snapshots(&describe::image(ec2, &image.0).await?);
    claim_parts(ec2, request, &image, snapshots).await?;
    Ok(image)
}

/// RegisterImage takes tags for the image only.
async fn claim_parts(
    ec2: &Client,
    request: &RegisterRequest,
    image: &ImageId,
    snapshots: Vec<String>,
) -> Result<()> {
    let mut tags = tags::of(&request.owner, tags::CAPTURED, &request.spec.tags);
    tags.insert(tags::IMAGE.to_owned(), image.0.clone());
    let answer = ec2
        .create_tags()
        .set_resources(Some(snapshots))
        .set_tags(Some(tags::ec2(&tags)));
    answer.send().await.explain("ec2:CreateTags")?;
    Ok(())
}

/// The build's image of this name, where it is worth a look.
async fn made(ec2: &Client, name: &str, build: &str, look: bool) -> Option<ImageId> {
    if !look {
        return None;
    }
    // What was refused before says more than what may be wrong with this look.
    let image = describe::image_of_build(ec2, name, build).await;
    image.ok().flatten().map(ImageId)
}

fn id(id: Option<String>, action: &str) -> Result<ImageId> {
    id.map(ImageId)
        .ok_or_else(|| CloudError::other(format!("{action}: the image has no id")))
}

/// The image that took the name, if the build made it.
async fn ours(ec2: &Client, name: &str, build: &str) -> Result<ImageId> {
    let image = describe::image_of_build(ec2, name, build).await?;
    image.map(ImageId).ok_or_else(|| {
        // Look-ups trail: whoever asks again gets to know whose it is.
        let text =
            format!("the name `{name}` was taken a moment ago, by an image that is not listed yet");
        CloudError::new(ErrorKind::AnswerLost, text)
    })
}

/// The image's disks as those of another one: same sizes and types, deleted with their instance, never encrypted.
fn disks(image: &Image, replaced: &[(String, SnapshotId)]) -> Result<Vec<BlockDeviceMapping>> {
    let devices = image.block_device_mappings();
    let known = |name: &str| {
        devices
            .iter()
            .any(|device| device.device_name() == Some(name))
    };
    if let Some((name, _)) = replaced.iter().find(|(name, _)| !known(name)) {
        let image = image.image_id().unwrap_or_default();
        let text = format!("{image} has no disk {name} that could be replaced");
        return Err(CloudError::new(ErrorKind::Unfit, text));
    }
    let disk = |device: &BlockDeviceMapping| {
        let ebs = device.ebs()?;
        let mut snapshots = replaced.iter();
        let replacement = snapshots.find(|(name, _)| device.device_name() == Some(name));
        let snapshot = match replacement {
            Some((_, snapshot)) => Some(snapshot.0.clone()),
            None => ebs.snapshot_id.clone(),
        };
        // What a type has fixed is refused even when it is right.
        let kind = ebs.volume_type().map(|kind| kind.as_str());
        let is_one_of = |kinds: &[&str]| kind.is_some_and(|kind| kinds.contains(&kind));
        let ebs = EbsBlockDevice::builder()
            .set_snapshot_id(Some(snapshot?))
            .set_volume_size(ebs.volume_size)
            .set_volume_type(ebs.volume_type.clone())
            .set_iops(ebs.iops.filter(|_| is_one_of(&["gp3", "io1", "io2"])))
            .set_throughput(ebs.throughput.filter(|_| is_one_of(&["gp3"])))
            .delete_on_termination(true)
            .build();
        let mapping = BlockDeviceMapping::builder()
            .set_device_name(device.device_name.clone())
            .ebs(ebs);
        Some(mapping.build())
    };
    // Instance store and empty volumes have no snapshot, and nothing to hand on.
    Ok(devices.iter().filter_map(disk).collect())
}

/// None rather than an empty one, which nobody asked for.
pub(crate) fn described(spec: &ImageSpec) -> Option<String> {
    Some(spec.description.clone()).filter(|text| !text.is_empty())
}

/// Keys of UEFI Secure Boot, where the image may have some.
async fn uefi_data(ec2: &Client, image: &Image) -> Result<Option<String>> {
    let uefi = matches!(
        image.boot_mode(),
        Some(BootModeValues::Uefi | BootModeValues::UefiPreferred)
    );
    if !uefi {
        return Ok(None);
    }
    let answer = ec2
        .describe_image_attribute()
        .set_image_id(image.image_id.clone())
        .attribute(ImageAttributeName::UefiData);
    let answer = answer.send().await.explain("ec2:DescribeImageAttribute")?;
    let data = answer.uefi_data.and_then(|data| data.value);
    Ok(data.filter(|data| !data.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(name: &str, snapshot: Option<&str>) -> BlockDeviceMapping {
        let ebs = EbsBlockDevice::builder()
            .set_snapshot_id(snapshot.map(str::to_owned))
            .volume_size(8)
            .encrypted(false)
            .delete_on_termination(false);
        BlockDeviceMapping::builder()
            .device_name(name)
            .ebs(ebs.build())
            .build()
    }

    #[test]
    fn a_replaced_disk_keeps_its_size_and_the_others_their_snapshots() {
        let image = Image::builder()
            .block_device_mappings(device("/dev/xvda", Some("snap-1")))
            .block_device_mappings(device("/dev/sdf", Some("snap-2")))
            .block_device_mappings(device("/dev/sdg", None))
            .build();
        let child = SnapshotId("snap-3".to_owned());
        let disks = disks(&image, &[("/dev/xvda".to_owned(), child.clone())]).expect("it is there");
        let snapshots: Vec<_> = disks
            .iter()
            .filter_map(|disk| disk.ebs()?.snapshot_id())
            .collect();
        assert_eq!(snapshots, ["snap-3", "snap-2"]);
        let root = disks[0].ebs().expect("EBS");
        assert_eq!(
            (root.volume_size, root.delete_on_termination),
            (Some(8), Some(true))
        );
        assert_eq!(root.encrypted, None);
        let error =
            super::disks(&image, &[("/dev/sdz".to_owned(), child)]).expect_err("no such disk");
        assert_eq!(error.kind, ErrorKind::Unfit);
    }
}
