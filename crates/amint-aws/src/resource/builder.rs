//! A builder goes, its disks with it.

use std::time::Duration;

use amint_cloud::{Resource, Result};
use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::InstanceStateName;

use crate::clients::Clients;
use crate::describe::{self, filter};
use crate::error::Explain;
use crate::names;
use crate::patience::patiently;

/// How many times an instance is looked for that is not to be seen. EC2 shows one for about an hour after its end, so
/// this one is either long gone or so new that it is not known everywhere: the dearest thing to take for gone.
const LOOKS: u32 = 8;

pub(super) async fn release(clients: &Clients, gap: Duration, resource: &Resource) -> Result<()> {
    let (id, region) = names::split(&resource.id);
    let ec2 = clients.ec2_in(region.unwrap_or(&clients.region));
    // What outlived a builder: see `owned::region`.
    if id.starts_with("vol-") {
        return super::storage::release_volume(&ec2, gap, id).await;
    }
    if id.starts_with("eni-") {
        return super::network::release_interface(&ec2, gap, id).await;
    }
    // The group only goes later where this fails, when the builder is terminated; nothing holds that up.
    let leave = leave_group(&ec2, id, &resource.build);
    match tokio::time::timeout(gap.max(LEAVING), leave).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::debug!(%error, "could not take the builder out of its security group");
        }
        Err(_) => tracing::debug!("no answer about the builder's security group"),
    }
    let terminate = || async {
        let ask = ec2.terminate_instances().instance_ids(id);
        ask.send().await.explain("ec2:TerminateInstances")
    };
    patiently(LOOKS, gap, terminate).await?;
    Ok(())
}

/// How long a builder's termination waits for it to leave its group.
const LEAVING: Duration = Duration::from_secs(1);

/// A stopped builder leaves the build's own group for the network's default one, so that the own one can be
/// deleted without waiting for the termination. One that runs stays where nothing reaches it.
async fn leave_group(ec2: &Client, id: &str, build: &str) -> Result<()> {
    let found = describe::instances(ec2, vec![filter("instance-id", [id])]).await?;
    let Some(instance) = found.first() else {
        return Ok(());
    };
    let state = instance.state().and_then(|state| state.name());
    let own = names::of_build(build);
    let mut groups = instance.security_groups().iter();
    let in_own = groups.any(|group| group.group_name() == Some(&own));
    let Some(vpc) = instance.vpc_id() else {
        return Ok(());
    };
    if state != Some(&InstanceStateName::Stopped) || !in_own {
        return Ok(());
    }
    let ask = ec2.describe_security_groups();
    let ask = ask.filters(filter("vpc-id", [vpc]));
    let ask = ask.filters(filter("group-name", ["default"]));
    let answer = ask.send().await.explain("ec2:DescribeSecurityGroups")?;
    let default = answer.security_groups().first();
    let Some(default) = default.and_then(|group| group.group_id()) else {
        return Ok(());
    };
    let change = ec2.modify_instance_attribute();
    let change = change.instance_id(id).groups(default);
    change.send().await.explain("ec2:ModifyInstanceAttribute")?;
    Ok(())
}
