//! A refusal for too many calls is about all of them: whoever asks next waits, and they come back one by one.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use amint_cloud::{ErrorKind, Result};
use tokio::time::{Instant, sleep_until};

/// How long nobody asks after the first refusal; doubled with each one that follows on it.
const FIRST: Duration = Duration::from_millis(500);
/// Never longer.
const LONGEST: Duration = Duration::from_secs(10);
/// Who waited comes back at this distance, and farther apart the longer it was closed.
const APART: f64 = 0.1;

/// What all builds of one cloud pass before they ask.
#[derive(Debug)]
pub(crate) struct Gate {
    pace: f64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Nobody passes before; absent when nothing was refused lately.
    opens: Option<Instant>,
    /// The last time that it was closed for.
    closed: Duration,
}

impl Gate {
    pub(crate) fn new(pace: f64) -> Self {
        let state = Mutex::default();
        Self { pace, state }
    }

    /// Waits for its turn, asks, and closes the gate when the answer is that it was too much.
    pub(crate) async fn pass<T>(&self, ask: impl Future<Output = Result<T>>) -> Result<T> {
        if let Some(turn) = self.turn(Instant::now()) {
            sleep_until(turn).await;
        }
        let asked = Instant::now();
        let answer = ask.await;
        let refused = matches!(&answer, Err(error) if error.kind == ErrorKind::Throttled);
        self.note(asked, refused);
        answer
    }

    /// When the next one may ask; at once when nobody was refused.
    fn turn(&self, now: Instant) -> Option<Instant> {
        let mut state = self.state();
        let turn = state.opens.filter(|opens| *opens > now)?;
        state.opens = Some(turn + state.closed.mul_f64(APART));
        Some(turn)
    }

    fn note(&self, asked: Instant, refused: bool) {
        let now = Instant::now();
        let mut state = self.state();
        match (refused, state.opens) {
            // Refused along with another one, which has closed the gate already.
            (true, Some(opens)) if asked + state.closed < opens => {}
            (true, _) => {
                let longer = (state.closed * 2).max(FIRST.mul_f64(self.pace));
                state.closed = longer.min(LONGEST.mul_f64(self.pace));
                state.opens = Some(now + state.closed);
            }
            (false, Some(opens)) if opens <= now => *state = State::default(),
            (false, _) => {}
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use amint_cloud::CloudError;

    use super::*;

    async fn refused(gate: &Gate) {
        let too_many = async { Err(CloudError::new(ErrorKind::Throttled, "too many")) };
        let answer: Result<()> = gate.pass(too_many).await;
        assert!(answer.is_err());
    }

    async fn waited(gate: &Gate) -> Duration {
        let start = Instant::now();
        gate.pass(async { Ok(()) }).await.expect("it is allowed");
        start.elapsed()
    }

    #[tokio::test]
    async fn whoever_asks_after_a_refusal_waits_and_they_come_back_apart() {
        let gate = Gate::new(0.1);
        assert!(waited(&gate).await < Duration::from_millis(10));
        refused(&gate).await;
        let (one, other) = tokio::join!(waited(&gate), waited(&gate));
        assert!(one >= Duration::from_millis(45), "{one:?}");
        assert!(other > one, "{one:?} {other:?}");
        // What was allowed meanwhile opens it.
        tokio::time::sleep(Duration::from_millis(20)).await;
        waited(&gate).await;
        assert!(waited(&gate).await < Duration::from_millis(10));
    }

    #[tokio::test]
    async fn refusals_in_a_row_close_it_for_longer() {
        let gate = Gate::new(0.1);
        refused(&gate).await;
        refused(&gate).await;
        let one = waited(&gate).await;
        assert!(one >= Duration::from_millis(90), "{one:?}");
    }
}
