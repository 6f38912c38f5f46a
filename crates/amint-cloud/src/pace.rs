//! How often a cloud likes to be asked.

use std::time::Duration;

/// What is waited for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum WaitFor {
    /// A state of a builder or an image.
    State,
    /// The end of a command.
    Command,
    /// What is often there at once: an image registered from disks that are.
    Soon,
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
/// How much of that a gap may use up: asking takes time too.
const GAP: f64 = 0.95;

impl Pace {
    /// The gap after having waited for `waited`.
    pub fn gap(&self, waited: Duration) -> Duration {
        let longest = self.longest.max(waited.mul_f64(LATE)).mul_f64(GAP);
        waited
            .mul_f64(self.fraction)
            .clamp(self.least, longest.max(self.least))
    }

    /// The gap after `waited` when the rest is likely to take `likely`, and no less than `least`.
    pub fn gap_before(&self, waited: Duration, likely: Duration, least: Duration) -> Duration {
        let late = self.longest.max(waited.mul_f64(LATE)) * 2 / 3;
        likely.min(least.saturating_add(late)).max(self.least / 2)
    }

    /// How an account at AWS likes to be asked: an instance or a snapshot takes many seconds, and a command hardly one.
    /// What takes 5 s after all is noticed 2 s late; more questions would be wasted on all others.
    pub const fn of_account(waiting_for: WaitFor) -> Self {
        match waiting_for {
            WaitFor::State => Self {
                lead: Duration::from_millis(7400),
                least: Duration::from_millis(600),
                fraction: 0.04,
                longest: Duration::from_secs(3),
            },
            WaitFor::Command | WaitFor::Soon => Self {
                lead: Duration::from_millis(150),
                least: Duration::from_millis(200),
                fraction: 0.5,
                longest: Duration::from_secs(3),
            },
        }
    }

    /// All times multiplied by `by`.
    #[must_use]
    pub fn scaled(self, by: f64) -> Self {
        Self {
            lead: self.lead.mul_f64(by),
            least: self.least.mul_f64(by),
            longest: self.longest.mul_f64(by),
            ..self
        }
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
        assert_eq!((gap(60), gap(149)), (2.85, 2.85));
        assert!((gap(600) - 11.4).abs() < 1e-9);
    }

    #[test]
    fn a_gap_ends_when_it_is_likely_to_be_over_but_not_much_after_it_can_be() {
        let gap = |waited, likely, least| {
            let [waited, likely, least] = [waited, likely, least].map(Duration::from_secs);
            PACE.gap_before(waited, likely, least).as_secs_f64()
        };
        assert_eq!((gap(10, 90, 30), gap(98, 2, 1)), (32.0, 2.0));
        assert_eq!((gap(300, 90, 30), gap(100, 0, 0)), (34.0, 0.5));
    }
}
