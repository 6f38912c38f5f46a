//! The plan in the port's words.

use std::time::Duration;

use amint_cloud::{
    BaseQuery, DataVolume, ImageSpec, InstanceProfile, InstanceSpec, Machine, Owner, PublishSpec,
    SecretSource, Sharing, VirtualMachine, VolumeSpec,
};
use amint_plan::{AwsMachine, Base, BuildPlan};
use jiff::{SignedDuration, Timestamp};

/// What the builder starts from.
pub fn base(plan: &BuildPlan) -> BaseQuery {
    // Whoever is not in an account has no ids to ask for: there, what is found is compared.
    if let (Some(locked), amint_plan::Machine::Aws(_)) = (&plan.locked, &plan.builder.machine) {
        let id = locked.id.clone();
        return BaseQuery::Id { id };
    }
    match plan.base.clone() {
        Base::Debian { release } => BaseQuery::Debian { release },
        Base::Image { path, sha256 } => BaseQuery::Image { path, sha256 },
        Base::AwsId { id } => BaseQuery::Id { id },
        Base::AwsParameter { name } => BaseQuery::Parameter { name },
        Base::AwsNewest { owner, name } => BaseQuery::Newest { owner, name },
    }
}

/// Whose something is that a build makes and that must be gone at `expires`.
pub fn owner(plan: &BuildPlan, expires: Timestamp) -> Owner {
    let tags = match &plan.builder.machine {
        amint_plan::Machine::Aws(machine) => machine.tags.clone(),
        amint_plan::Machine::Local(_) => Default::default(),
    };
    Owner {
        build: plan.build_id.clone(),
        recipe: plan.series(),
        image: plan.image.name.clone(),
        expires,
        tags,
    }
}

/// When a builder that was launched at `start` must be gone, whoever died.
pub fn expires(plan: &BuildPlan, start: Timestamp) -> Timestamp {
    let timeout = Duration::from_secs(plan.builder.timeout_seconds);
    let timeout = SignedDuration::try_from(timeout).unwrap_or(SignedDuration::MAX);
    start.saturating_add(timeout).unwrap_or(Timestamp::MAX)
}

/// The secrets that the cloud keeps; those of the environment are none of its business.
pub fn secrets(plan: &BuildPlan) -> Vec<SecretSource> {
    let kept = plan.secrets.iter().filter_map(|one| secret(&one.source));
    kept.collect()
}

/// Where the cloud keeps a secret, if it does.
pub fn secret(source: &amint_plan::SecretSource) -> Option<SecretSource> {
    match source.clone() {
        amint_plan::SecretSource::Environment { .. } => None,
        amint_plan::SecretSource::Parameter { name } => Some(SecretSource::Parameter { name }),
        amint_plan::SecretSource::SecretsManager { id, key } => {
            Some(SecretSource::Manager { id, key })
        }
    }
}

/// The builder.
pub fn machine(plan: &BuildPlan) -> Machine {
    match &plan.builder.machine {
        amint_plan::Machine::Local(machine) => Machine::Virtual(VirtualMachine {
            vcpus: machine.vcpus,
            memory_mib: machine.memory_mib,
            network: machine.network,
        }),
        amint_plan::Machine::Aws(machine) => {
            let minutes = plan.builder.timeout_seconds.div_ceil(60);
            Machine::Instance(Box::new(instance(machine, minutes)))
        }
    }
}

fn instance(machine: &AwsMachine, minutes: u64) -> InstanceSpec {
    let root = &machine.root_volume;
    let volumes = machine.volumes.iter().map(|one| DataVolume {
        device: one.device.clone(),
        volume: VolumeSpec {
            size_gib: Some(one.size_gib),
            kind: one.kind.clone(),
            iops: one.iops,
            throughput: one.throughput,
        },
    });
    let agent = machine.agent.as_ref();
    let install = agent.map(|one| amint_harden::agent::install_user_data(&one.url, &one.sha256));
    let ends = amint_harden::deadman::first_boot_script(minutes);
    InstanceSpec {
        instance_types: machine.instance_types.clone(),
        subnets: machine.subnets.clone(),
        security_groups: machine.security_groups.clone(),
        profile: match machine.instance_profile.clone() {
            amint_plan::InstanceProfile::Named(name) => InstanceProfile::Named(name),
            amint_plan::InstanceProfile::Temporary {
                permissions_boundary,
            } => InstanceProfile::Temporary {
                permissions_boundary,
            },
        },
        root_volume: VolumeSpec {
            size_gib: root.size_gib,
            kind: root.kind.clone(),
            iops: root.iops,
            throughput: root.throughput,
        },
        volumes: volumes.collect(),
        user_data: Some(format!("{ends}{}", install.unwrap_or_default())),
    }
}

/// Whether the seal removes the remote agent.
pub fn removes_agent(plan: &BuildPlan) -> bool {
    match &plan.builder.machine {
        amint_plan::Machine::Aws(machine) => machine.agent.as_ref().is_some_and(|one| one.remove),
        amint_plan::Machine::Local(_) => false,
    }
}

/// The image.
pub fn image(plan: &BuildPlan) -> ImageSpec {
    ImageSpec {
        name: plan.image.name.clone(),
        description: plan.image.description.clone(),
        tags: plan.image.tags.clone(),
        imds_v2: plan.image.imds_v2,
    }
}

/// What happens to the image.
pub fn publication(plan: &BuildPlan) -> PublishSpec {
    let publish = &plan.image.publish;
    PublishSpec {
        copy_to: publish.copy_to.clone(),
        sharing: Sharing {
            accounts: publish.accounts.clone(),
            organizations: publish.organizations.clone(),
            organizational_units: publish.organizational_units.clone(),
        },
        deprecate_after: publish.deprecate_after_seconds.map(Duration::from_secs),
        parameter: publish.parameter.clone(),
        keep_last: publish.keep_last,
    }
}
