//! Time, injected: the engine never asks the system itself.

use std::time::Duration;

use jiff::Timestamp;

/// A wall clock for records and a steady one for durations; both move together in a simulation.
#[async_trait::async_trait]
pub trait Clock: Send + Sync {
    /// Wall-clock time (UTC). May jump.
    fn now(&self) -> Timestamp;
    /// Time since some fixed point. Never goes back.
    fn steady(&self) -> Duration;
    /// Waits.
    async fn sleep(&self, duration: Duration);
}

/// The machine's own clocks.
#[derive(Debug)]
pub struct SystemClock {
    start: std::time::Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self {
            start: std::time::Instant::now(),
        }
    }
}

#[async_trait::async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn steady(&self) -> Duration {
        self.start.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
