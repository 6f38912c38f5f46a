//! How often a cloud likes to be asked.

use std::time::Duration;

/// What is waited for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum WaitFor {
    /// A state of a builder or an image.
    State,
    /// The end of a command.
    Command,
}

/// How the gaps between two questions grow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Before the first question: what is waited for never takes less.
    pub lead: Duration,
    /// The shortest gap.
    pub least: Duration,
    /// How much of the time waited so far a gap may be.
    pub fraction: f64,
    /// The longest gap, until [`LATE`] of the time waited is longer.
    pub longest: Duration,
}

/// A wait may end this much of its length too late, however long it is.
pub const LATE: f64 = 0.02;

impl Pace {
    /// The gap after having waited for `waited`.
    pub fn gap(&self, waited: Duration) -> Duration {
        let longest = self.longest.max(waited.mul_f64(LATE));
        waited
            .mul_f64(self.fraction)
            .clamp(self.least, longest.max(self.least))
    }

    /// The gap when the rest is known not to take less than `rest`.
    pub fn gap_before(&self, rest: Duration) -> Duration {
        rest.max(self.least / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace {
        lead: Duration::from_secs(3),
        least: Duration::from_secs(1),
        fraction: 0.05,
        longest: Duration::from_secs(3),
    };

    #[test]
    fn gaps_grow_with_the_time_waited_but_not_beyond_what_may_be_late() {
        let gap = |seconds| PACE.gap(Duration::from_secs(seconds)).as_secs_f64();
        assert_eq!((gap(0), gap(10), gap(40)), (1.0, 1.0, 2.0));
        assert_eq!((gap(60), gap(149)), (3.0, 3.0));
        assert!((gap(600) - 12.0).abs() < 1e-9);
    }
}
