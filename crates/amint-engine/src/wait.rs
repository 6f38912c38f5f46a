//! Waiting for something to become true: no fixed sleeps, and every wait ends.

use std::time::Duration;

use amint_cloud::{BuilderId, WaitFor};

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

/// One answer.
#[derive(Debug)]
pub(crate) enum Answer<T> {
    /// What was waited for.
    Ready(T),
    /// Not yet.
    NotYet,
    /// Not yet; so much of it is done, in percent.
    Percent(u8),
}

impl<T> From<Option<T>> for Answer<T> {
    fn from(answer: Option<T>) -> Self {
        answer.map_or(Answer::NotYet, Answer::Ready)
    }
}

/// What is waited for, for how long at most, and whose changes cut a gap short.
pub(crate) struct Wait<'a> {
    pub(crate) waiting_for: WaitFor,
    /// Bounds the whole, an unanswered question included.
    pub(crate) limit: Duration,
    pub(crate) builder: Option<&'a BuilderId>,
}

/// Asks until there is an answer, as often as the cloud likes it.
pub(crate) async fn until<T, E, A: Into<Answer<T>>>(
    cx: &Context<'_>,
    wait: Wait<'_>,
    mut ask: impl AsyncFnMut() -> Result<A, E>,
) -> Result<T, WaitEnd<E>> {
    let Wait {
        waiting_for,
        limit,
        builder,
    } = wait;
    let pace = cx.cloud.pace(waiting_for);
    let start = cx.clock.steady();
    let waited = || cx.clock.steady().saturating_sub(start);
    let mut since_change = start;
    let mut progress = Progress::default();
    let mut gap = pace.lead;
    loop {
        let changed = pause(cx, builder, gap.min(limit.saturating_sub(waited()))).await?;
        if changed {
            since_change = cx.clock.steady();
        }
        let left = limit.saturating_sub(waited());
        if left.is_zero() && !limit.is_zero() {
            return Err(WaitEnd::TimedOut);
        }
        let answer = tokio::select! {
            biased;
            answer = ask() => answer.map_err(WaitEnd::Failed)?.into(),
            () = cx.cancel.cancelled() => return Err(WaitEnd::Stopped),
            () = cx.clock.sleep(left) => return Err(WaitEnd::TimedOut),
        };
        let so_far = cx.clock.steady().saturating_sub(since_change);
        gap = match answer {
            Answer::Ready(answer) => return Ok(answer),
            Answer::NotYet => cx.jitter(pace.gap(so_far)),
            Answer::Percent(percent) => match progress.rest(waited(), percent) {
                Some(rest) => cx.jitter(pace.gap_before(rest)),
                None => cx.jitter(pace.gap(so_far)),
            },
        };
    }
}

/// Sleeps for `gap`, or until something changes; tells whether it did.
async fn pause<E>(
    cx: &Context<'_>,
    builder: Option<&BuilderId>,
    gap: Duration,
) -> Result<bool, WaitEnd<E>> {
    if gap.is_zero() {
        return Ok(false);
    }
    let changed = tokio::select! {
        biased;
        () = cx.cancel.cancelled() => return Err(WaitEnd::Stopped),
        () = hint(cx, builder) => true,
        () = cx.clock.sleep(gap) => false,
    };
    if changed {
        cx.clock.sleep(FLOOR.min(gap)).await;
    }
    Ok(changed)
}

async fn hint(cx: &Context<'_>, builder: Option<&BuilderId>) {
    match builder {
        Some(builder) => cx.cloud.changed(builder).await,
        None => std::future::pending().await,
    }
}

/// How fast something gets done.
#[derive(Debug, Default)]
struct Progress {
    last: Option<u8>,
}

/// What is half done may get twice as fast, but hardly more: the rest takes at least this part of what it
/// would at the speed so far.
const FASTER: u32 = 2;

impl Progress {
    /// How long the rest takes at least, if that can be told: not when nothing has moved since the last answer.
    fn rest(&mut self, waited: Duration, percent: u8) -> Option<Duration> {
        let moved = self.last.replace(percent) != Some(percent);
        if !moved || percent == 0 || percent > 100 {
            return None;
        }
        Some(waited / u32::from(percent) * u32::from(100 - percent) / FASTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_that_stands_still_tells_nothing() {
        let mut progress = Progress::default();
        let waited = Duration::from_secs(10);
        assert_eq!(progress.rest(waited, 0), None);
        assert_eq!(progress.rest(waited, 20), Some(Duration::from_secs(20)));
        assert_eq!(progress.rest(waited, 20), None);
        assert_eq!(progress.rest(waited, 100), Some(Duration::ZERO));
    }
}
