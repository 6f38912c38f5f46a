//! A security group goes, once no builder is in it; a network interface, once no builder has it.

use std::time::Duration;

use amint_cloud::Result;
use aws_sdk_ec2::Client;

use crate::clients::Clients;
use crate::error::Explain;
use crate::names;
use crate::patience::patiently;

pub(super) async fn release_group(clients: &Clients, gap: Duration, id: &str) -> Result<()> {
    let (id, region) = names::split(id);
    let ec2 = clients.ec2_in(region.unwrap_or(&clients.region));
    let delete = || async {
        let ask = ec2.delete_security_group().group_id(id);
        ask.send().await.explain("ec2:DeleteSecurityGroup")
    };
    patiently(super::LOOKS, gap, delete).await?;
    Ok(())
}

pub(super) async fn release_interface(ec2: &Client, gap: Duration, id: &str) -> Result<()> {
    let delete = || async {
        let ask = ec2.delete_network_interface().network_interface_id(id);
        ask.send().await.explain("ec2:DeleteNetworkInterface")
    };
    patiently(super::LOOKS, gap, delete).await?;
    Ok(())
}
