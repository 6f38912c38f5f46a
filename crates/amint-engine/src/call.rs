//! One call to the cloud: its limit, its cancellation, and the retries, which are here and nowhere else.

use std::future::Future;
use std::time::Duration;

use amint_cloud::{Clock, CloudError, ErrorKind};

use crate::cancel::{Cancel, CancelLevel};
use crate::jitter::Jitter;

/// The limit of a call that only asks or starts something.
pub(crate) const QUICK: Duration = Duration::from_secs(60);
/// The limit of a call that may make, move or read a whole disk.
pub(crate) const LONG: Duration = Duration::from_secs(30 * 60);

/// The first gap between two tries, doubled each time up to the longest.
const FIRST_GAP: Duration = Duration::from_millis(200);
const LONGEST_GAP: Duration = Duration::from_secs(10);
/// How long a cloud may refuse calls for being too many.
const PATIENCE: Duration = Duration::from_secs(120);
/// How many times a call is made whose answers get lost.
const LOST_TRIES: u32 = 3;
/// How long they may get lost: a network is away for seconds.
const LOST_PATIENCE: Duration = Duration::from_secs(20);

/// Why a call had no result.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The cloud said so.
    #[error(transparent)]
    Cloud(#[from] CloudError),
    /// The cloud said nothing.
    #[error("no answer within {} s", limit.as_secs())]
    NoAnswer {
        /// How long it was waited for.
        limit: Duration,
    },
}

/// A call that ended without a result.
#[derive(Debug)]
pub(crate) enum CallEnd {
    /// It failed.
    Failed(CallError),
    /// The build was stopped meanwhile.
    Stopped,
}

/// How a call is made.
pub(crate) struct Calling<'a> {
    pub(crate) clock: &'a dyn Clock,
    pub(crate) cancel: &'a Cancel,
    pub(crate) jitter: &'a Jitter,
    /// What stops it.
    pub(crate) level: CancelLevel,
    /// How long each try may take.
    pub(crate) limit: Duration,
}

/// Calls the cloud until it answers, gives up, or the build is stopped.
pub(crate) async fn call<T, F>(calling: Calling<'_>, ask: impl Fn() -> F) -> Result<T, CallEnd>
where
    F: Future<Output = Result<T, CloudError>>,
{
    let Calling {
        clock,
        cancel,
        jitter,
        level,
        limit,
    } = calling;
    let start = clock.steady();
    let mut gap = FIRST_GAP;
    let mut lost = 0;
    loop {
        // An answer that is there already counts more than a stop or a limit: it may carry an id.
        let answer = tokio::select! {
            biased;
            answer = ask() => answer,
            () = cancel.reached(level) => return Err(CallEnd::Stopped),
            () = clock.sleep(limit) => return Err(CallEnd::Failed(CallError::NoAnswer { limit })),
        };
        let error = match answer {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        lost += u32::from(error.kind == ErrorKind::AnswerLost);
        let again = match error.kind {
            ErrorKind::Throttled => clock.steady() < start + PATIENCE.min(limit),
            ErrorKind::AnswerLost => {
                lost < LOST_TRIES || clock.steady() < start + LOST_PATIENCE.min(limit)
            }
            _ => false,
        };
        if !again {
            return Err(CallEnd::Failed(error.into()));
        }
        tracing::debug!(%error, ?gap, "asking the cloud again");
        tokio::select! {
            biased;
            () = cancel.reached(level) => return Err(CallEnd::Stopped),
            () = clock.sleep(jitter.shorten(gap)) => {}
        }
        gap = (gap * 2).min(LONGEST_GAP);
    }
}
