//! How fast a disk is scanned: `cargo run --release -p amint-inspect --example scan_speed -- DISK [--digest]`.
//!
//! Compare with `cat` on a file that holds only what was written.

#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Instant;

use amint_inspect::BlockSource;
use amint_inspect::FreeMap;
use amint_inspect::partition;
use amint_inspect::raw::RawFile;
use amint_inspect::search::{Options, Pattern, scan};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let disk = RawFile::open(
        arguments
            .first()
            .ok_or("usage: scan_speed DISK [--digest]")?,
    )?;
    let options = Options {
        digest: arguments.iter().any(|argument| argument == "--digest"),
        workers: None,
    };

    let start = Instant::now();
    let layout = partition::read(&disk)?;
    for partition in &layout.partitions {
        let Some(map) = FreeMap::read(&disk, partition.extent)? else {
            continue;
        };
        let free: u64 = map.free.iter().map(|extent| extent.length).sum();
        println!(
            "partition {}: {free} bytes free in {} extents",
            partition.number,
            map.free.len()
        );
    }
    println!("block map: {:.6} s", start.elapsed().as_secs_f64());

    // What `cat` would do with the same bytes: one thread, 128 KiB at a time.
    let written = disk.written()?;
    let mut buffer = vec![0; 128 << 10];
    for _ in 0..5 {
        let start = Instant::now();
        let mut bytes = 0;
        for extent in &written {
            let range = extent.range();
            for offset in range.clone().step_by(buffer.len()) {
                let length = buffer.len().min((range.end - offset) as usize);
                disk.read_at(offset, &mut buffer[..length])?;
                bytes += length as u64;
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "plain reads of {bytes} bytes in {seconds:.3} s: {:.2} GB/s",
            bytes as f64 / seconds / 1e9
        );
    }

    // As many patterns as a build has tracers, of their length, none of which occurs.
    let patterns: Vec<Pattern> = (1..=6)
        .map(|id: u8| Pattern {
            id: id.to_string(),
            bytes: (0..32)
                .map(|byte: u8| byte.wrapping_mul(37) ^ id.wrapping_mul(91))
                .collect(),
        })
        .collect();
    for _ in 0..5 {
        let start = Instant::now();
        let found = scan(&disk, &patterns, &options)?;
        let seconds = start.elapsed().as_secs_f64();
        let rate = found.written as f64 / seconds / 1e9;
        println!(
            "{} of {} bytes in {seconds:.3} s: {rate:.2} GB/s, {} hits, digest {}",
            found.written,
            disk.size(),
            found.hits.len(),
            found.digest.as_deref().unwrap_or("-")
        );
    }
    Ok(())
}
