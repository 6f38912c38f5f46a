//! Waiting for something to become true: no fixed sleeps, and every wait ends.

use std::time::Duration;

use amint_cloud::BuilderId;

use crate::context::Context;

/// The least gap after a change: a cloud that reports changes without end must not be asked without end.
const FLOOR: Duration = Duration::from_millis(5);

/// A wait that ended without what was waited for.
#[derive(Debug)]
pub(crate) enum WaitEnd<E> {
    /// Its time was up.
    TimedOut,
    /// The build was stopped.
    Stopped,
    /// Asking failed.
    Failed(E),
}

/// Asks until there is an answer. The gaps double from the cloud's first to its longest; a change of
/// `builder` cuts a gap short. `limit` bounds the whole, an unanswered question included.
pub(crate) async fn until<T, E>(
    cx: &Context<'_>,
    limit: Duration,
    builder: Option<&BuilderId>,
    mut ask: impl AsyncFnMut() -> Result<Option<T>, E>,
) -> Result<T, WaitEnd<E>> {
    let pace = cx.cloud.pace();
    let end = cx.clock.steady().saturating_add(limit);
    let mut gap = pace.first;
    loop {
        let left = end.saturating_sub(cx.clock.steady());
        let answer = tokio::select! {
            biased;
            answer = ask() => answer.map_err(WaitEnd::Failed)?,
            () = cx.cancel.cancelled() => return Err(WaitEnd::Stopped),
            () = cx.clock.sleep(left) => return Err(WaitEnd::TimedOut),
        };
        if let Some(answer) = answer {
            return Ok(answer);
        }
        let left = end.saturating_sub(cx.clock.steady());
        if left.is_zero() {
            return Err(WaitEnd::TimedOut);
        }
        let changed = tokio::select! {
            biased;
            () = cx.cancel.cancelled() => return Err(WaitEnd::Stopped),
            () = hint(cx, builder) => true,
            () = cx.clock.sleep(gap.min(left)) => false,
        };
        gap = if changed {
            cx.clock.sleep(FLOOR.min(left)).await;
            pace.first
        } else {
            (gap * 2).min(pace.longest)
        };
    }
}

async fn hint(cx: &Context<'_>, builder: Option<&BuilderId>) {
    match builder {
        Some(builder) => cx.cloud.changed(builder).await,
        None => std::future::pending().await,
    }
}
