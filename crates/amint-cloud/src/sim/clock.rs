//! Virtual time, on tokio's paused clock: it moves only when everything waits, and then at once.

use std::future::Future;
use std::io;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::Clock;

/// The wall-clock time at which every simulation starts, in seconds since 1970 (2026-01-01 UTC).
const EPOCH: i64 = 1_767_225_600;

/// A clock that shows virtual time. Use it inside [`run`].
#[derive(Clone, Copy, Debug)]
pub struct SimClock {
    start: Instant,
}

impl SimClock {
    /// A clock that starts now.
    pub fn start() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

#[async_trait::async_trait]
impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        wall(self.steady())
    }

    fn steady(&self) -> Duration {
        self.start.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// The wall-clock time at a steady one.
pub(super) fn wall(steady: Duration) -> Timestamp {
    let elapsed = SignedDuration::try_from(steady).unwrap_or(SignedDuration::MAX);
    let start = Timestamp::constant(EPOCH, 0);
    start.saturating_add(elapsed).unwrap_or(Timestamp::MAX)
}

/// Runs `future` to its end on this thread, in virtual time.
///
/// # Errors
/// The system has no resources for a runtime.
pub fn run<F: Future>(future: F) -> io::Result<F::Output> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    Ok(runtime.block_on(future))
}
