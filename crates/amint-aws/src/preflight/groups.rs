//! Security groups that the recipe names.

use amint_cloud::{CloudError, ErrorKind, Result};
use aws_sdk_ec2::types::{Filter, IpPermission, SecurityGroup};

use super::findings::Findings;
use super::network::Network;
use super::run::Subject;
use crate::error::Explain;

/// They exist, belong to the builder's network, and let the agent out.
pub(super) async fn check(
    subject: &Subject<'_>,
    network: &Network,
    found: &mut Findings,
) -> Result<()> {
    let vpcs = network.vpcs();
    let given = &subject.spec.security_groups;
    if vpcs.len() > 1 {
        found.unfit(
            format!(
                "the subnets are in different VPCs ({}), and security groups in one",
                vpcs.join(", ")
            ),
            "name subnets of one VPC in `builder.subnets`",
        );
        return Ok(());
    }
    if given.is_empty() {
        return Ok(());
    }
    let filter = Filter::builder()
        .name("group-id")
        .set_values(Some(given.clone()))
        .build();
    let ask = subject
        .clients
        .ec2
        .describe_security_groups()
        .filters(filter);
    let answer = found.needed(ask.send().await.explain("ec2:DescribeSecurityGroups"))?;
    let Some(answer) = answer else {
        return Ok(());
    };
    let groups = answer.security_groups.unwrap_or_default();
    for id in given {
        match groups.iter().find(|group| group.group_id() == Some(id)) {
            Some(group) => judge(id, group, vpcs.first().copied(), found),
            None => {
                let message = format!(
                    "there is no security group {id} in {}",
                    subject.clients.region
                );
                found.problem(CloudError::new(ErrorKind::NotFound, message).hint(
                    "correct `builder.security-groups`, or leave it out for a temporary one",
                ));
            }
        }
    }
    let lets_out = |group: &SecurityGroup| group.ip_permissions_egress().iter().any(lets_https_out);
    if !groups.is_empty() && !groups.iter().any(lets_out) {
        found.warn(format!(
            "no security group of {} lets HTTPS out: the SSM agent may not reach AWS",
            given.join(", ")
        ));
    }
    Ok(())
}

fn judge(id: &str, group: &SecurityGroup, vpc: Option<&str>, found: &mut Findings) {
    let (Some(own), Some(vpc)) = (group.vpc_id(), vpc) else {
        return;
    };
    if own != vpc {
        found.unfit(
            format!("the security group {id} is in {own}, and the builder's subnet in {vpc}"),
            "name security groups and subnets of one VPC",
        );
    }
}

fn lets_https_out(rule: &IpPermission) -> bool {
    let ports = rule.from_port().unwrap_or(0)..=rule.to_port().unwrap_or(65535);
    match rule.ip_protocol() {
        Some("-1") => true,
        Some("tcp" | "6") => ports.contains(&443),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_goes_out() {
        let rule = |protocol: &str, from: i32, to: i32| {
            let rule = IpPermission::builder().ip_protocol(protocol);
            lets_https_out(&rule.from_port(from).to_port(to).build())
        };
        assert!(lets_https_out(
            &IpPermission::builder().ip_protocol("-1").build()
        ));
        assert!(rule("tcp", 443, 443) && rule("tcp", 0, 65535));
        assert!(!rule("tcp", 22, 80) && !rule("udp", 0, 65535));
    }
}
