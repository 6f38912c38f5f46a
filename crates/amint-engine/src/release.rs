//! Giving resources back, the most expensive first, in rounds until time is up.

use std::time::Duration;

use amint_cloud::{CloudError, ErrorKind, Resource, ResourceKind, WaitFor};
use amint_event::EventKind;

use crate::call::{self, CallEnd, CallError};
use crate::cancel::CancelLevel;
use crate::context::Context;

/// The least gap between two rounds.
const LEAST: Duration = Duration::from_millis(200);
/// How many rounds fit into the limit when no call is answered.
const ROUNDS: u32 = 3;

/// How many rounds in a row may bring nothing but refusals: permissions take a moment to be known everywhere.
const REFUSALS: u32 = 3;

/// What could not be released, and why.
#[derive(Debug)]
pub(crate) struct Unreleased {
    pub(crate) resource: Resource,
    why: CallEnd,
}

impl Unreleased {
    fn kind(&self) -> Option<&ErrorKind> {
        match &self.why {
            CallEnd::Failed(CallError::Cloud(CloudError { kind, .. })) => Some(kind),
            _ => None,
        }
    }

    /// Asking again changes nothing.
    fn is_refused(&self) -> bool {
        let kind = self.kind();
        matches!(
            kind,
            Some(ErrorKind::Denied { .. } | ErrorKind::Credentials)
        )
    }

    fn reason(&self) -> String {
        match &self.why {
            CallEnd::Failed(error) => error.to_string(),
            CallEnd::Stopped => "there was no time to release it".to_owned(),
        }
    }
}

/// The resources alone.
pub(crate) fn resources(left: Vec<Unreleased>) -> Vec<Resource> {
    left.into_iter().map(|one| one.resource).collect()
}

/// Whether another round can do nothing about `left`: it is refused, or in use by a builder that is.
fn is_vain(left: &[Unreleased]) -> bool {
    let builder = |one: &Unreleased| one.resource.kind == ResourceKind::Builder;
    let stuck = left.iter().any(|one| builder(one) && one.is_refused());
    let waits = |one: &Unreleased| stuck && one.kind() == Some(&ErrorKind::Busy);
    left.iter().all(|one| one.is_refused() || waits(one))
}

/// What the build owns, the most expensive first.
pub(crate) fn held(cx: &Context<'_>) -> Vec<Resource> {
    let held = cx.journal().held();
    held.into_iter()
        .map(|(kind, id)| cx.resource(kind, &id))
        .collect()
}

/// Releases `resources` within `limit`, and returns what is left. Only the second interrupt cuts it short.
pub(crate) async fn all(
    cx: &Context<'_>,
    resources: Vec<Resource>,
    limit: Duration,
) -> Vec<Unreleased> {
    let start = cx.clock.steady();
    let end = start.saturating_add(limit);
    let pace = cx.cloud.pace(WaitFor::State);
    let mut pending = resources;
    let mut vain = 0;
    loop {
        let time = end.saturating_sub(cx.clock.steady());
        let left = once(cx, pending, limit.min(time)).await;
        let gap = pace.gap(cx.clock.steady().saturating_sub(start));
        let gap = cx.jitter(gap.max(LEAST));
        let over = cx.clock.steady() + gap >= end || cx.cancel.level() == CancelLevel::Aborted;
        vain = if is_vain(&left) { vain + 1 } else { 0 };
        if left.is_empty() || vain == REFUSALS || over {
            return left;
        }
        pending = self::resources(left);
        tokio::select! {
            biased;
            () = cx.cancel.aborted() => {}
            () = cx.clock.sleep(gap) => {}
        }
    }
}

/// Tries once to release each of `resources`, within `limit`, and returns what is left. What is first goes first.
pub(crate) async fn once(
    cx: &Context<'_>,
    mut resources: Vec<Resource>,
    limit: Duration,
) -> Vec<Unreleased> {
    let end = cx.clock.steady().saturating_add(limit);
    resources.sort_by_key(|one| one.kind);
    let mut left = Vec::new();
    for resource in resources {
        // One that hangs leaves time for the others, and for another try.
        let remaining = end.saturating_sub(cx.clock.steady());
        if let Err(why) = one(cx, &resource, remaining.min(limit / ROUNDS)).await {
            left.push(Unreleased { resource, why });
        }
    }
    left
}

/// Releases one resource.
async fn one(cx: &Context<'_>, resource: &Resource, limit: Duration) -> Result<(), CallEnd> {
    let release = || cx.cloud.release(resource);
    let done = call::call(cx.calling(CancelLevel::Aborted, limit), release).await;
    if let Err(end) = done {
        // Often it is still in use by what was released just before it.
        tracing::debug!(id = resource.id, ?end, "could not release a resource");
        return Err(end);
    }
    if let Err(error) = cx
        .journal()
        .released(cx.clock.now(), resource.kind, &resource.id)
    {
        // It is gone all the same; a later clean-up that looks for it finds nothing.
        tracing::warn!(%error, id = resource.id, "could not write down a release");
    }
    let (kind, id) = (resource.kind.name().to_owned(), resource.id.clone());
    cx.events.emit(EventKind::ResourceReleased { kind, id });
    Ok(())
}

/// Tells what could not be released.
pub(crate) fn report_left(cx: &Context<'_>, left: &[Unreleased]) {
    for one in left {
        let resource = &one.resource;
        cx.events.emit(EventKind::ResourceLeft {
            kind: resource.kind.name().to_owned(),
            id: resource.id.clone(),
            reason: format!(
                "{}; release it by hand: it bears the build's id {}",
                one.reason(),
                resource.build
            ),
        });
    }
}
