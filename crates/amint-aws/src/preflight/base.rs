//! The base image: whether a build can start from it, and whether what it makes can be listed.

use amint_cloud::{CloudError, ErrorKind, Result};
use aws_sdk_ec2::types::{
    ArchitectureValues, BlockDeviceMapping, DeviceType, Filter, Image, ImageState,
    VirtualizationType,
};
use jiff::{SignedDuration, Timestamp};

use super::allowed::Allowed;
use super::findings::Findings;
use super::run::Subject;
use crate::error::Explain;

/// Older than this, a base image misses half a year of updates.
const OLD: i64 = 180;

/// The base image, with all that is wrong about it.
pub(super) async fn check(subject: &Subject<'_>, found: &mut Findings) -> Result<Option<Image>> {
    let allowed = Allowed::look(subject, found).await?;
    let Some(base) = &subject.request.base else {
        if allowed.hides() {
            found.warn("Allowed AMIs is on in this region: it may be what hides the base image");
        }
        return Ok(None);
    };
    let region = &subject.clients.region;
    // Asked by filter, an unknown id is an empty answer.
    let filter = Filter::builder().name("image-id").values(&base.id).build();
    let ask = subject.clients.ec2.describe_images();
    let ask = ask.include_deprecated(true).filters(filter);
    let answer = found.needed(ask.send().await.explain("ec2:DescribeImages"))?;
    let Some(answer) = answer else {
        return Ok(None);
    };
    let Some(image) = answer.images.unwrap_or_default().into_iter().next() else {
        let hint = match allowed.hides() {
            true => {
                "Allowed AMIs is on in this region and may hide it: allow its owner, or take another base image"
            }
            false => "take a base image of this region, and one that is shared with this account",
        };
        let message = format!("there is no base image {} in {region}", base.id);
        found.problem(CloudError::new(ErrorKind::NotFound, message).hint(hint));
        return Ok(None);
    };
    judge(&image, &base.id, found);
    age(&image, &base.id, Timestamp::now(), found);
    allowed.judge(&image, &base.id, &subject.caller.account, found);
    snapshots(subject, &image, found).await?;
    Ok(Some(image))
}

/// What has to be true of every base image.
fn judge(image: &Image, id: &str, found: &mut Findings) {
    const ANOTHER: &str = "take another base image";
    let state = image.state().unwrap_or(&ImageState::Available);
    if *state != ImageState::Available {
        found.unfit(
            format!("the base image {id} is {}", state.as_str()),
            ANOTHER,
        );
    }
    let architecture = image.architecture();
    if !matches!(
        architecture,
        Some(ArchitectureValues::X8664 | ArchitectureValues::Arm64)
    ) {
        let is = architecture.map_or("unknown", ArchitectureValues::as_str);
        found.unfit(
            format!("the architecture of the base image {id} is {is}"),
            "take one for x86_64 or arm64 (MP-ARCH-004)",
        );
    }
    if image.virtualization_type() != Some(&VirtualizationType::Hvm) {
        found.unfit(
            format!("the base image {id} is not hardware-virtualized"),
            "take one whose virtualization type is hvm (MP-ARCH-003)",
        );
    }
    if image.root_device_type() != Some(&DeviceType::Ebs) {
        found.unfit(
            format!("the root device of the base image {id} is not an EBS volume"),
            "take one whose root device type is ebs (MP-ARCH-005)",
        );
    }
    let codes = image.product_codes().iter();
    let codes: Vec<&str> = codes.filter_map(|code| code.product_code_id()).collect();
    if !codes.is_empty() {
        found.unfit(
            format!("the base image {id} bears the product code {}", codes.join(", ")),
            "an image made from a Marketplace product can't be listed again (MP-ARCH-011): take a free base image",
        );
    }
    billing(image, id, found);
}

/// RegisterImage makes images without billing codes, which those who pay for the operating system would miss.
fn billing(image: &Image, id: &str, found: &mut Findings) {
    let operation = image.usage_operation().unwrap_or("RunInstances");
    let platform = image.platform_details().unwrap_or("Linux/UNIX");
    if operation != "RunInstances" || platform != "Linux/UNIX" {
        found.unfit(
            format!("the base image {id} is billed as {platform} ({operation})"),
            "registering an image loses its billing code (MP-ARCH-011): take a base image without one",
        );
    }
}

fn age(image: &Image, id: &str, now: Timestamp, found: &mut Findings) {
    let time = |text: Option<&str>| text.and_then(|text| text.parse::<Timestamp>().ok());
    if let Some(end) = time(image.deprecation_time()).filter(|end| *end <= now) {
        found.warn(format!(
            "the base image {id} is deprecated since {}",
            day(end)
        ));
    }
    let Some(created) = time(image.creation_date()) else {
        return;
    };
    let days = now.duration_since(created).as_hours() / 24;
    if now.duration_since(created) > SignedDuration::from_hours(OLD * 24) {
        found.warn(format!("the base image {id} is {days} days old"));
    }
}

