//! Gaps that differ a little, so that builds which began together do not ask together for ever. Random enough
//! for that, and the same for the same build: a simulation repeats itself.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The largest part that is taken off a gap.
const PART: f64 = 0.1;

/// Shortens gaps.
#[derive(Debug)]
pub(crate) struct Jitter {
    seed: u64,
    count: AtomicU64,
}

impl Jitter {
    pub(crate) fn new(build: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        build.hash(&mut hasher);
        Self {
            seed: hasher.finish(),
            count: AtomicU64::new(0),
        }
    }

    /// `gap`, or up to a tenth less.
    pub(crate) fn shorten(&self, gap: Duration) -> Duration {
        let mut hasher = DefaultHasher::new();
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        (self.seed, count).hash(&mut hasher);
        let random = f64::from((hasher.finish() >> 32) as u32) / f64::from(u32::MAX);
        gap.mul_f64(1.0 - PART * random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_differ_but_not_much() {
        let (gap, jitter) = (Duration::from_secs(10), Jitter::new("b1"));
        let gaps: Vec<Duration> = (0..100).map(|_| jitter.shorten(gap)).collect();
        let shortest = Duration::from_secs(9);
        assert!(
            gaps.iter().all(|one| (shortest..=gap).contains(one)),
            "{gaps:?}"
        );
        assert!(gaps.windows(2).any(|pair| pair[0] != pair[1]));
        let again = Jitter::new("b1");
        assert_eq!(gaps[0], again.shorten(gap));
    }
}
