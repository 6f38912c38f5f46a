//! How long everything takes in the simulated cloud.

use std::time::Duration;

/// How long everything takes.
#[derive(Clone, Debug)]
pub struct Delays {
    /// How long look-ups trail what was made.
    pub lag: Duration,
    /// From launch (or reboot) to an answering agent; it never answers when absent.
    pub boot: Option<Duration>,
    /// From the last command to being off.
    pub stopping: Duration,
    /// How long an image is in the making.
    pub capture: Duration,
    /// How long the snapshot of a cleaned disk is in the making.
    pub snapshot: Duration,
    /// How long a builder that was terminated still keeps what it uses: a security group.
    pub ending: Duration,
    /// The percentage that is told when a part of that time is over; none is told when absent.
    pub progress: Option<fn(f64) -> u8>,
}

impl Default for Delays {
    /// A lag of 300 ms, a boot of 4 s, half a second to power off, two seconds for an image, as much for a snapshot.
    fn default() -> Self {
        Self {
            lag: Duration::from_millis(300),
            boot: Some(Duration::from_secs(4)),
            stopping: Duration::from_millis(500),
            capture: Duration::from_secs(2),
            snapshot: Duration::from_secs(2),
            ending: Duration::ZERO,
            progress: Some(|part| (part * 100.0) as u8),
        }
    }
}
