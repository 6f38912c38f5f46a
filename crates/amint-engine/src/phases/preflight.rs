//! Everything that can be checked before anything is acquired.

use amint_cloud::{BaseImage, BaseQuery};
use amint_event::Phase;
use amint_harden::Profile;
use amint_plan::Base;

use crate::call::{LONG, QUICK};
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

    let query = query(&cx.plan.base);
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

fn query(base: &Base) -> BaseQuery {
    match base {
        Base::Debian { release } => BaseQuery::Debian {
            release: release.clone(),
        },
        Base::Image { path, sha256 } => BaseQuery::Image {
            path: path.clone(),
            sha256: sha256.clone(),
        },
    }
}
