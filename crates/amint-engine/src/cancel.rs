//! Stopping a build, in two levels.

use std::sync::Arc;

use tokio::sync::watch;

/// How urgently a build should end.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum CancelLevel {
    /// It may go on.
    #[default]
    None,
    /// Stop, and give back what was acquired.
    Cancelled,
    /// Stop giving back, too.
    Aborted,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    interrupts: u8,
    tripped: bool,
}

impl State {
    fn level(self) -> CancelLevel {
        match (self.interrupts, self.tripped) {
            (0, false) => CancelLevel::None,
            (0 | 1, _) => CancelLevel::Cancelled,
            _ => CancelLevel::Aborted,
        }
    }
}

/// A handle to stop a build: the first interrupt cancels it, the second aborts the unwind. Clones
/// are the same handle.
#[derive(Clone, Debug)]
pub struct Cancel(Arc<watch::Sender<State>>);

impl Default for Cancel {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(State::default())))
    }
}

impl Cancel {
    /// A handle that nobody has used yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One interrupt: the first cancels, the second aborts.
    pub fn cancel(&self) {
        self.0
            .send_modify(|state| state.interrupts = state.interrupts.saturating_add(1));
    }

    /// How urgent it is.
    pub fn level(&self) -> CancelLevel {
        self.0.borrow().level()
    }

    /// Returns when the build should stop.
    pub async fn cancelled(&self) {
        self.reached(CancelLevel::Cancelled).await;
    }

    /// Returns when even the unwind should stop.
    pub async fn aborted(&self) {
        self.reached(CancelLevel::Aborted).await;
    }

    /// Cancels because nobody is there any more; does not count as one of the user's interrupts.
    pub fn trip(&self) {
        self.0.send_modify(|state| state.tripped = true);
    }

    /// Returns when `level` is reached.
    pub(crate) async fn reached(&self, level: CancelLevel) {
        let mut changes = self.0.subscribe();
        if changes
            .wait_for(|state| state.level() >= level)
            .await
            .is_err()
        {
            // The sender lives as long as `self`; were it gone, nobody could cancel any more.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_interrupt_cancels_and_the_second_aborts() {
        let cancel = Cancel::new();
        assert_eq!(cancel.level(), CancelLevel::None);
        cancel.clone().cancel();
        assert_eq!(cancel.level(), CancelLevel::Cancelled);
        cancel.cancel();
        assert_eq!(cancel.level(), CancelLevel::Aborted);
    }

    #[test]
    fn a_stop_from_inside_does_not_use_up_an_interrupt() {
        let cancel = Cancel::new();
        cancel.trip();
        assert_eq!(cancel.level(), CancelLevel::Cancelled);
        cancel.cancel();
        assert_eq!(cancel.level(), CancelLevel::Cancelled);
        cancel.cancel();
        assert_eq!(cancel.level(), CancelLevel::Aborted);
    }
}
