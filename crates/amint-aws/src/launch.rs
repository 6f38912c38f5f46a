//! The builder is started: one RunInstances, which the same build and attempt get the same instance from.

use amint_cloud::{
    BuilderId, CloudError, ErrorKind, InstanceProfile, InstanceSpec, LaunchRequest, Machine,
    Progress, ResourceKind, Result, VolumeSpec,
};
use aws_sdk_ec2::error::SdkError;
use aws_sdk_ec2::operation::run_instances::RunInstancesError;
use aws_sdk_ec2::types::builders::EbsBlockDeviceBuilder;
use aws_sdk_ec2::types::{
    BlockDeviceMapping, EbsBlockDevice, HttpTokensState, IamInstanceProfileSpecification, Image,
    InstanceMetadataEndpointState, InstanceMetadataOptionsRequest, InstanceType, Placement,
    ResourceType, ShutdownBehavior, TagSpecification, VolumeType,
};
use sha2::{Digest, Sha256};

use crate::clients::Clients;
use crate::error::{self, Explain};
use crate::tags;

/// What disks are unless the recipe says otherwise.
const VOLUME_TYPE: &str = "gp3";
/// The most characters of a client token (RunInstances in the EC2 API reference).
const TOKEN: usize = 64;
/// The agent in a container on the builder is one hop further away.
const HOPS: i32 = 2;

pub(crate) async fn launch(
    clients: &Clients,
    request: &LaunchRequest,
    _progress: Progress<'_>,
) -> Result<BuilderId> {
    let Machine::Instance(spec) = &request.machine else {
        return Err(CloudError::new(
            ErrorKind::Unfit,
            "a virtual machine of this computer cannot run on EC2",
        ));
    };
    let kind = request.placement.instance_type.as_deref().ok_or_else(|| {
        CloudError::new(ErrorKind::Unfit, "no instance type was chosen")
            .hint("name some in `builder.instance-types`")
    })?;
    let base = base(clients, &request.base.id).await?;
    let subnet = &request.placement.subnet;
    // A subnet has its zone; without one the zone's default subnet is meant.
    let zone = request.placement.zone.as_ref().filter(|_| subnet.is_none());
    let metadata = InstanceMetadataOptionsRequest::builder()
        .http_endpoint(InstanceMetadataEndpointState::Enabled)
        .http_tokens(HttpTokensState::Required)
        .http_put_response_hop_limit(HOPS)
        .build();
    let user_data = spec.user_data.as_ref();
    let answer = clients
        .ec2
        .run_instances()
        .client_token(token(request))
        .min_count(1)
        .max_count(1)
        .image_id(&request.base.id)
        .instance_type(InstanceType::from(kind))
        .set_subnet_id(subnet.clone())
        .set_placement(zone.map(|zone| Placement::builder().availability_zone(zone).build()))
        .set_security_group_ids(Some(groups(spec, request)?))
        .iam_instance_profile(profile(spec, request)?)
        .metadata_options(metadata)
        .instance_initiated_shutdown_behavior(ShutdownBehavior::Terminate)
        .set_block_device_mappings(Some(disks(&base, spec)))
        .set_user_data(user_data.map(aws_smithy_types::base64::encode))
        .set_tag_specifications(Some(tagged(request)))
        .send()
        .await
        .map_err(|error| refused(error, spec, request))?;
    let id = answer.instances().first().and_then(|one| one.instance_id());
    let id = id.ok_or_else(|| {
        CloudError::new(
            ErrorKind::AnswerLost,
            "ec2:RunInstances: no instance id came back",
        )
    })?;
    Ok(BuilderId(id.to_owned()))
}

/// The base image's disks: which they are decides what must be deleted with the builder.
async fn base(clients: &Clients, id: &str) -> Result<Image> {
    let answer = clients.ec2.describe_images().image_ids(id).send().await;
    let answer = answer.explain("ec2:DescribeImages")?;
    let image = answer.images.unwrap_or_default().into_iter().next();
    image.ok_or_else(|| {
        let message = format!("the base image {id} is not there in {}", clients.region);
        CloudError::new(ErrorKind::NotFound, message)
            .hint("images have another id in each region; check `base` and `builder.region`")
    })
}

