//! Everything that can be checked before anything is acquired.

use amint_cloud::{BaseImage, BaseQuery, CloudError, ErrorKind};
use amint_event::Phase;
use amint_harden::Profile;
use amint_plan::Base;

use crate::call::{CallError, LONG, QUICK};
use crate::context::Context;
use crate::error::BuildError;

/// What a builder can be launched from.
pub(crate) struct Ground {
    pub(crate) base: BaseImage,
    pub(crate) profile: &'static Profile,
}

pub(crate) async fn run(cx: &Context<'_>) -> Result<Ground, BuildError> {
    let profile = profile(&cx.plan.seal.profile)?;
    check_waivers(cx)?;
    let identity = cx
        .call("use the cloud", QUICK, || cx.cloud.identity())
        .await?;
    cx.progress(
        Phase::Preflight,
        format!("building on {} as {identity}", cx.cloud.name()),
    );

    let query = query(&cx.plan.base)?;
    let progress = |message: &str| cx.progress(Phase::Preflight, message);
    let find = || cx.cloud.find_base(&query, &progress);
    let base = cx.call("find the base image", LONG, find).await?;
    cx.progress(Phase::Preflight, format!("base image {}", base.name));
    Ok(Ground { base, profile })
}

/// The profile that the plan was made with, exactly.
fn profile(wanted: &str) -> Result<&'static Profile, BuildError> {
    let name = wanted.split('@').next().unwrap_or(wanted);
    amint_harden::profile(name)
        .filter(|profile| profile.reference() == wanted)
        .ok_or_else(|| BuildError::UnknownProfile {
            wanted: wanted.to_owned(),
        })
}

/// None may have expired: what it accepts would fail the build at its very end.
fn check_waivers(cx: &Context<'_>) -> Result<(), BuildError> {
    let now = cx.clock.now();
    let expired = cx.plan.waivers.iter().filter(|one| one.has_expired(now));
    let expired: Vec<_> = expired.cloned().collect();
    if expired.is_empty() {
        return Ok(());
    }
    Err(BuildError::WaiversExpired { waivers: expired })
}

fn query(base: &Base) -> Result<BaseQuery, BuildError> {
    match base {
        Base::Debian { release } => Ok(BaseQuery::Debian {
            release: release.clone(),
        }),
        Base::Image { path, sha256 } => Ok(BaseQuery::Image {
            path: path.clone(),
            sha256: sha256.clone(),
        }),
        Base::AwsId { .. } | Base::AwsParameter { .. } | Base::AwsNewest { .. } => {
            Err(planned_for_aws("find the base image"))
        }
    }
}

/// The error of a plan for AWS that reached a cloud which is not AWS.
pub(crate) fn planned_for_aws(doing: &str) -> BuildError {
    let error = CloudError::new(ErrorKind::NotFound, "the plan is one for AWS")
        .hint("plan the recipe for the cloud that it is built on");
    BuildError::Call {
        doing: doing.to_owned(),
        source: CallError::Cloud(error),
    }
}
