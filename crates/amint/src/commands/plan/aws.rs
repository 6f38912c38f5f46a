//! What a plan for AWS says about its builder and its image.

use std::fmt::Write;

use amint_plan::{AwsMachine, DataVolume, Image, InstanceProfile, Publish, Volume};

use super::span;
use crate::render::text::escaped;

/// Seconds of a day.
const DAY: u64 = 24 * 3600;

/// A line below a heading.
pub(super) fn line(text: &mut String, label: &str, value: &str) {
    let _ = writeln!(text, "            {label:<18} {}", escaped(value));
}

pub(super) fn builder(text: &mut String, machine: &AwsMachine, timeout_seconds: u64) {
    let _ = writeln!(
        text,
        "builder     EC2 in {}, ends itself after {}",
        escaped(&machine.region),
        span(timeout_seconds)
    );
    let or = |items: &[String], default: &str| match items {
        [] => default.to_owned(),
        items => items.join(", "),
    };
    line(text, "instance type", &machine.instance_types.join(", "));
    let subnets = or(&machine.subnets, "those of the default VPC, one a zone");
    line(text, "subnet", &subnets);
    let groups = or(&machine.security_groups, "a temporary one without ingress");
    line(text, "security group", &groups);
    let profile = instance_profile(&machine.instance_profile);
    line(text, "instance profile", &profile);
    line(text, "root volume", &root_volume(&machine.root_volume));
    for volume in &machine.volumes {
        line(text, "volume", &data_volume(volume));
    }
    if let Some(agent) = &machine.agent {
        let remove = if agent.remove {
            ", removed by the seal"
        } else {
            ""
        };
        let value = format!("{} (sha256 {}){remove}", agent.url, agent.sha256);
        line(text, "SSM agent", &value);
    }
    for (label, value) in [
        ("bucket", &machine.bucket),
        ("log group", &machine.log_group),
    ] {
        if let Some(value) = value {
            line(text, label, value);
        }
    }
    for (key, value) in &machine.tags {
        line(text, "tag", &format!("{key} = {value}"));
    }
}

fn instance_profile(profile: &InstanceProfile) -> String {
    match profile {
        InstanceProfile::Named(name) => name.clone(),
        InstanceProfile::Temporary {
            permissions_boundary: None,
        } => "a temporary one".to_owned(),
        InstanceProfile::Temporary {
            permissions_boundary: Some(arn),
        } => format!("a temporary one, bounded by {arn}"),
    }
}

fn root_volume(volume: &Volume) -> String {
    let size = volume.size_gib.map_or_else(
        || "as large as the base image's".to_owned(),
        |size| format!("{size} GiB"),
    );
    let kind = volume.kind.as_deref();
    format!("{size}{}", speed(kind, volume.iops, volume.throughput))
}

fn data_volume(volume: &DataVolume) -> String {
    let kind = volume.kind.as_deref();
    let speed = speed(kind, volume.iops, volume.throughput);
    format!("{}, {} GiB{speed}", volume.device, volume.size_gib)
}

fn speed(kind: Option<&str>, iops: Option<u32>, throughput: Option<u32>) -> String {
    let kind = kind.map(|kind| format!(", {kind}")).unwrap_or_default();
    let iops = iops.map(|iops| format!(", {iops} IOPS"));
    let throughput = throughput.map(|throughput| format!(", {throughput} MiB/s"));
    kind + &iops.unwrap_or_default() + &throughput.unwrap_or_default()
}

pub(super) fn image(text: &mut String, image: &Image) {
    if image.imds_v2 {
        line(text, "instance metadata", "version 2 only");
    }
    publish(text, &image.publish);
}

fn publish(text: &mut String, publish: &Publish) {
    if publish.is_default() {
        return;
    }
    let _ = writeln!(text, "\npublish     after the inspection has passed");
    let lists = [
        ("copy to", &publish.copy_to),
        ("accounts", &publish.accounts),
        ("organizations", &publish.organizations),
        ("units", &publish.organizational_units),
    ];
    for (label, items) in lists {
        if !items.is_empty() {
            line(text, label, &items.join(", "));
        }
    }
    if let Some(seconds) = publish.deprecate_after_seconds {
        let days = match seconds / DAY {
            1 => "after 1 day".to_owned(),
            days => format!("after {days} days"),
        };
        line(text, "deprecated", &days);
    }
    if let Some(parameter) = &publish.parameter {
        let parameter = super::with_build_id(parameter);
        line(text, "SSM parameter", &parameter);
    }
    if let Some(count) = publish.keep_last {
        line(text, "kept", &format!("the last {count}, the rest retired"));
    }
}
