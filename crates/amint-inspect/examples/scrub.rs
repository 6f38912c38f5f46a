//! Cleans a raw disk from outside, in place, as a build does: `scrub DISK`. Prints what that took as JSON.
//!
//! What a build on AWS would write is counted too: whole blocks of 512 KiB that change.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example says what it did"
)]

use std::collections::BTreeSet;
use std::error::Error;
use std::os::unix::fs::FileExt;

use amint_inspect::raw::RawFile;
use amint_inspect::scrub::survey;

/// The block size of EBS direct APIs in bytes.
const BLOCK: u64 = 512 * 1024;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: scrub DISK")?;
    let survey = survey(&RawFile::open(&path)?)?;
    let cleaning = survey.cleaning;
    let free = cleaning.free.iter().map(|extent| extent.range());
    let patches = cleaning.patches.iter();
    let patched = patches.map(|patch| patch.offset..patch.offset + patch.bytes.len() as u64);
    let blocks: BTreeSet<u64> = free
        .chain(patched)
        .flat_map(|range| range.start / BLOCK..range.end.div_ceil(BLOCK))
        .collect();

    let file = std::fs::OpenOptions::new().write(true).open(&path)?;
    for extent in &cleaning.free {
        let punch = rustix::fs::FallocateFlags::PUNCH_HOLE | rustix::fs::FallocateFlags::KEEP_SIZE;
        rustix::fs::fallocate(&file, punch, extent.offset, extent.length)?;
    }
    for patch in &cleaning.patches {
        file.write_all_at(&patch.bytes, patch.offset)?;
    }
    let patched: usize = cleaning.patches.iter().map(|patch| patch.bytes.len()).sum();
    println!(
        "{{\"free\": {}, \"patches\": {}, \"patched\": {patched}, \"blocks\": {}, \"left\": {}}}",
        cleaning.free_bytes(),
        cleaning.patches.len(),
        blocks.len() as u64 * BLOCK,
        survey.left.len(),
    );
    for reason in &survey.left {
        eprintln!("not scrubbed: {reason}");
    }
    Ok(())
}
