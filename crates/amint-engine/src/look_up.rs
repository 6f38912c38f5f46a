//! Looking for what a call whose answer never came may have made.

use std::time::Duration;

use amint_cloud::{Resource, ResourceKind, WaitFor};

use crate::call;
use crate::cancel::CancelLevel;
use crate::context::Context;

/// The intents of which nobody knows what came, and that a look-up can tell of. The others made nothing, which is
/// written down.
pub(crate) fn unsettled(cx: &Context<'_>) -> Vec<(String, ResourceKind)> {
    let open = cx.journal().open_intents();
    let (listed, others): (Vec<_>, Vec<_>) =
        open.into_iter().partition(|(_, kind)| kind.is_listed());
    for (token, _) in others {
        let written = cx.journal().voided(cx.clock.now(), &token);
        if let Err(error) = written {
            tracing::warn!(%error, token, "could not write down that an intent made nothing");
        }
    }
    listed
}

/// What bears the build's tag, is of the kind of an intent, and is not among those that are `owned`. Look-ups trail a create, so an empty one
/// proves nothing at first: they go on for three of the cloud's longest gaps.
pub(crate) async fn run(
    cx: &Context<'_>,
    intents: &[(String, ResourceKind)],
    owned: &[Resource],
    limit: Duration,
) -> Vec<Resource> {
    let pace = cx.cloud.pace(WaitFor::State);
    let start = cx.clock.steady();
    let end = cx.clock.steady() + limit.min(pace.longest * 3);
    let intended = |kind| intents.iter().find(|(_, intended)| *intended == kind);
    loop {
        let left = end.saturating_sub(cx.clock.steady());
        let ask = || cx.cloud.resources(&cx.plan.build_id);
        let answer = call::call(cx.calling(CancelLevel::Aborted, left), ask).await;
        let mut found = answer.unwrap_or_default();
        // What was just released may be listed for a while.
        found.retain(|one| intended(one.kind).is_some() && !owned.contains(one));
        if !found.is_empty() {
            for one in &found {
                let Some((token, kind)) = intended(one.kind) else {
                    continue;
                };
                if let Err(error) = cx.acquired(token, *kind, &one.id) {
                    tracing::warn!(%error, id = one.id, "could not write down what was found");
                }
            }
            return found;
        }
        let gap = pace.gap(cx.clock.steady().saturating_sub(start));
        if cx.clock.steady() + gap >= end || cx.cancel.level() == CancelLevel::Aborted {
            return Vec::new();
        }
        cx.clock.sleep(gap).await;
    }
}
