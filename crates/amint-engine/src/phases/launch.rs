//! The builder is started. May acquire: a builder.

use std::time::Duration;

use amint_cloud::{BaseImage, BuilderId, LaunchRequest, ResourceKind};
use amint_event::Phase;
use amint_plan::Machine;
use jiff::{SignedDuration, Timestamp};

use crate::acquire::{Intent, acquire};
use crate::context::Context;
use crate::error::BuildError;

use super::preflight::planned_for_aws;

/// A builder that was started.
pub(crate) struct Builder {
    pub(crate) id: BuilderId,
    /// When it ends itself.
    pub(crate) expires: Timestamp,
}

pub(crate) async fn run(cx: &Context<'_>, base: &BaseImage) -> Result<Builder, BuildError> {
    let doing = "launch the builder";
    let Machine::Local(machine) = &cx.plan.builder.machine else {
        return Err(planned_for_aws(doing));
    };
    let expires = expires(cx, cx.clock.now());
    let request = LaunchRequest {
        build: cx.plan.build_id.clone(),
        attempt: 1,
        base: base.clone(),
        vcpus: machine.vcpus,
        memory_mib: machine.memory_mib,
        network: machine.network,
        expires,
    };
    let token = format!("{}-builder-{}", request.build, request.attempt);
    let intent = Intent {
        phase: Phase::Launch,
        kind: ResourceKind::Builder,
        token: &token,
        doing,
    };
    let progress = |message: &str| cx.progress(Phase::Launch, message);
    let id = acquire(cx, intent, async || {
        Ok(cx.cloud.launch(&request, &progress).await?.0)
    })
    .await?;
    Ok(Builder {
        id: BuilderId(id),
        expires,
    })
}

/// When a builder that was launched at `start` must be gone, whoever died.
pub(crate) fn expires(cx: &Context<'_>, start: Timestamp) -> Timestamp {
    let timeout = Duration::from_secs(cx.plan.builder.timeout_seconds);
    let timeout = SignedDuration::try_from(timeout).unwrap_or(SignedDuration::MAX);
    start.saturating_add(timeout).unwrap_or(Timestamp::MAX)
}
