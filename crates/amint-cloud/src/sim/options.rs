//! How a simulated cloud behaves.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::{Delays, MemoryDisk};
use crate::{Pace, Placement};

/// How a simulated cloud behaves when nothing goes wrong.
#[derive(Clone, Debug)]
pub struct SimOptions {
    /// What the latencies are drawn from.
    pub seed: u64,
    /// How long a call takes.
    pub latency: RangeInclusive<Duration>,
    /// How long what was asked for takes.
    pub delays: Delays,
    /// What the builder's disk holds when it is captured.
    pub disk: MemoryDisk,
    /// Whether it is an account (supports, successors, copies, files by commands) or a machine.
    pub account: bool,
    /// Where builders can be launched.
    pub placements: Vec<Placement>,
    /// How often it likes to be asked for states, and for the ends of commands.
    pub pace: (Pace, Pace),
}

impl SimOptions {
    /// A machine with calls of 5 to 50 ms and the delays' defaults.
    pub fn new(disk: MemoryDisk) -> Self {
        let pace = Pace {
            lead: Duration::ZERO,
            least: Duration::from_millis(50),
            fraction: 1.0,
            longest: Duration::from_secs(1),
        };
        Self {
            seed: 1,
            latency: Duration::from_millis(5)..=Duration::from_millis(50),
            delays: Delays::default(),
            disk,
            account: false,
            placements: vec![Placement::default()],
            pace: (pace, pace),
        }
    }
}
