//! What can be asked of a builder, and told to it, from outside.
//!
//! - `silence`: why its agent does not come. `route`: whether it can reach SSM at all.

mod route;
mod silence;

use amint_cloud::{BuilderId, CloudError, ErrorKind, OnPowerOff, Result};
use aws_sdk_ec2::types::{AttributeValue, InstanceAttributeName};

use crate::clients::Clients;
use crate::error::Explain;

pub(crate) use silence::why_silent;

/// EC2 keeps this much of a console (GetConsoleOutput in the EC2 API reference: 64 KB).
const CONSOLE: usize = 64 << 10;

/// What the console shows now. Types that are not Nitro's show what they showed some minutes ago.
pub(crate) async fn console(clients: &Clients, builder: &BuilderId) -> Result<String> {
    let ended = ended(clients, builder).await;
    match (output(clients, builder).await, ended) {
        (Ok(output), None) => Ok(output),
        (Ok(output), Some(ended)) => Ok(format!("{output}\n{ended}")),
        // One that ended at once has no console.
        (Err(_), Some(ended)) => Ok(ended),
        (Err(error), None) => Err(error),
    }
}

/// Why EC2 has ended the builder, if it has: no capacity for a volume, a quota, trouble of its own.
async fn ended(clients: &Clients, builder: &BuilderId) -> Option<String> {
    let ask = clients.ec2.describe_instances().instance_ids(&builder.0);
    let answer = ask.send().await.ok()?;
    let instance = answer.reservations().first()?.instances().first()?;
    let state = instance.state()?.name()?.as_str();
    let reason = instance.state_reason()?.message()?;
    matches!(state, "shutting-down" | "terminated").then(|| format!("EC2 says: {reason}"))
}

async fn output(clients: &Clients, builder: &BuilderId) -> Result<String> {
    let ask = || clients.ec2.get_console_output().instance_id(&builder.0);
    let answer = match ask().latest(true).send().await {
        // Only Nitro types have a latest one.
        Err(error) if crate::error::code(&error) == Some("UnsupportedOperation") => {
            ask().send().await
        }
        answer => answer,
    };
    let answer = answer.explain("ec2:GetConsoleOutput")?;
    let output = answer.output.unwrap_or_default();
    let output: String = output.split_whitespace().collect();
    let bytes = aws_smithy_types::base64::decode(output).map_err(|error| {
        CloudError::other("the console's output cannot be read").caused_by(error)
    })?;
    let from = bytes.len().saturating_sub(CONSOLE);
    Ok(String::from_utf8_lossy(&bytes[from..]).into_owned())
}

/// How a person gets in, and ends it: nothing else will once the dead man's switch is off.
pub(crate) fn access(clients: &Clients, builder: &BuilderId) -> String {
    let (region, id) = (&clients.region, &builder.0);
    format!(
        "aws ssm start-session --region {region} --target {id}\n\
         aws ec2 terminate-instances --region {region} --instance-ids {id}"
    )
}

pub(crate) async fn reboot(clients: &Clients, builder: &BuilderId) -> Result<()> {
    let ask = clients.ec2.reboot_instances().instance_ids(&builder.0);
    ask.send().await.explain("ec2:RebootInstances")?;
    Ok(())
}

/// Not in force until it is read back: then it is busy.
pub(crate) async fn set_on_power_off(
    clients: &Clients,
    builder: &BuilderId,
    action: OnPowerOff,
) -> Result<()> {
    let wanted = match action {
        OnPowerOff::Terminate => "terminate",
        OnPowerOff::Stop => "stop",
    };
    let value = AttributeValue::builder().value(wanted).build();
    let change = clients.ec2.modify_instance_attribute();
    let change = change.instance_id(&builder.0);
    let change = change.instance_initiated_shutdown_behavior(value);
    change.send().await.explain("ec2:ModifyInstanceAttribute")?;
    let ask = clients.ec2.describe_instance_attribute();
    let ask = ask.instance_id(&builder.0);
    let ask = ask.attribute(InstanceAttributeName::InstanceInitiatedShutdownBehavior);
    let answer = ask.send().await.explain("ec2:DescribeInstanceAttribute")?;
    let behavior = answer.instance_initiated_shutdown_behavior();
    match behavior.and_then(|behavior| behavior.value()) {
        Some(now) if now == wanted => Ok(()),
        now => Err(CloudError::new(
            ErrorKind::Busy,
            format!(
                "a power-off of {} still means {}, not {wanted}",
                builder.0,
                now.unwrap_or("something unknown")
            ),
        )),
    }
}
