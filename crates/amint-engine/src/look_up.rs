//! Looking for what a call whose answer never came may have made.

use std::time::Duration;

use amint_cloud::{Resource, ResourceKind, WaitFor};
use amint_event::EventKind;

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

/// What a look-up came to.
pub(crate) struct Seen {
    pub(crate) found: Vec<Resource>,
    /// Whether there was an answer, and time for one that shows what was made a moment ago.
    pub(crate) certain: bool,
}

/// Tells what may be there of which nobody knows, by its intents' tokens.
pub(crate) fn report_unknown(cx: &Context<'_>) -> Vec<Resource> {
    let mut unknown = Vec::new();
    for (token, kind) in unsettled(cx) {
        cx.events.emit(EventKind::ResourceLeft {
            kind: kind.name().to_owned(),
            id: token.clone(),
            reason: format!(
                "nobody knows whether it was made; `amint cleanup {} --yes` finds out",
                cx.plan.build_id
            ),
        });
        unknown.push(cx.resource(kind, &token));
    }
    unknown
}

/// What bears the build's tag, is of the kind of an intent, and is not among those that are `owned`. Look-ups trail a
/// create, so an empty one proves nothing at first: they go on for three of the cloud's longest gaps.
pub(crate) async fn run(
    cx: &Context<'_>,
    intents: &[(String, ResourceKind)],
    owned: &[Resource],
    limit: Duration,
) -> Seen {
    let pace = cx.cloud.pace(WaitFor::State);
    let start = cx.clock.steady();
    let end = cx.clock.steady() + limit.min(pace.longest * 3);
    let mut certain = false;
    let intended = |kind| intents.iter().find(|(_, intended)| *intended == kind);
    loop {
        let left = end.saturating_sub(cx.clock.steady());
        let ask = || cx.cloud.resources(&cx.plan.build_id);
        let answer = call::call(cx.calling(CancelLevel::Aborted, left), ask).await;
        certain |= answer.is_ok();
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
            return Seen { found, certain };
        }
        let gap = pace.gap(cx.clock.steady().saturating_sub(start));
        let aborted = cx.cancel.level() == CancelLevel::Aborted;
        if cx.clock.steady() + gap >= end || aborted {
            let certain = certain && !aborted;
            return Seen { found, certain };
        }
        tokio::select! {
            biased;
            () = cx.cancel.aborted() => {}
            () = cx.clock.sleep(gap) => {}
        }
    }
}
