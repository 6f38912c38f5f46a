//! What EC2 itself says about calls that it only tries.

use amint_cloud::{CloudError, ErrorKind, InstanceProfile, Placement, Result};
use aws_sdk_ec2::config::http::HttpResponse;
use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ec2::types::{
    HttpTokensState, IamInstanceProfileSpecification, InstanceMetadataOptionsRequest, InstanceType,
    ResourceType,
};

use super::run::Subject;
use crate::error::{code, explain};
use crate::{names, tags};

/// A launch as the build will ask for it. `None` when there is nothing to launch, or nowhere.
pub(super) async fn launch(
    subject: &Subject<'_>,
    placement: Option<&Placement>,
) -> Option<Result<()>> {
    let (base, placement) = (subject.request.base.as_ref()?, placement?);
    let instance_type = placement.instance_type.as_deref()?;
    let own = tags::temporary(&subject.request.owner);
    let mut ask = subject
        .clients
        .ec2
        .run_instances()
        .dry_run(true)
        .image_id(&base.id)
        .instance_type(InstanceType::from(instance_type))
        .set_subnet_id(placement.subnet.clone())
        .min_count(1)
        .max_count(1)
        .metadata_options(
            InstanceMetadataOptionsRequest::builder()
                .http_tokens(HttpTokensState::Required)
                .build(),
        );
    for kind in [
        ResourceType::Instance,
        ResourceType::NetworkInterface,
        ResourceType::Volume,
    ] {
        ask = ask.tag_specifications(tags::specification(kind, &own));
    }
    for group in &subject.spec.security_groups {
        ask = ask.security_group_ids(group);
    }
    if let InstanceProfile::Named(given) = &subject.spec.profile {
        let profile = IamInstanceProfileSpecification::builder();
        let profile = match given.starts_with("arn:") {
            true => profile.arn(given),
            false => profile.name(given),
        };
        ask = ask.iam_instance_profile(profile.build());
    }
    Some(tried(ask.send().await, "ec2:RunInstances"))
}

/// A security group as the build will ask for it.
pub(super) async fn security_group(subject: &Subject<'_>, vpc: &str) -> Result<()> {
    let owner = &subject.request.owner;
    let own = tags::temporary(owner);
    let ask = subject
        .clients
        .ec2
        .create_security_group()
        .dry_run(true)
        .group_name(names::of_build(&owner.build))
        .description(crate::support::GROUP_DESCRIPTION)
        .vpc_id(vpc)
        .tag_specifications(tags::specification(ResourceType::SecurityGroup, &own));
    tried(ask.send().await, "ec2:CreateSecurityGroup")
}

/// A dry run that would have worked is answered by an error of its own.
fn tried<T, E>(
    answer: std::result::Result<T, SdkError<E, HttpResponse>>,
    action: &'static str,
) -> Result<()>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match answer {
        Err(error) if code(&error) == Some("DryRunOperation") => Ok(()),
        Err(error) => Err(explain(error, action)),
        Ok(_) => Err(CloudError::new(
            ErrorKind::Other,
            format!("{action}: the answer to a dry run is that of a real one"),
        )),
    }
}
