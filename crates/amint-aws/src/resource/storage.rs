//! A volume goes, once no builder has it.

use std::time::Duration;

use amint_cloud::Result;
use aws_sdk_ec2::Client;

use crate::error::Explain;
use crate::patience::patiently;

pub(super) async fn release_volume(ec2: &Client, gap: Duration, id: &str) -> Result<()> {
    let delete = || async {
        let ask = ec2.delete_volume().volume_id(id);
        ask.send().await.explain("ec2:DeleteVolume")
    };
    patiently(super::LOOKS, gap, delete).await?;
    Ok(())
}
