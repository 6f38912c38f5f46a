//! Everything that can be checked before anything is acquired, and all of it told at once.

use amint_cloud::{BaseImage, CloudError, Placement, PreflightRequest, ResourceKind};
use amint_event::Phase;
use amint_harden::Profile;

use crate::call::{CallError, LONG};
use crate::context::Context;
use crate::error::BuildError;
use crate::request;

/// How long asking who we are may take.
const IDENTITY: std::time::Duration = std::time::Duration::from_secs(60);

/// What a builder can be launched from, and where.
pub(crate) struct Ground {
    pub(crate) base: BaseImage,
    pub(crate) profile: &'static Profile,
    /// At least one, the preferred one first.
    pub(crate) placements: Vec<Placement>,
    /// What has to be made for the builder first.
    pub(crate) supports: Vec<ResourceKind>,
}

pub(crate) async fn run(cx: &Context<'_>) -> Result<Ground, BuildError> {
    let profile = profile(&cx.plan.seal.profile)?;
    check_waivers(cx)?;
    let identity = cx
        .call("use the cloud", IDENTITY, || cx.cloud.identity())
        .await?;
    cx.progress(
        Phase::Preflight,
        format!("building on {} as {identity}", cx.cloud.name()),
    );

    let mut problems = Vec::new();
    let base = match find_base(cx).await {
        Ok(base) => Some(base),
        Err(BuildError::Call {
            source: CallError::Cloud(error),
            ..
        }) => {
            problems.push(error);
            None
        }
        Err(error) => return Err(error),
    };
    let request = PreflightRequest {
        owner: request::owner(cx.plan, cx.clock.now()),
        base: base.clone(),
        machine: request::machine(cx.plan),
        image: request::image(cx.plan),
        publish: request::publication(cx.plan),
        timeout: std::time::Duration::from_secs(cx.plan.builder.timeout_seconds),
    };
    let found = cx
        .call("check what the build needs", LONG, || {
            cx.cloud.preflight(&request)
        })
        .await?;
    for warning in found.warnings {
        cx.progress(Phase::Preflight, format!("warning: {warning}"));
    }
    if !found.unchecked.is_empty() {
        let unchecked = found.unchecked.join(", ");
        cx.progress(Phase::Preflight, format!("not checked: {unchecked}"));
    }
    problems.extend(found.problems);
    match base {
        Some(base) if problems.is_empty() => Ok(Ground {
            base,
            profile,
            placements: found.placements,
            supports: found.supports,
        }),
        _ => Err(refused(problems)),
    }
}

/// One problem is an error by itself; of several, none is told without the others.
fn refused(mut problems: Vec<CloudError>) -> BuildError {
    match (problems.pop(), problems.len()) {
        (Some(error), 0) => BuildError::Call {
            doing: "begin the build".to_owned(),
            source: CallError::Cloud(error),
        },
        (last, _) => {
            problems.extend(last);
            BuildError::Preflight { problems }
        }
    }
}

async fn find_base(cx: &Context<'_>) -> Result<BaseImage, BuildError> {
    let query = request::base(cx.plan);
    let progress = |message: &str| cx.progress(Phase::Preflight, message);
    let find = || cx.cloud.find_base(&query, &progress);
    let base = cx.call("find the base image", LONG, find).await?;
    cx.progress(Phase::Preflight, format!("base image {}", base.name));
    Ok(base)
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
