//! A builder goes, its disks with it.

use std::time::Duration;

use amint_cloud::{Resource, Result};
use aws_sdk_ec2::types::{Filter, Instance, InstanceStateName};

use crate::clients::Clients;
use crate::error::Explain;
use crate::names;
use crate::patience::patiently;

pub(super) async fn release(clients: &Clients, gap: Duration, resource: &Resource) -> Result<()> {
    if let Err(error) = leave_group(clients, resource).await {
        // The group only goes later then, when the builder is terminated.
        tracing::debug!(%error, "could not take the builder out of its security group");
    }
    let terminate = || async {
        let ask = clients.ec2.terminate_instances().instance_ids(&resource.id);
        ask.send().await.explain("ec2:TerminateInstances")
    };
    patiently(super::LOOKS, gap, terminate).await?;
    Ok(())
}

/// A stopped builder leaves the build's own group for the network's default one, so that the own one can be
/// deleted without waiting for the termination. One that runs stays where nothing reaches it.
async fn leave_group(clients: &Clients, resource: &Resource) -> Result<()> {
    let Some(instance) = instance(clients, &resource.id).await? else {
        return Ok(());
    };
    let state = instance.state().and_then(|state| state.name());
    let own = names::of_build(&resource.build);
    let mut groups = instance.security_groups().iter();
    let in_own = groups.any(|group| group.group_name() == Some(&own));
    let Some(vpc) = instance.vpc_id() else {
        return Ok(());
    };
    if state != Some(&InstanceStateName::Stopped) || !in_own {
        return Ok(());
    }
    let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
    let ask = clients.ec2.describe_security_groups();
    let ask = ask.filters(filter("vpc-id", vpc));
    let ask = ask.filters(filter("group-name", "default"));
    let answer = ask.send().await.explain("ec2:DescribeSecurityGroups")?;
    let default = answer.security_groups().first();
    let Some(default) = default.and_then(|group| group.group_id()) else {
        return Ok(());
    };
    let change = clients.ec2.modify_instance_attribute();
    let change = change.instance_id(&resource.id).groups(default);
    change.send().await.explain("ec2:ModifyInstanceAttribute")?;
    Ok(())
}

async fn instance(clients: &Clients, id: &str) -> Result<Option<Instance>> {
    let filter = Filter::builder().name("instance-id").values(id).build();
    let ask = clients.ec2.describe_instances().filters(filter);
    let answer = ask.send().await.explain("ec2:DescribeInstances")?;
    let mut reservations = answer.reservations.unwrap_or_default().into_iter();
    Ok(reservations.find_map(|one| one.instances.unwrap_or_default().into_iter().next()))
}
