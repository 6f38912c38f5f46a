//! What a build starts from, and the machine that it works in.

use amint_plan::{AwsMachine, Base, BuildPlan, InstanceProfile, LocalMachine, Machine};

use super::super::page::{Block, Section, Sentence};
use super::image;
use super::words::{counted, duration};

pub(super) fn base(plan: &BuildPlan) -> Section {
    let told = match &plan.base {
        Base::Debian { release } => Sentence::from("Debian ").value(release).say(
            ", made on this computer from Debian's own signed packages, and kept for the next builds.",
        ),
        Base::Image { path, sha256 } => Sentence::from("The disk image ")
            .value(path.display().to_string())
            .say(" on this computer. A build starts only if its SHA-256 digest is ")
            .value(sha256)
            .say("."),
        Base::AwsId { id } => Sentence::from("The EC2 image ")
            .value(id)
            .say(". Always this one: it gets no updates by itself, and its id does not say who made it."),
        Base::AwsParameter { name } if name.starts_with("/aws/service/") => {
            Sentence::from("The EC2 image that AWS's public parameter ")
                .value(name)
                .say(" names when a build begins. Its publisher changes it with each release.")
        }
        Base::AwsParameter { name } => Sentence::from("The EC2 image that the parameter ")
            .value(name)
            .say(" names when a build begins. Whoever may change the parameter decides which image that is."),
        Base::AwsNewest { owner, name } => {
            Sentence::from("The newest EC2 image, when a build begins, that belongs to ")
                .value(owner)
                .say(" and whose name matches ")
                .value(name)
                .say(".")
        }
    };
    Section {
        title: "What it starts from",
        blocks: vec![Block::Paragraph(told)],
    }
}

pub(super) fn builder(plan: &BuildPlan) -> Section {
    let mut blocks = match &plan.builder.machine {
        Machine::Local(machine) => vec![Block::Paragraph(local(machine))],
        Machine::Aws(machine) => aws(machine),
    };
    let limit = duration(plan.builder.timeout_seconds);
    blocks.push(Block::Paragraph(
        format!("It ends itself {limit} after it was started, whatever becomes of the build.")
            .into(),
    ));
    Section {
        title: "Where it is built",
        blocks,
    }
}

fn local(machine: &LocalMachine) -> Sentence {
    let network = match machine.network {
        true => "It reaches the network that this computer reaches; nothing reaches it.",
        false => "It has no network.",
    };
    let processors = counted(machine.vcpus.into(), "processor");
    format!(
        "In a virtual machine on this computer, with {processors} and {} MiB of memory. {network}",
        machine.memory_mib
    )
    .into()
}

fn aws(machine: &AwsMachine) -> Vec<Block> {
    let place = Sentence::from("On an EC2 instance in ")
        .value(&machine.region)
        .say(", of the first of these types that there is room for: ")
        .values(&machine.instance_types)
        .say(". It has no key pair; scripts reach it through AWS Systems Manager alone.");
    let mut blocks = vec![
        Block::Paragraph(place),
        Block::Paragraph(network(machine)),
        Block::Paragraph(rights(&machine.instance_profile)),
    ];
    let mut size = match machine.root_volume.size_gib {
        Some(size) => Sentence::from(format!("Its disk has {size} GiB.")),
        None => "Its disk is as large as the base image's.".into(),
    };
    for volume in &machine.volumes {
        size = size
            .say(format!(" A further disk of {} GiB is at ", volume.size_gib))
            .value(&volume.device)
            .say(", in the image too.");
    }
    blocks.push(Block::Paragraph(size));
    if let Some(agent) = &machine.agent {
        let kept = match agent.remove {
            true => "The seal removes it again.",
            false => "It stays in the image.",
        };
        let told = Sentence::from("The agent of Systems Manager is installed from ")
            .value(&agent.url)
            .say(", if the package's SHA-256 digest is ")
            .value(&agent.sha256)
            .say(format!(". {kept}"));
        blocks.push(Block::Paragraph(told));
    }
    if let Some(bucket) = &machine.bucket {
        let told = Sentence::from("Large files pass through the S3 bucket ")
            .value(bucket)
            .say(", and are deleted there once they are on the instance.");
        blocks.push(Block::Paragraph(told));
    }
    if let Some(group) = &machine.log_group {
        let told = Sentence::from("What the steps print is also kept in the CloudWatch log group ")
            .value(group)
            .say(".");
        blocks.push(Block::Paragraph(told));
    }
    if !machine.tags.is_empty() {
        let told = Sentence::from("All that is made for the build bears the tags ")
            .values(&image::tags(&machine.tags));
        blocks.push(Block::Paragraph(told.say(".")));
    }
    blocks
}

fn network(machine: &AwsMachine) -> Sentence {
    let subnets = match machine.subnets.as_slice() {
        [] => Sentence::from("It is in the account's default network, "),
        subnets => Sentence::from("It is in the first of these subnets that there is room in: ")
            .values(subnets)
            .say(", "),
    };
    match machine.security_groups.as_slice() {
        [] => subnets.say("in a security group of its own that lets nothing in."),
        groups => subnets
            .say("in the security groups ")
            .values(groups)
            .say(", which decide what reaches it."),
    }
}

fn rights(profile: &InstanceProfile) -> Sentence {
    match profile {
        InstanceProfile::Named(name) => {
            Sentence::from("What it may do in the account is what the instance profile ")
                .value(name)
                .say(" allows.")
        }
        InstanceProfile::Temporary {
            permissions_boundary,
        } => {
            let told = Sentence::from(
                "It gets an instance profile of its own, which allows it what Systems Manager needs and which is \
                 deleted after the build",
            );
            match permissions_boundary {
                Some(arn) => told
                    .say("; it can never be allowed more than ")
                    .value(arn)
                    .say("."),
                None => told.say("."),
            }
        }
    }
}
