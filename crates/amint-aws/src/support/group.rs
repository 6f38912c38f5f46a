//! A security group without ingress: the agent asks for its commands, nobody comes in.

use amint_cloud::{CloudError, ErrorKind, Result, SupportRequest};
use aws_sdk_ec2::types::{Filter, ResourceType};

use crate::clients::Clients;
use crate::error::{self, Explain};
use crate::{names, tags};

/// Letters, digits, spaces and ._-:/()#,@[]+=&;{}!$* only (CreateSecurityGroup in the EC2 API reference).
pub(crate) const DESCRIPTION: &str = "amint: a builder without ingress";

pub(super) async fn create(clients: &Clients, request: &SupportRequest) -> Result<String> {
    let name = names::of_build(&request.owner.build);
    let vpc = vpc(clients, request.placement.subnet.as_deref()).await?;
    let tags = tags::temporary(&request.owner);
    let made = clients
        .ec2
        .create_security_group()
        .group_name(&name)
        .description(DESCRIPTION)
        .vpc_id(&vpc)
        .tag_specifications(tags::specification(ResourceType::SecurityGroup, &tags))
        .send()
        .await;
    if let Err(refusal) = &made
        && error::code(refusal) == Some("InvalidGroup.Duplicate")
    {
        return find(clients, &vpc, &name, &request.owner.build).await;
    }
    let made = made.explain("ec2:CreateSecurityGroup")?;
    made.group_id.ok_or_else(|| {
        CloudError::new(
            ErrorKind::AnswerLost,
            "ec2:CreateSecurityGroup: no group id came back",
        )
    })
}

/// The subnet's network, or the default one.
async fn vpc(clients: &Clients, subnet: Option<&str>) -> Result<String> {
    if let Some(subnet) = subnet {
        let answer = clients.ec2.describe_subnets().subnet_ids(subnet).send();
        let answer = answer.await.explain("ec2:DescribeSubnets")?;
        let vpc = answer.subnets().first().and_then(|subnet| subnet.vpc_id());
        return vpc.map(str::to_owned).ok_or_else(|| {
            let message = format!("the subnet {subnet} is not there in {}", clients.region);
            CloudError::new(ErrorKind::NotFound, message).hint("check `builder.subnets`")
        });
    }
    let default = Filter::builder().name("is-default").values("true").build();
    let answer = clients.ec2.describe_vpcs().filters(default).send();
    let answer = answer.await.explain("ec2:DescribeVpcs")?;
    let vpc = answer.vpcs().first().and_then(|vpc| vpc.vpc_id());
    vpc.map(str::to_owned).ok_or_else(|| {
        let message = format!("{} has no default VPC", clients.region);
        CloudError::new(ErrorKind::Unfit, message).hint("name a subnet in `builder.subnets`")
    })
}

/// The group of that name, if it is the build's.
async fn find(clients: &Clients, vpc: &str, name: &str, build: &str) -> Result<String> {
    let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
    let answer = clients
        .ec2
        .describe_security_groups()
        .filters(filter("vpc-id", vpc))
        .filters(filter("group-name", name))
        .send()
        .await
        .explain("ec2:DescribeSecurityGroups")?;
    let Some(group) = answer.security_groups().first() else {
        // It was made a moment ago, by the call whose answer was lost.
        let message = format!("the security group {name} exists but is not to be seen yet");
        return Err(CloudError::new(ErrorKind::AnswerLost, message));
    };
    match group.group_id() {
        Some(id) if tags::value(group.tags(), tags::BUILD) == Some(build) => Ok(id.to_owned()),
        _ => Err(super::taken("security group", name)),
    }
}
