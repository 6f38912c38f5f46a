//! How late waits are noticed, in the simulated cloud's virtual time: builds on an account whose phases take 5 seconds
//! to 10 minutes, with and without percentages, steady and uneven:
//! `cargo run --release -p amint-engine --example simulated_waits -- 3000`

#![allow(clippy::print_stdout)]

use std::error::Error;

#[path = "support/build.rs"]
mod build;
#[path = "support/disk.rs"]
mod disk;
#[path = "support/lateness.rs"]
mod lateness;
#[path = "support/pattern.rs"]
mod pattern;
#[path = "support/simulate.rs"]
mod simulate;

fn main() -> Result<(), Box<dyn Error>> {
    let patterns: u64 = match std::env::args().nth(1) {
        Some(argument) => argument.parse()?,
        None => 1000,
    };
    let summary = simulate::patterns(patterns)?;
    let (least, most) = simulate::LATENCY;
    println!("{patterns} patterns, phases of 5 s to 10 min, calls of {least} to {most} ms");
    println!("{summary}");
    match summary.violations() {
        0 => Ok(()),
        violations => Err(format!("{violations} waits were noticed too late").into()),
    }
}
