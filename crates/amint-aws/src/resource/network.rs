//! A security group goes, once no builder is in it.

use std::time::Duration;

use amint_cloud::Result;

use crate::clients::Clients;
use crate::error::Explain;
use crate::patience::patiently;

pub(super) async fn release_group(clients: &Clients, gap: Duration, id: &str) -> Result<()> {
    let delete = || async {
        let ask = clients.ec2.delete_security_group().group_id(id);
        ask.send().await.explain("ec2:DeleteSecurityGroup")
    };
    patiently(super::LOOKS, gap, delete).await?;
    Ok(())
}