fn day(time: Timestamp) -> String {
    time.to_string().chars().take(10).collect()
}

/// The root volume holds the base's disk, and no disk is encrypted.
async fn snapshots(subject: &Subject<'_>, image: &Image, found: &mut Findings) -> Result<()> {
    let id = image.image_id().unwrap_or_default();
    let disks = image.block_device_mappings().iter();
    let encrypted = disks
        .filter_map(|disk| disk.ebs())
        .any(|ebs| ebs.encrypted() == Some(true));
    if encrypted {
        found.unfit(
            format!("the base image {id} has encrypted snapshots"),
            "an image made from it can't be listed (MP-ARCH-006): take another base image",
        );
    }
    let Some(wanted) = subject.spec.root_volume.size_gib else {
        return Ok(());
    };
    let Some(needed) = root_size(subject, image, found).await? else {
        return Ok(());
    };
    if i64::from(wanted) < needed {
        found.unfit(
            format!("a root volume of {wanted} GiB is too small for the base image {id}: its disk has {needed} GiB"),
            format!("set `builder.root-volume.size` to {needed} or more, or leave it out"),
        );
    }
    Ok(())
}

/// In GiB. The image's own setting may be larger than its snapshot, which is what counts.
async fn root_size(
    subject: &Subject<'_>,
    image: &Image,
    found: &mut Findings,
) -> Result<Option<i64>> {
    let is_root = |disk: &&BlockDeviceMapping| disk.device_name() == image.root_device_name();
    let root = image.block_device_mappings().iter().find(is_root);
    let Some(root) = root.and_then(|disk| disk.ebs()) else {
        return Ok(None);
    };
    let fallback = root.volume_size().map(i64::from);
    let Some(snapshot) = root.snapshot_id() else {
        return Ok(fallback);
    };
    let filter = Filter::builder()
        .name("snapshot-id")
        .values(snapshot)
        .build();
    let ask = subject.clients.ec2.describe_snapshots().filters(filter);
    let answer = ask.send().await.explain("ec2:DescribeSnapshots");
    let answer = found.needed(answer)?;
    let snapshots = answer
        .and_then(|answer| answer.snapshots)
        .unwrap_or_default();
    // Other accounts' snapshots are mostly hidden.
    let size = snapshots
        .first()
        .and_then(|snapshot| snapshot.volume_size());
    Ok(size.map(i64::from).or(fallback))
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::ProductCode;
    use aws_sdk_ec2::types::builders::ImageBuilder;

    use super::*;

    fn good() -> ImageBuilder {
        Image::builder()
            .image_id("ami-1")
            .state(ImageState::Available)
            .architecture(ArchitectureValues::X8664)
            .virtualization_type(VirtualizationType::Hvm)
            .root_device_type(DeviceType::Ebs)
            .usage_operation("RunInstances")
            .platform_details("Linux/UNIX")
    }

    fn problems(image: ImageBuilder) -> Vec<String> {
        let mut found = Findings::default();
        judge(&image.build(), "ami-1", &mut found);
        let problems = found.problems.into_iter();
        problems.map(|problem| problem.message).collect()
    }

    #[test]
    fn a_base_image_can_be_listed_again() {
        assert_eq!(problems(good()), [""; 0]);
        let code = ProductCode::builder().product_code_id("abc123").build();
        assert_eq!(
            problems(good().product_codes(code)),
            ["the base image ami-1 bears the product code abc123"]
        );
        let billed = good().usage_operation("RunInstances:0010");
        let billed = billed.platform_details("Red Hat Enterprise Linux");
        assert_eq!(
            problems(billed),
            ["the base image ami-1 is billed as Red Hat Enterprise Linux (RunInstances:0010)"]
        );
    }

    #[test]
    fn a_base_image_fits() {
        let bad = Image::builder().state(ImageState::Failed);
        let bad = bad.architecture(ArchitectureValues::I386);
        assert_eq!(
            problems(bad),
            [
                "the base image ami-1 is failed",
                "the architecture of the base image ami-1 is i386",
                "the base image ami-1 is not hardware-virtualized",
                "the root device of the base image ami-1 is not an EBS volume",
            ]
        );
    }

    #[test]
    fn an_old_base_image_says_so() {
        let warnings = |created: &str, deprecated: &str| {
            let image = good().creation_date(created).deprecation_time(deprecated);
            let mut found = Findings::default();
            let now = "2026-07-01T00:00:00Z".parse().expect("a time");
            age(&image.build(), "ami-1", now, &mut found);
            found.warnings
        };
        let none: [&str; 0] = [];
        assert_eq!(
            warnings("2026-01-03T00:00:00.000Z", "2027-01-01T00:00:00.000Z"),
            none
        );
        assert_eq!(warnings("nonsense", "nonsense"), none);
        assert_eq!(
            warnings("2025-12-01T00:00:00.000Z", "2026-06-01T00:00:00.000Z"),
            [
                "the base image ami-1 is deprecated since 2026-06-01",
                "the base image ami-1 is 212 days old"
            ]
        );
    }
}