/// The same for the same build and attempt, and for no other.
fn token(request: &LaunchRequest) -> String {
    let token = format!("amint-{}-{}", request.owner.build, request.attempt);
    if token.len() <= TOKEN && token.is_ascii() {
        return token;
    }
    let digest = Sha256::digest(token.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn groups(spec: &InstanceSpec, request: &LaunchRequest) -> Result<Vec<String>> {
    if !spec.security_groups.is_empty() {
        return Ok(spec.security_groups.clone());
    }
    Ok(vec![support(request, ResourceKind::SecurityGroup)?])
}

fn profile(
    spec: &InstanceSpec,
    request: &LaunchRequest,
) -> Result<IamInstanceProfileSpecification> {
    let profile = IamInstanceProfileSpecification::builder();
    let profile = match &spec.profile {
        InstanceProfile::Named(arn) if arn.starts_with("arn:") => profile.arn(arn),
        InstanceProfile::Named(name) => profile.name(name),
        InstanceProfile::Temporary { .. } => {
            profile.name(support(request, ResourceKind::InstanceProfile)?)
        }
    };
    Ok(profile.build())
}

fn support(request: &LaunchRequest, kind: ResourceKind) -> Result<String> {
    let mut supports = request.supports.iter();
    let support = supports.find(|resource| resource.kind == kind);
    let support = support.map(|resource| resource.id.clone());
    support.ok_or_else(|| CloudError::other(format!("no {} was made for it", kind.name())))
}

/// Every disk goes with the builder. What is not said here stays as the base image has it; an encrypted disk
/// would make an image that nobody can list (MP-ARCH-006), so nothing is said about that either.
fn disks(base: &Image, spec: &InstanceSpec) -> Vec<BlockDeviceMapping> {
    let root = base.root_device_name().unwrap_or("/dev/xvda");
    let mappings = base.block_device_mappings().iter();
    let own: Vec<(&str, Option<i32>)> = mappings
        .filter_map(|mapping| Some((mapping.device_name()?, mapping.ebs()?.volume_size())))
        .collect();
    let size = own.iter().find(|(name, _)| *name == root);
    let size = size.and_then(|(_, size)| *size);
    let mut disks = vec![disk(root, changed(&spec.root_volume), size)];
    for (name, size) in own {
        let replaced = spec.volumes.iter().any(|volume| volume.device == name);
        if name != root && !replaced {
            disks.push(disk(name, EbsBlockDevice::builder(), size));
        }
    }
    let extra = spec.volumes.iter();
    disks.extend(extra.map(|one| disk(&one.device, changed(&one.volume), None)));
    disks
}

fn changed(volume: &VolumeSpec) -> EbsBlockDeviceBuilder {
    let number = |value: Option<u32>| value.and_then(|value| i32::try_from(value).ok());
    let kind = volume.kind.as_deref().unwrap_or(VOLUME_TYPE);
    EbsBlockDevice::builder()
        .volume_type(VolumeType::from(kind))
        .set_volume_size(number(volume.size_gib))
        .set_iops(number(volume.iops))
        .set_throughput(number(volume.throughput))
}

/// `size` is the base image's, in GiB.
fn disk(device: &str, ebs: EbsBlockDeviceBuilder, size: Option<i32>) -> BlockDeviceMapping {
    let size = ebs.get_volume_size().or(size);
    let ebs = ebs.set_volume_size(size).delete_on_termination(true);
    BlockDeviceMapping::builder()
        .device_name(device)
        .ebs(ebs.build())
        .build()
}

fn tagged(request: &LaunchRequest) -> Vec<TagSpecification> {
    let mut tags = tags::temporary(&request.owner);
    tags.insert(tags::ATTEMPT.to_owned(), request.attempt.to_string());
    let kinds = [
        ResourceType::Instance,
        ResourceType::Volume,
        ResourceType::NetworkInterface,
    ];
    kinds.map(|kind| tags::specification(kind, &tags)).into()
}

/// What RunInstances refuses for reasons that its code alone does not tell.
fn refused(
    error: SdkError<RunInstancesError>,
    spec: &InstanceSpec,
    request: &LaunchRequest,
) -> CloudError {
    let code = error::code(&error).unwrap_or_default().to_owned();
    let explained = error::explain(error, "ec2:RunInstances");
    let said = explained.message.to_ascii_lowercase();
    let kind = request.placement.instance_type.as_deref().unwrap_or("it");
    let as_kind = |kind| CloudError {
        kind,
        message: explained.message.clone(),
        hint: None,
        source: None,
    };
    if code.starts_with("InvalidParameter") && said.contains("instance profile") {
        let profile = match &spec.profile {
            InstanceProfile::Named(name) => name,
            // Made seconds ago: not known everywhere yet.
            InstanceProfile::Temporary { .. } => return as_kind(ErrorKind::NotFound),
        };
        return as_kind(ErrorKind::NotFound).hint(format!(
            "`builder.instance-profile` says {profile}; `amint iam RECIPE` prints how to make it"
        ));
    }
    let invalid = code.starts_with("InvalidParameter") || code == "UnsupportedOperation";
    // `Unsupported` alone means that the zone does not offer the type.
    if (invalid || code == "Unsupported")
        && (said.contains("architecture") || said.contains("boot mode"))
    {
        return as_kind(ErrorKind::Unfit).hint(format!(
            "{kind} does not fit {}: arm64 images need types such as m7g.large, x86_64 images such as \
             m7i.large",
            request.base.name
        ));
    }
    match code.as_str() {
        "InvalidBlockDeviceMapping" => as_kind(ErrorKind::Unfit)
            .hint("check `builder.root-volume` and `builder.volumes`; a root volume is at least as large as the base image's"),
        "VolumeTypeNotAvailableInZone" => as_kind(ErrorKind::NoCapacity)
            .hint("add a subnet in another zone, or choose another volume type"),
        "IdempotentParameterMismatch" => as_kind(ErrorKind::Conflict)
            .hint("this build and attempt launched something else before; start a new build"),
        // Whoever goes on with a build asks for a builder that has ended meanwhile.
        "IdempotentInstanceTerminated" => as_kind(ErrorKind::Gone)
            .hint("this build's builder has ended, and its disks went with it; start a new build"),
        "PendingVerification" => as_kind(ErrorKind::Throttled)
            .hint("AWS is checking the new account for this region; it takes minutes, at most 4 hours"),
        _ if invalid => as_kind(ErrorKind::Unfit),
        _ => explained,
    }
}

#[cfg(test)]
mod tests {
    use amint_cloud::{BaseImage, DataVolume, Owner};

    use super::*;

    fn request(build: &str, attempt: u32) -> LaunchRequest {
        LaunchRequest {
            owner: Owner {
                build: build.to_owned(),
                recipe: "r".to_owned(),
                image: "demo".to_owned(),
                expires: jiff::Timestamp::UNIX_EPOCH,
                tags: Default::default(),
            },
            attempt,
            base: BaseImage::new("ami-1", "base"),
            machine: Machine::Instance(Box::default()),
            placement: Default::default(),
            supports: Vec::new(),
        }
    }

    #[test]
    fn each_attempt_has_its_own_token_and_none_is_too_long() {
        let long = "b".repeat(80);
        let tokens = [("b", 1), ("b", 2), (&long, 1), (&long, 2)]
            .map(|(build, attempt)| token(&request(build, attempt)));
        for (at, one) in tokens.iter().enumerate() {
            assert!(one.len() <= TOKEN, "{one}");
            assert!(!tokens[..at].contains(one), "{one}");
        }
        assert_eq!(tokens[0], token(&request("b", 1)));
    }

    #[test]
    fn every_disk_goes_with_the_builder() {
        let mapping = |device: &str, size| {
            let ebs = EbsBlockDevice::builder().volume_size(size);
            let ebs = ebs.delete_on_termination(false).snapshot_id("snap-1");
            let mapping = BlockDeviceMapping::builder().device_name(device);
            mapping.ebs(ebs.build()).build()
        };
        let ephemeral = BlockDeviceMapping::builder().device_name("/dev/sdb");
        let base = Image::builder()
            .root_device_name("/dev/xvda")
            .block_device_mappings(mapping("/dev/xvda", 8))
            .block_device_mappings(mapping("/dev/sdf", 20))
            .block_device_mappings(mapping("/dev/sdg", 30))
            .block_device_mappings(ephemeral.virtual_name("ephemeral0").build())
            .build();
        let volume = |size_gib| VolumeSpec {
            size_gib,
            ..VolumeSpec::default()
        };
        let spec = InstanceSpec {
            root_volume: volume(None),
            volumes: vec![DataVolume {
                device: "/dev/sdg".to_owned(),
                volume: volume(Some(40)),
            }],
            ..InstanceSpec::default()
        };
        let disks = disks(&base, &spec);
        let seen: Vec<_> = disks
            .iter()
            .map(|disk| {
                let ebs = disk.ebs().expect("a disk");
                assert_eq!(ebs.delete_on_termination(), Some(true));
                assert_eq!(ebs.encrypted(), None);
                let kind = ebs.volume_type().map(VolumeType::as_str);
                (
                    disk.device_name().unwrap_or_default(),
                    ebs.volume_size(),
                    kind,
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("/dev/xvda", Some(8), Some("gp3")),
                ("/dev/sdf", Some(20), None),
                ("/dev/sdg", Some(40), Some("gp3")),
            ]
        );
    }
}
