//! The pass itself: workers read, search and digest, and put what they found in order.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::digest::{BLOCK_SIZE, BlockDigest, DiskDigest, blocks};
use super::matcher::Matcher;
use super::plan::{Unit, units};
use crate::source::{BlockSource, ReadError};

/// Hits that are kept; a disk with more is [`Scan::truncated`].
pub const MAX_HITS: usize = 10_000;

/// Longest pattern in bytes. Workers read this much twice at most.
const MAX_PATTERN: usize = 64 * 1024;
/// Workers beyond this gain nothing and cost memory: about 1.1 MiB each.
const MAX_WORKERS: usize = 8;
/// Reads begin at multiples of this when no digest is wanted.
const PAGE: u64 = 4096;

/// Something to look for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pattern {
    /// The caller's name for it.
    pub id: String,
    /// The bytes; 1 to 65536 of them, not all zero: space that was never written reads as zeros.
    pub bytes: Vec<u8>,
}

/// How to scan.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether to compute the disk's digest as well. It costs one SHA-256 of all that was written.
    pub digest: bool,
    /// How many threads read and search; as many as the machine has (at most 8) when absent.
    pub workers: Option<NonZero<usize>>,
}

/// One occurrence of a pattern.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Hit {
    /// Where it starts, from the start of the disk.
    pub offset: u64,
    /// The pattern's position in the list that was passed in.
    pub pattern: usize,
}

/// What a pass found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Scan {
    /// Every occurrence that touches a written byte, by offset and then by pattern: the first
    /// [`MAX_HITS`] of them.
    pub hits: Vec<Hit>,
    /// There are more occurrences than were kept.
    pub truncated: bool,
    /// The disk's digest in hexadecimal (see [`DIGEST_NAME`](super::DIGEST_NAME)), if it was asked for.
    pub digest: Option<String>,
    /// How many bytes were ever written.
    pub written: u64,
    /// The disk's size in bytes.
    pub size: u64,
}

/// Why a disk could not be scanned.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The disk could not be read to the end, so nothing can be said about it.
    #[error("cannot read the whole disk")]
    Read(#[from] ReadError),
    /// A pattern cannot be searched for.
    #[error("pattern {0} must have 1 to {MAX_PATTERN} bytes, not all of them zero")]
    Pattern(String),
    /// The patterns together are too large.
    #[error("there are too many patterns to search for at once")]
    TooManyPatterns,
}

/// Reads every written byte of `source` once, looking for `patterns`.
///
/// A match may span extents and reads; what was never written counts as zeros, but is not searched on its
/// own. The result does not depend on the number of workers.
///
/// # Errors
/// When a byte cannot be read, or a pattern is empty, too long or all zeros.
pub fn scan(
    source: &dyn BlockSource,
    patterns: &[Pattern],
    options: &Options,
) -> Result<Scan, ScanError> {
    let unusable = |pattern: &&Pattern| {
        pattern.bytes.len() > MAX_PATTERN || pattern.bytes.iter().all(|byte| *byte == 0)
    };
    if let Some(pattern) = patterns.iter().find(unusable) {
        return Err(ScanError::Pattern(pattern.id.clone()));
    }
    let patterns: Vec<&[u8]> = patterns
        .iter()
        .map(|pattern| pattern.bytes.as_slice())
        .collect();
    let overlap = patterns
        .iter()
        .map(|pattern| pattern.len() as u64 - 1)
        .max()
        .unwrap_or(0);
    let matcher = Matcher::new(patterns).ok_or(ScanError::TooManyPatterns)?;
    let (size, written) = (source.size(), source.written()?);
    let units = units(
        &written,
        size,
        if options.digest { BLOCK_SIZE } else { PAGE },
        overlap,
    );
    let merge = Merge {
        early: BTreeMap::new(),
        next: 0,
        failure: None,
        digest: options.digest.then(|| DiskDigest::new(size)),
        scan: Scan {
            hits: Vec::new(),
            truncated: false,
            digest: None,
            written: written.iter().map(|extent| extent.length).sum(),
            size,
        },
    };
    let work = Work {
        source,
        matcher,
        digest: options.digest,
        units,
        next: AtomicUsize::new(0),
        truncated: AtomicBool::new(false),
        merge: Mutex::new(merge),
    };
    thread::scope(|scope| {
        // The calling thread is the last worker.
        for _ in 1..workers(options).min(work.units.len()) {
            scope.spawn(|| work.run());
        }
        work.run();
    });
    let merge = work
        .merge
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    match merge.failure {
        Some(failure) => Err(failure.into()),
        None => Ok(Scan {
            digest: merge.digest.map(DiskDigest::finish),
            ..merge.scan
        }),
    }
}

