//! The builder is started: one RunInstances, which the same build and attempt get the same instance from.

use amint_cloud::{
    BuilderId, CloudError, ErrorKind, InstanceProfile, InstanceSpec, LaunchRequest, Machine,
    Progress, ResourceKind, Result, VolumeSpec,
};
use aws_sdk_ec2::error::SdkError;
use aws_sdk_ec2::operation::run_instances::RunInstancesError;
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
    let extra = |device: &str| spec.volumes.iter().any(|volume| volume.device == device);
    let mut disks = vec![disk(root, Some(&spec.root_volume))];
    for mapping in base.block_device_mappings() {
        if let (Some(name), Some(_)) = (mapping.device_name(), mapping.ebs())
            && name != root
            && !extra(name)
        {
            disks.push(disk(name, None));
        }
    }
    let volumes = spec.volumes.iter();
    disks.extend(volumes.map(|volume| disk(&volume.device, Some(&volume.volume))));
    disks
}

fn disk(device: &str, volume: Option<&VolumeSpec>) -> BlockDeviceMapping {
    let mut ebs = EbsBlockDevice::builder().delete_on_termination(true);
    if let Some(volume) = volume {
        let number = |value: Option<u32>| value.and_then(|value| i32::try_from(value).ok());
        ebs = ebs
            .volume_type(VolumeType::from(
                volume.kind.as_deref().unwrap_or(VOLUME_TYPE),
            ))
            .set_volume_size(number(volume.size_gib))
            .set_iops(number(volume.iops))
            .set_throughput(number(volume.throughput));
    }
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
        "PendingVerification" => as_kind(ErrorKind::Throttled)
            .hint("AWS is checking the new account for this region; it takes minutes, at most 4 hours"),
        _ if invalid => as_kind(ErrorKind::Unfit),
        _ => explained,
    }
}
