//! Waiting for something to become true: no fixed sleeps, and every wait ends.

use std::time::Duration;

use amint_cloud::{BuilderId, Pace, WaitFor};

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
            Answer::Percent(percent) => progress.gap(&pace, waited(), percent),
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
    /// The last percentage, and after how long it was seen first.
    last: Option<(u8, Duration)>,
}

/// The rest takes at least this part of what it would at the speed so far: at half speed so far and at one and a
/// half times the usual from now on.
const FASTER: u32 = 3;

/// Nothing is trusted for longer than this part of the time so far: what stood at one percent may be done a moment
/// later.
const JUMP: u32 = 2;

impl Progress {
    /// Until the next question. What stands still tells nothing but for how long it does.
    fn gap(&mut self, pace: &Pace, waited: Duration, percent: u8) -> Duration {
        let moved = match self.last {
            Some((last, since)) if last == percent => {
                return pace.gap(waited.saturating_sub(since));
            }
            _ => self.last.insert((percent, waited)).0,
        };
        if moved == 0 || moved > 100 {
            return pace.gap(waited);
        }
        // A percentage is rounded down: at 1 it may be nearly 2.
        let rest = |done: u8| waited / u32::from(done) * u32::from(100_u8.saturating_sub(done));
        let gap = pace.gap_before(waited, rest(moved), rest(moved + 1) / FASTER);
        gap.min((waited / JUMP).max(pace.longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace {
        lead: Duration::from_secs(5),
        least: Duration::from_secs(1),
        fraction: 0.05,
        longest: Duration::from_secs(3),
    };

    fn gap(progress: &mut Progress, seconds: u64, percent: u8) -> f64 {
        let gap = progress.gap(&PACE, Duration::from_secs(seconds), percent);
        (gap.as_secs_f64() * 100.0).round() / 100.0
    }

    #[test]
    fn steady_progress_is_asked_about_when_it_is_likely_to_be_over() {
        let mut progress = Progress::default();
        // A third of what is left at the speed so far, and what may be late.
        assert_eq!(gap(&mut progress, 60, 60), 12.79 + 2.0);
        // Never so long that a jump would be noticed very late.
        assert_eq!(gap(&mut progress, 60, 1), 30.0);
        assert_eq!(gap(&mut progress, 98, 98), 2.0);
        assert_eq!(gap(&mut progress, 100, 100), 0.5);
    }

    #[test]
    fn progress_that_stands_still_tells_for_how_long() {
        let mut progress = Progress::default();
        assert_eq!(gap(&mut progress, 5, 0), 1.0);
        assert_eq!(gap(&mut progress, 45, 0), 2.0);
        gap(&mut progress, 50, 40);
        assert_eq!(gap(&mut progress, 60, 40), 1.0);
        assert_eq!(gap(&mut progress, 110, 40), 2.85);
    }

    #[test]
    fn nonsense_is_no_percentage() {
        let mut progress = Progress::default();
        assert_eq!(gap(&mut progress, 20, 255), 1.0);
    }
}