fn workers(options: &Options) -> usize {
    let available = || thread::available_parallelism().map_or(1, NonZero::get);
    options
        .workers
        .map_or_else(available, NonZero::get)
        .min(MAX_WORKERS)
}

/// What one unit holds.
struct Found {
    /// Ascending. When there are more than [`MAX_HITS`], the last ones may be missing.
    hits: Vec<Hit>,
    blocks: Vec<BlockDigest>,
}

/// Puts results in the order of their units, whichever came first.
struct Merge {
    /// Results whose predecessors are not there yet.
    early: BTreeMap<usize, Found>,
    next: usize,
    failure: Option<ReadError>,
    digest: Option<DiskDigest>,
    scan: Scan,
}

impl Merge {
    fn add(&mut self, index: usize, found: Found) {
        self.early.insert(index, found);
        while let Some(found) = self.early.remove(&self.next) {
            self.next += 1;
            let room = MAX_HITS - self.scan.hits.len();
            self.scan.truncated |= found.hits.len() > room;
            self.scan.hits.extend(found.hits.into_iter().take(room));
            if let Some(digest) = &mut self.digest {
                found.blocks.iter().for_each(|block| digest.add(block));
            }
        }
    }
}

/// What the workers share.
struct Work<'a> {
    source: &'a dyn BlockSource,
    matcher: Matcher<'a>,
    digest: bool,
    units: Vec<Unit>,
    next: AtomicUsize,
    /// More hits than are kept were found: looking for further ones is pointless.
    truncated: AtomicBool,
    merge: Mutex<Merge>,
}

impl Work<'_> {
    /// Takes units until none is left or one could not be read.
    fn run(&self) {
        let mut buffer = Vec::new();
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(unit) = self.units.get(index) else {
                return;
            };
            let found = self.examine(unit, &mut buffer);
            let mut merge = self.merge.lock().unwrap_or_else(PoisonError::into_inner);
            match found {
                Ok(found) => merge.add(index, found),
                Err(failure) => merge.failure = merge.failure.take().or(Some(failure)),
            }
            self.truncated
                .store(merge.scan.truncated, Ordering::Relaxed);
            if merge.failure.is_some() {
                return;
            }
        }
    }

    fn examine(&self, unit: &Unit, buffer: &mut Vec<u8>) -> Result<Found, ReadError> {
        buffer.resize((unit.tail - unit.lead) as usize, 0);
        self.source.read_at(unit.lead, buffer)?;
        let starts = (unit.end - unit.lead) as usize;
        let found = match self.truncated.load(Ordering::Relaxed) {
            true => Vec::new(),
            false => self.matcher.search(buffer, starts, MAX_HITS),
        };
        let hits = found.into_iter().map(|(start, pattern)| Hit {
            offset: unit.lead + start as u64,
            pattern,
        });
        let blocks = match buffer.get((unit.start - unit.lead) as usize..starts) {
            Some(bytes) if self.digest => blocks(unit.start / BLOCK_SIZE, bytes),
            _ => Vec::new(),
        };
        Ok(Found {
            hits: hits.collect(),
            blocks,
        })
    }
}
