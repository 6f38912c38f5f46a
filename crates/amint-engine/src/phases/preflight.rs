//! Everything that can be checked before anything is acquired, and all of it told at once.

use amint_cloud::{BaseImage, Claim, CloudError, Placement, PreflightRequest, ResourceKind};
use amint_event::Phase;
use amint_harden::Profile;
use amint_plan::BuildPlan;

use crate::call::{CallError, LONG, QUICK};
use crate::context::Context;
use crate::error::BuildError;
use crate::journal::Handed;
use crate::locked;
use crate::request;
use crate::timeline::HandOver;

/// How long asking who we are may take.
const IDENTITY: std::time::Duration = std::time::Duration::from_secs(60);

/// What a builder can be launched from, and where.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub(crate) base: BaseImage,
    /// At least one, the preferred one first.
    pub(crate) placements: Vec<Placement>,
    /// What has to be made for the builder first.
    pub(crate) supports: Vec<ResourceKind>,
}

impl HandOver for Ground {
    fn handed(&self) -> Option<Handed> {
        let Self {
            base,
            placements,
            supports,
        } = self.clone();
        Some(Handed::Ground {
            base,
            placements,
            supports,
        })
    }
}

pub(crate) async fn run(cx: &Context<'_>) -> Result<Ground, BuildError> {
    profile(cx.plan)?;
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
        owner: cx.owner(),
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
    match claim(cx, false).await {
        Err(BuildError::Call {
            source: CallError::Cloud(error),
            ..
        }) => problems.push(error),
        claimed => claimed?,
    }
    match base {
        Some(base) if problems.is_empty() => Ok(Ground {
            base,
            placements: found.placements,
            supports: found.supports,
        }),
        _ => Err(refused(problems)),
    }
}

/// Makes sure that nobody else makes an image of that name.
pub(crate) async fn claim(cx: &Context<'_>, launched: bool) -> Result<(), BuildError> {
    let claim = Claim {
        owner: cx.owner(),
        launched,
    };
    let doing = format!("claim the image name {}", claim.owner.image);
    let stale = cx.call(&doing, QUICK, || cx.cloud.claim(&claim)).await?;
    for warning in stale {
        cx.progress(Phase::Preflight, format!("warning: {warning}"));
    }
    Ok(())
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
    let find = || async {
        let found = cx.cloud.find_base(&query, &progress).await;
        let found = found.map_err(|error| locked::explained(cx.plan, error))?;
        locked::verified(cx.plan, found)
    };
    let base = cx.call("find the base image", LONG, find).await?;
    let of_lock = cx.plan.locked.as_ref().map_or("", |_| ", as locked");
    let label = base.label();
    cx.progress(Phase::Preflight, format!("base image {label}{of_lock}"));
    Ok(base)
}

/// The profile that the plan was made with, exactly.
pub(crate) fn profile(plan: &BuildPlan) -> Result<&'static Profile, BuildError> {
    let wanted = &plan.seal.profile;
    amint_harden::by_reference(wanted).ok_or_else(|| BuildError::UnknownProfile {
        wanted: wanted.to_owned(),
    })
}

/// None may have expired: what it accepts would fail the build at its very end.
pub(crate) fn check_waivers(cx: &Context<'_>) -> Result<(), BuildError> {
    let now = cx.clock.now();
    let expired = cx.plan.waivers.iter().filter(|one| one.has_expired(now));
    let expired: Vec<_> = expired.cloned().collect();
    if expired.is_empty() {
        return Ok(());
    }
    Err(BuildError::WaiversExpired { waivers: expired })
}
