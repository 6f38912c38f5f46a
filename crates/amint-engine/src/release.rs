//! Giving resources back, the most expensive first, in rounds until time is up.

use std::time::Duration;

use amint_cloud::{Resource, WaitFor};
use amint_event::EventKind;

use crate::call;
use crate::cancel::CancelLevel;
use crate::context::Context;

/// The least gap between two rounds.
const LEAST: Duration = Duration::from_millis(200);
/// How many rounds fit into the limit when no call is answered.
const ROUNDS: u32 = 3;

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
) -> Vec<Resource> {
    let start = cx.clock.steady();
    let end = start.saturating_add(limit);
    let pace = cx.cloud.pace(WaitFor::State);
    let mut pending = resources;
    loop {
        let left = end.saturating_sub(cx.clock.steady());
        pending = once(cx, pending, limit.min(left)).await;
        let gap = pace.gap(cx.clock.steady().saturating_sub(start));
        let gap = cx.jitter(gap.max(LEAST));
        let over = cx.clock.steady() + gap >= end || cx.cancel.level() == CancelLevel::Aborted;
        if pending.is_empty() || over {
            return pending;
        }
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
) -> Vec<Resource> {
    let end = cx.clock.steady().saturating_add(limit);
    resources.sort_by_key(|one| one.kind);
    let mut left = Vec::new();
    for resource in resources {
        // One that hangs leaves time for the others, and for another try.
        let remaining = end.saturating_sub(cx.clock.steady());
        if !one(cx, &resource, remaining.min(limit / ROUNDS)).await {
            left.push(resource);
        }
    }
    left
}

/// Releases one resource; whether it worked.
async fn one(cx: &Context<'_>, resource: &Resource, limit: Duration) -> bool {
    let release = || cx.cloud.release(resource);
    let done = call::call(cx.calling(CancelLevel::Aborted, limit), release).await;
    if let Err(end) = done {
        tracing::warn!(id = resource.id, ?end, "could not release a resource");
        return false;
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
    true
}

/// Tells what could not be released.
pub(crate) fn report_left(cx: &Context<'_>, left: &[Resource]) {
    for resource in left {
        cx.events.emit(EventKind::ResourceLeft {
            kind: resource.kind.name().to_owned(),
            id: resource.id.clone(),
            reason: format!(
                "it could not be released; release it by hand: it bears the build's id {}",
                resource.build
            ),
        });
    }
}
