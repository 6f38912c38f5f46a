//! Random schedules on the simulated cloud, in real time: builds with faults whose processes die, and what is left of
//! them in the end. `cargo run --release -p amint-engine --example simulated_crashes -- FIRST COUNT`

#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Instant;

use amint_cloud::sim;

#[path = "support/build.rs"]
mod build;
#[path = "support/disk.rs"]
mod disk;
#[path = "support/lab.rs"]
mod lab;
#[path = "support/schedule.rs"]
mod schedule;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default| arguments.next().map_or(Ok(default), |text| text.parse());
    let (first, count): (u64, u64) = (number(1)?, number(2000)?);
    let folder = disk::memory_folder()?;
    // The disk is made once, by programs of their own.
    disk::small();
    let start = Instant::now();
    let (tally, leaks) = sim::run(async {
        let (mut tally, mut leaks) = (schedule::Tally::default(), 0_u64);
        for seed in first..first + count {
            match schedule::run(seed, folder.path()).await {
                Ok(one) => tally += one,
                Err(error) => {
                    leaks += 1;
                    println!("seed {seed}: {error}");
                }
            }
        }
        (tally, leaks)
    })?;
    let each = start.elapsed().as_micros() as f64 / count as f64;
    let schedule::Tally {
        faults,
        processes,
        deaths,
        resumed,
        cleaned,
        swept,
        published,
    } = tally;
    println!("{count} schedules, seeds from {first}: {each:.0} µs each, one thread");
    println!(
        "processes {processes}: {:.0} µs each",
        each * count as f64 / processes as f64
    );
    println!("faults {faults}, deaths {deaths}, leaked {leaks}");
    println!("resumed {resumed}, cleaned {cleaned}, swept {swept}, published {published}");
    match leaks {
        0 => Ok(()),
        _ => Err("something is left".into()),
    }
}
