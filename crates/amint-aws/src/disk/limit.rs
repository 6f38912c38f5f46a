//! How fast AWS lets blocks be read and written.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::time::Instant;

/// Between two calls on average: 900 a second. AWS takes 1,000 a second and snapshot (EBS direct quotas, not adjustable).
const GAP: Duration = Duration::from_micros(1111);
/// How many calls may be made up for after a pause.
const BURST: u32 = 32;

/// Limits by snapshot, for as long as somebody reads it.
#[derive(Debug, Default)]
pub(super) struct Limits(Mutex<HashMap<String, Weak<Limit>>>);

impl Limits {
    /// The limit that all readers of the snapshot share.
    pub(super) fn of(&self, snapshot: &str) -> Arc<Limit> {
        let mut limits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(limit) = limits.get(snapshot).and_then(Weak::upgrade) {
            return limit;
        }
        limits.retain(|_, limit| limit.strong_count() > 0);
        let limit = Arc::new(Limit::default());
        limits.insert(snapshot.to_owned(), Arc::downgrade(&limit));
        limit
    }
}

/// Calls get through one after another, [`GAP`] apart on average.
#[derive(Debug, Default)]
pub(crate) struct Limit {
    next: Mutex<Option<Instant>>,
}

impl Limit {
    /// Returns when the next call may be made.
    pub(crate) async fn turn(&self) {
        let turn = self.book(Instant::now());
        tokio::time::sleep_until(turn).await;
    }

    fn book(&self, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let earliest = now.checked_sub(GAP * BURST).unwrap_or(now);
        let turn = next.map_or(earliest, |next| next.max(earliest));
        *next = Some(turn + GAP);
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_takes_fewer_calls_than_aws_does() {
        let limit = Limit::default();
        let start = Instant::now();
        let second = start + Duration::from_secs(1);
        let calls = (0..2000).filter(|_| limit.book(start) <= second).count();
        assert!((880..960).contains(&calls), "{calls}");
    }

    #[test]
    fn readers_of_one_snapshot_share_a_limit() {
        let limits = Limits::default();
        let first = limits.of("snap-1");
        assert!(Arc::ptr_eq(&first, &limits.of("snap-1")));
        assert!(!Arc::ptr_eq(&first, &limits.of("snap-2")));
        drop(first);
        limits.of("snap-3");
        assert_eq!(limits.0.lock().expect("not poisoned").len(), 1);
    }
}
