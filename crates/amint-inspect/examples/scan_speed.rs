//! How fast a disk is scanned:
//! `cargo run --release -p amint-inspect --example scan_speed -- DISK [--digest] [--no-secrets] [--list] [ROUNDS]`.
//!
//! Every round reads what was written as `cat` would, in one thread and 128 KiB at a time, and scans it: the two are
//! neighbours in time, so that their ratio means something on a busy machine. `--list` tells offset, length, kind and
//! digest of every secret instead, never what it says.

#![allow(clippy::print_stdout, clippy::use_debug)]

use std::error::Error;
use std::time::Instant;

use amint_inspect::partition;
use amint_inspect::raw::RawFile;
use amint_inspect::search::{Options, Pattern, scan};
use amint_inspect::{BlockSource, FreeMap, ReadError};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let path = arguments
        .first()
        .ok_or("usage: scan_speed DISK [--digest] [--no-secrets] [--list] [ROUNDS]")?;
    let rounds = arguments
        .iter()
        .skip(1)
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(5);
    let disk = RawFile::open(path)?;
    let options = Options {
        digest: has("--digest"),
        secrets: !has("--no-secrets"),
        workers: None,
    };
    // As many patterns as a build has tracers, of their length, none of which occurs.
    let patterns: Vec<Pattern> = (1..=6)
        .map(|id: u8| Pattern {
            id: id.to_string(),
            bytes: (0..32)
                .map(|byte: u8| byte.wrapping_mul(37) ^ id.wrapping_mul(91))
                .collect(),
        })
        .collect();
    if has("--list") {
        for secret in scan(&disk, &patterns, &options)?.secrets {
            let digest = secret.digest.map(|byte| format!("{byte:02x}")).concat();
            println!(
                "{} {} {:?} {digest}",
                secret.offset, secret.length, secret.kind
            );
        }
        return Ok(());
    }

    // What holds no file systems can be searched all the same.
    if let Err(error) = map(&disk) {
        println!("no block map: {error}");
    }
    let (mut reads, mut scans, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let start = Instant::now();
        let bytes = read(&disk)?;
        let reading = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let found = scan(&disk, &patterns, &options)?;
        let scanning = start.elapsed().as_secs_f64();
        let rate = |seconds: f64| bytes as f64 / seconds / 1e9;
        println!(
            "{bytes} of {} bytes: plain reads {:.2} GB/s, scan {:.2} GB/s, ratio {:.2}; {} hits, {} secrets, digest {}",
            disk.size(),
            rate(reading),
            rate(scanning),
            reading / scanning,
            found.hits.len(),
            found.secrets.len(),
            found.digest.as_deref().unwrap_or("-")
        );
        reads.push(rate(reading));
        scans.push(rate(scanning));
        ratios.push(reading / scanning);
    }
    println!(
        "median: plain reads {:.2} GB/s, scan {:.2} GB/s, ratio {:.2}",
        median(reads),
        median(scans),
        median(ratios)
    );
    Ok(())
}

/// What reading the block maps takes.
fn map(disk: &RawFile) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    for partition in &partition::read(disk)?.partitions {
        let Some(map) = FreeMap::read(disk, partition.extent)? else {
            continue;
        };
        let free: u64 = map.free.iter().map(|extent| extent.length).sum();
        let (number, extents) = (partition.number, map.free.len());
        println!("partition {number}: {free} bytes free in {extents} extents");
    }
    println!("block map: {:.6} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// Reads what was written, and says how much that is.
fn read(disk: &RawFile) -> Result<u64, ReadError> {
    let mut buffer = vec![0; 128 << 10];
    let mut bytes = 0;
    for extent in disk.written()? {
        let range = extent.range();
        for offset in range.clone().step_by(buffer.len()) {
            let length = buffer.len().min((range.end - offset) as usize);
            disk.read_at(offset, &mut buffer[..length])?;
            bytes += length as u64;
        }
    }
    Ok(bytes)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(0.0)
}
