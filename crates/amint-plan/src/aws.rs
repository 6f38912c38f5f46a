//! What only plans for AWS have.

use amint_recipe::recipe::{self, AwsBase};
use amint_recipe::{Recipe, RenderError, Renderer};

use crate::error::PlanError;
use crate::machine::{AgentPackage, AwsMachine, DataVolume, InstanceProfile, Volume};
use crate::plan::{Action, Base, Step};
use crate::publish::Publish;

/// The instance types of a recipe that names none: one size in three generations, so that one of them has capacity.
const DEFAULT_INSTANCE_TYPES: [&str; 3] = ["m7i.large", "m6i.large", "m5.large"];

/// The largest file, in bytes, that goes to the builder inside of commands (1 MiB); a larger one would be hundreds of them.
pub(crate) const MAX_INLINE_BYTES: u64 = 1 << 20;

pub(crate) fn base(recipe: &Recipe) -> Result<Base, PlanError> {
    let base = match recipe.base.aws.clone().ok_or(PlanError::NoAwsBase)? {
        AwsBase::Id(id) => Base::AwsId { id },
        AwsBase::SsmParameter(name) => Base::AwsParameter { name },
        AwsBase::Newest { owner, name } => Base::AwsNewest { owner, name },
    };
    Ok(base)
}

pub(crate) fn machine(recipe: &Recipe) -> AwsMachine {
    let wanted = recipe.builder.aws.clone();
    let instance_types = if wanted.instance_types.is_empty() {
        DEFAULT_INSTANCE_TYPES.map(str::to_owned).to_vec()
    } else {
        wanted.instance_types
    };
    AwsMachine {
        region: wanted.region,
        instance_types,
        subnets: wanted.subnets,
        security_groups: wanted.security_groups,
        instance_profile: match wanted.instance_profile {
            recipe::InstanceProfile::Named(name) => InstanceProfile::Named(name),
            recipe::InstanceProfile::Temporary {
                permissions_boundary,
            } => InstanceProfile::Temporary {
                permissions_boundary,
            },
        },
        root_volume: root_volume(&wanted.root_volume),
        volumes: wanted.volumes.into_iter().map(data_volume).collect(),
        tags: wanted.tags,
        agent: wanted.agent.map(|package| AgentPackage {
            url: package.url,
            sha256: package.sha256,
            remove: package.remove,
        }),
        bucket: wanted.bucket,
        log_group: wanted.log_group,
    }
}

fn root_volume(volume: &recipe::Volume) -> Volume {
    Volume {
        size_gib: volume.size_gib,
        kind: Some(volume.kind.name().to_owned()),
        iops: volume.iops,
        throughput: volume.throughput,
    }
}

fn data_volume(volume: recipe::DataVolume) -> DataVolume {
    DataVolume {
        device: volume.device,
        size_gib: volume.size_gib,
        kind: Some(volume.kind.name().to_owned()),
        iops: volume.iops,
        throughput: volume.throughput,
    }
}

pub(crate) fn publish(
    wanted: &recipe::Publish,
    renderer: &Renderer,
) -> Result<Publish, RenderError> {
    let parameter = wanted.parameter.as_ref();
    Ok(Publish {
        copy_to: wanted.copy_to.clone(),
        accounts: wanted.share_with.accounts.clone(),
        organizations: wanted.share_with.organizations.clone(),
        organizational_units: wanted.share_with.organizational_units.clone(),
        deprecate_after_seconds: wanted.deprecate_after.map(|after| after.as_secs()),
        parameter: parameter.map(|name| renderer.render(name)).transpose()?,
        keep_last: wanted.keep_last,
    })
}

/// Every file must be able to reach the builder.
pub(crate) fn check_files(recipe: &Recipe, steps: &[Step]) -> Result<(), PlanError> {
    if recipe.builder.aws.bucket.is_some() {
        return Ok(());
    }
    let actions = steps.iter().flat_map(|step| &step.actions);
    for action in actions {
        if let Action::Upload { to, size, .. } = action
            && *size > MAX_INLINE_BYTES
        {
            return Err(PlanError::FileNeedsBucket {
                to: to.clone(),
                size: *size,
                most: MAX_INLINE_BYTES,
            });
        }
    }
    Ok(())
}
