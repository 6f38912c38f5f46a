//! What a build makes.

use serde::Serialize;

use crate::machine::{AwsMachine, InstanceProfile};
use crate::plan::{Action, BuildPlan};
use crate::{Machine, Volume};

/// How long something is there that a build makes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lifetime {
    /// Until the build ends, however it ends.
    Build,
    /// It stays when the build succeeds.
    Stays,
}

/// Something that a build makes.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Resource {
    /// What it is, in the cloud's words.
    pub kind: &'static str,
    /// Which one, in a few words.
    pub what: String,
    /// How long it is there.
    pub lifetime: Lifetime,
}

/// Everything that a build by this plan makes, in that order.
pub fn resources(plan: &BuildPlan) -> Vec<Resource> {
    match &plan.builder.machine {
        Machine::Local(machine) => {
            let what = format!("{} vCPUs, {} MiB", machine.vcpus, machine.memory_mib);
            vec![
                temporary("QEMU machine", what),
                temporary(
                    "disk",
                    "a copy of the base image that grows as it is written",
                ),
                kept("image", "image.raw in the output folder"),
                kept("manifest", "manifest.json beside it"),
            ]
        }
        Machine::Aws(machine) => aws(plan, machine),
    }
}

fn aws(plan: &BuildPlan, machine: &AwsMachine) -> Vec<Resource> {
    let mut all = Vec::new();
    if machine.security_groups.is_empty() {
        all.push(temporary("security group", "without ingress"));
    }
    if let InstanceProfile::Temporary { .. } = machine.instance_profile {
        all.push(temporary(
            "IAM role",
            "of this build, under the path /amint/",
        ));
        all.push(temporary("instance profile", "with that role"));
    }
    let (first, others) = machine
        .instance_types
        .split_first()
        .map_or(("", &[][..]), |(first, others)| (first.as_str(), others));
    let or = match others {
        [] => String::new(),
        others => format!(", or {} where there is no room", others.join(", ")),
    };
    all.push(temporary("instance", format!("{first}{or}")));
    all.push(temporary("root volume", volume(&machine.root_volume)));
    for one in &machine.volumes {
        let kind = one.kind.as_deref().unwrap_or("gp3");
        let what = format!("{} with {} GiB, {kind}", one.device, one.size_gib);
        all.push(temporary("volume", what));
    }
    let staged = staged(plan);
    if let (Some(bucket), 1..) = (&machine.bucket, staged) {
        let what = format!("{staged} in s3://{bucket}/amint/, each until the builder has it");
        all.push(temporary("files in a bucket", what));
    }
    if let Some(group) = &machine.log_group {
        all.push(kept("log streams", format!("in {group}")));
    }
    let disks = 1 + machine.volumes.len();
    let snapshots = match disks {
        1 => "1 snapshot".to_owned(),
        disks => format!("{disks} snapshots"),
    };
    all.push(temporary(
        "first image",
        format!("with {snapshots}, not cleaned yet"),
    ));
    all.push(kept(
        "image",
        format!("{}, with {snapshots}", plan.image.name),
    ));
    for region in &plan.image.publish.copy_to {
        let what = format!("in {region}, with {snapshots}");
        all.push(kept("copy of the image", what));
    }
    if let Some(parameter) = &plan.image.publish.parameter {
        all.push(kept(
            "SSM parameter",
            format!("{parameter} will name the image"),
        ));
    }
    all.push(kept("manifest", "manifest.json in the output folder"));
    all
}

/// Files that are too large for commands.
fn staged(plan: &BuildPlan) -> usize {
    let actions = plan.steps.iter().flat_map(|step| &step.actions);
    let large = |action: &&Action| matches!(action, Action::Upload { size, .. } if *size > crate::aws::MAX_INLINE_BYTES);
    actions.filter(large).count()
}

fn volume(volume: &Volume) -> String {
    let size = volume.size_gib.map_or_else(
        || "as large as the base image's".to_owned(),
        |size| format!("{size} GiB"),
    );
    format!("{size}, {}", volume.kind.as_deref().unwrap_or("gp3"))
}

fn temporary(kind: &'static str, what: impl Into<String>) -> Resource {
    Resource {
        kind,
        what: what.into(),
        lifetime: Lifetime::Build,
    }
}

fn kept(kind: &'static str, what: impl Into<String>) -> Resource {
    Resource {
        kind,
        what: what.into(),
        lifetime: Lifetime::Stays,
    }
}
