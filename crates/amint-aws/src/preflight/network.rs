//! The subnets that a builder can be in.

use amint_cloud::{CloudError, ErrorKind, Result};
use aws_sdk_ec2::types::{Filter, Subnet as Ec2Subnet};

use super::findings::Findings;
use super::routes;
use super::run::Subject;
use crate::error::Explain;

/// Where a builder can be, the preferred subnet first.
#[derive(Debug, Default)]
pub(super) struct Network {
    pub(super) subnets: Vec<Subnet>,
}

/// A subnet from which the agent reaches AWS.
#[derive(Clone, Debug)]
pub(super) struct Subnet {
    pub(super) id: String,
    pub(super) zone: String,
    pub(super) vpc: String,
    pub(super) gives_public_addresses: bool,
}

impl Network {
    /// The networks that they are in, each once.
    pub(super) fn vpcs(&self) -> Vec<&str> {
        let mut vpcs: Vec<&str> = Vec::new();
        for subnet in &self.subnets {
            if !vpcs.contains(&subnet.vpc.as_str()) {
                vpcs.push(&subnet.vpc);
            }
        }
        vpcs
    }
}

/// The subnets that the recipe names, or the default network's; those without a way out are problems or left out.
pub(super) async fn check(subject: &Subject<'_>, found: &mut Findings) -> Result<Network> {
    let given = &subject.spec.subnets;
    let subnets = match given.is_empty() {
        true => default_subnets(subject, found).await?,
        false => given_subnets(subject, found).await?,
    };
    let mut network = Network { subnets };
    let ways = routes::look(subject, &network.vpcs(), found).await?;
    let Some(ways) = ways else {
        return Ok(network);
    };
    let mut reasons = Vec::new();
    network
        .subnets
        .retain(|subnet| match ways.obstacle(subnet) {
            None => true,
            Some(reason) => {
                reasons.push(format!("the subnet {} {reason}", subnet.id));
                false
            }
        });
    let hint = "route 0.0.0.0/0 of its route table to an internet gateway (with public addresses) or a NAT gateway, \
                or make VPC endpoints for ssm and ssmmessages";
    // The default network's are not the recipe's choice: some may be unfit.
    if given.is_empty() && !network.subnets.is_empty() {
        reasons.into_iter().for_each(|reason| found.warn(reason));
    } else {
        reasons
            .into_iter()
            .for_each(|reason| found.unfit(reason, hint));
    }
    Ok(network)
}

async fn default_subnets(subject: &Subject<'_>, found: &mut Findings) -> Result<Vec<Subnet>> {
    let region = &subject.clients.region;
    let ec2 = &subject.clients.ec2;
    let filter = Filter::builder().name("is-default").values("true").build();
    let answer = ec2.describe_vpcs().filters(filter).send().await;
    let Some(answer) = found.needed(answer.explain("ec2:DescribeVpcs"))? else {
        return Ok(Vec::new());
    };
    let vpcs = answer.vpcs.unwrap_or_default();
    let Some(vpc) = vpcs.first().and_then(|vpc| vpc.vpc_id()) else {
        let message =
            format!("there is no default VPC in {region}, and the recipe names no subnet");
        found.problem(CloudError::new(ErrorKind::NotFound, message).hint(
            "name one in `builder.subnets`, or make a default VPC with `aws ec2 create-default-vpc`",
        ));
        return Ok(Vec::new());
    };
    let filters = [("vpc-id", vpc), ("default-for-az", "true")];
    let mut subnets = subnets(subject, &filters, found).await?.unwrap_or_default();
    subnets.sort_by(|a, b| a.zone.cmp(&b.zone));
    if subnets.is_empty() {
        let message = format!("the default VPC {vpc} in {region} has no default subnet");
        found.problem(
            CloudError::new(ErrorKind::NotFound, message).hint("name one in `builder.subnets`"),
        );
    }
    Ok(subnets)
}

async fn given_subnets(subject: &Subject<'_>, found: &mut Findings) -> Result<Vec<Subnet>> {
    let given = &subject.spec.subnets;
    let ids: Vec<(&str, &str)> = given.iter().map(|id| ("subnet-id", id.as_str())).collect();
    let Some(mut there) = subnets(subject, &ids, found).await? else {
        return Ok(Vec::new());
    };
    let mut subnets = Vec::new();
    for id in given {
        match there.iter().position(|subnet| subnet.id == *id) {
            Some(at) => subnets.push(there.remove(at)),
            None if subnets.iter().any(|subnet| subnet.id == *id) => {}
            None => {
                let message = format!("there is no subnet {id} in {}", subject.clients.region);
                found.problem(
                    CloudError::new(ErrorKind::NotFound, message).hint("correct `builder.subnets`"),
                );
            }
        }
    }
    Ok(subnets)
}

/// By filters: an unknown id is left out of the answer. The values of one name are alternatives.
async fn subnets(
    subject: &Subject<'_>,
    filters: &[(&str, &str)],
    found: &mut Findings,
) -> Result<Option<Vec<Subnet>>> {
    let mut names: Vec<&str> = filters.iter().map(|(name, _)| *name).collect();
    names.dedup();
    let filter = |name: &str| {
        let values = filters.iter().filter(|(of, _)| *of == name);
        let values = values.map(|(_, value)| (*value).to_owned()).collect();
        Filter::builder()
            .name(name)
            .set_values(Some(values))
            .build()
    };
    let filters = names.into_iter().map(filter).collect();
    let ask = subject
        .clients
        .ec2
        .describe_subnets()
        .set_filters(Some(filters));
    let pages = ask.into_paginator().items().send();
    let answer = pages
        .collect::<std::result::Result<Vec<Ec2Subnet>, _>>()
        .await;
    let answer = found.needed(answer.explain("ec2:DescribeSubnets"))?;
    let known = |subnet: Ec2Subnet| {
        let is_full = subnet.available_ip_address_count() == Some(0);
        let known = Subnet {
            id: subnet.subnet_id?,
            zone: subnet.availability_zone?,
            vpc: subnet.vpc_id?,
            gives_public_addresses: subnet.map_public_ip_on_launch.unwrap_or(false),
        };
        if is_full {
            found.warn(format!("the subnet {} has no free address", known.id));
        }
        Some(known)
    };
    Ok(answer.map(|subnets| subnets.into_iter().filter_map(known).collect()))
}
