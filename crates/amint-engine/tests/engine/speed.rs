//! A simulated build is fast enough to try every fault.

use std::time::{Duration, Instant};

use crate::support::{Simulation, full_plan, sealed};

#[test]
fn a_whole_build_takes_less_than_five_milliseconds() {
    sealed();
    // One of many is enough: other tests and programs run meanwhile.
    let fast = (0..500).any(|_| {
        let simulation = Simulation::new(full_plan());
        let start = Instant::now();
        simulation.run();
        start.elapsed() < Duration::from_millis(5)
    });
    assert!(fast);
}
