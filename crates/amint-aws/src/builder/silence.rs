//! Why the agent does not come, as far as it shows from outside: the first reason that is found.

use amint_cloud::{BuilderId, Result};
use aws_sdk_ec2::types::{Instance, SummaryStatus};
use aws_sdk_ssm::types::{InstanceInformationStringFilter, PingStatus};

use crate::builder::{console, route};
use crate::clients::Clients;
use crate::error::Explain;

/// What a line begins with that the builder's first boot writes to its console.
const OURS: &str = "amint: ";

/// One sentence with the way out. What may not be looked at is passed over.
pub(crate) async fn why_silent(clients: &Clients, builder: &BuilderId) -> Result<Option<String>> {
    let Some(instance) = instance(clients, builder).await? else {
        return Ok(None);
    };
    if instance.iam_instance_profile().is_none() {
        return Ok(Some(
            "the builder has no instance profile, so that its SSM agent has no credentials: set \
             `builder.instance-profile`; `amint iam RECIPE` prints how to make one"
                .to_owned(),
        ));
    }
    let ping = passing(ping(clients, builder).await).flatten();
    if let Some(ping) = ping {
        return Ok(Some(format!(
            "its SSM agent was there and is {} now: the builder is rebooting, overloaded or has lost its \
             network",
            ping.as_str()
        )));
    }
    if let Some(reason) = passing(route::missing(clients, &instance).await).flatten() {
        return Ok(Some(reason));
    }
    if let Some(reason) = passing(checks(clients, builder).await).flatten() {
        return Ok(Some(reason));
    }
    if let Some(reason) = passing(console(clients, builder).await)
        .as_deref()
        .and_then(complaint)
    {
        return Ok(Some(reason));
    }
    Ok(Some(
        "no SSM agent ever registered: either the base image has none (set `builder.ssm-agent`), or its \
         instance profile does not allow what AmazonSSMManagedInstanceCore allows (`amint iam RECIPE` prints \
         it), or the security group or network keeps it from reaching SSM on port 443"
            .to_owned(),
    ))
}

/// An answer that could not be had says nothing: another look-up may still tell.
fn passing<T>(answer: Result<T>) -> Option<T> {
    answer
        .inspect_err(|error| tracing::debug!(%error, "could not look for a reason"))
        .ok()
}

async fn instance(clients: &Clients, builder: &BuilderId) -> Result<Option<Instance>> {
    let ask = clients.ec2.describe_instances().instance_ids(&builder.0);
    let answer = ask.send().await.explain("ec2:DescribeInstances")?;
    let mut reservations = answer.reservations.unwrap_or_default().into_iter();
    Ok(reservations.find_map(|one| one.instances.unwrap_or_default().into_iter().next()))
}

/// The state of an agent that once registered and does not answer now.
async fn ping(clients: &Clients, builder: &BuilderId) -> Result<Option<PingStatus>> {
    let filter = InstanceInformationStringFilter::builder()
        .key("InstanceIds")
        .values(&builder.0)
        .build()
        .map_err(|error| amint_cloud::CloudError::other(error.to_string()))?;
    let ask = clients.ssm.describe_instance_information().filters(filter);
    let answer = ask.send().await;
    let answer = answer.explain("ssm:DescribeInstanceInformation")?;
    let mut agents = answer.instance_information_list().iter();
    let ping = agents.find_map(|agent| agent.ping_status().cloned());
    Ok(ping.filter(|ping| *ping != PingStatus::Online))
}

/// EC2's own checks: of the machine below the builder, and of its network and boot.
async fn checks(clients: &Clients, builder: &BuilderId) -> Result<Option<String>> {
    let ask = clients.ec2.describe_instance_status();
    let answer = ask.instance_ids(&builder.0).send().await;
    let answer = answer.explain("ec2:DescribeInstanceStatus")?;
    let Some(status) = answer.instance_statuses().first() else {
        return Ok(None);
    };
    let impaired = |status: Option<&SummaryStatus>| status == Some(&SummaryStatus::Impaired);
    let system = status.system_status().and_then(|status| status.status());
    if impaired(system) {
        return Ok(Some(
            "EC2's system status check fails: the hardware below the builder has trouble; build again"
                .to_owned(),
        ));
    }
    let instance = status.instance_status().and_then(|status| status.status());
    Ok(impaired(instance).then(|| {
        "EC2's instance status check fails: the base image does not boot or brings up no network on this \
         instance type; its console tells more"
            .to_owned()
    }))
}

/// The last thing that went wrong on the first boot, as the builder itself told its console.
fn complaint(console: &str) -> Option<String> {
    let lines = console.lines().filter_map(|line| {
        let at = line.find(OURS)?;
        Some(line[at + OURS.len()..].trim())
    });
    let mut complaints = lines.filter(|line| line.contains("cannot") || line.contains("refused"));
    let last = complaints.next_back()?;
    Some(format!(
        "the agent could not be installed: {last}; check `builder.ssm-agent`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_console_tells_why_the_agent_was_not_installed() {
        let console = "[  12.3] cloud-init: running\n\
                       [  13.0] amint: cannot download the SSM agent from https://x/y: no route\n\
                       login:";
        let reason = complaint(console).expect("a reason");
        assert!(reason.contains("no route"), "{reason}");
        assert_eq!(complaint("amint: all is well\nlogin:"), None);
        assert_eq!(complaint(""), None);
    }
}
