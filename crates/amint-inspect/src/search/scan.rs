//! The pass itself: workers read, search and digest, and put what they found in order.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::digest::{BLOCK_SIZE, BlockDigest, DiskDigest, blocks};
use super::matcher::Matcher;
use super::plan::{Margins, Unit, units};
use super::secret::{AFTER, BEFORE, Finder, Secret};
use crate::source::{BlockSource, ReadError};

/// Hits that are kept; a disk with more is [`Scan::truncated`].
pub const MAX_HITS: usize = 10_000;

/// Secrets that are kept; a disk with more is [`Scan::secrets_truncated`].
pub const MAX_SECRETS: usize = 10_000;
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
    /// Whether to look for secrets by their own shape ([`SecretKind`](super::SecretKind)) as well.
    pub secrets: bool,
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
    /// Secrets that were recognised by their shape and touch a written byte, by offset, if they were asked for: the
    /// first [`MAX_SECRETS`] of them.
    pub secrets: Vec<Secret>,
    /// There are more secrets than were kept.
    pub secrets_truncated: bool,
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
    let finder = options.secrets.then(Finder::new);
    let margins = Margins {
        overlap,
        before: finder.as_ref().map_or(0, |_| BEFORE as u64),
        after: finder.as_ref().map_or(0, |_| AFTER as u64),
    };
    let (size, written) = (source.size(), source.written()?);
    let units = units(
        &written,
        size,
        if options.digest { BLOCK_SIZE } else { PAGE },
        margins,
    );
    let merge = Merge {
        early: BTreeMap::new(),
        next: 0,
        failure: None,
        digest: options.digest.then(|| DiskDigest::new(size)),
        scan: Scan {
            hits: Vec::new(),
            truncated: false,
            secrets: Vec::new(),
            secrets_truncated: false,
            digest: None,
            written: written.iter().map(|extent| extent.length).sum(),
            size,
        },
    };
    let work = Work {
        source,
        matcher,
        finder,
        digest: options.digest,
        units,
        next: AtomicUsize::new(0),
        truncated: AtomicBool::new(false),
        secrets_truncated: AtomicBool::new(false),
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
        None => {
            let mut scan = merge.scan;
            // Two anchors may stand for one secret, and secrets may begin before their anchors.
            scan.secrets.sort_unstable();
            scan.secrets.dedup();
            scan.digest = merge.digest.map(DiskDigest::finish);
            Ok(scan)
        }
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
    /// By their anchors. When there are more than [`MAX_SECRETS`], the last ones may be missing.
    secrets: Vec<Secret>,
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
            found
                .secrets
                .into_iter()
                .for_each(|secret| self.keep(secret));
            if let Some(digest) = &mut self.digest {
                found.blocks.iter().for_each(|block| digest.add(block));
            }
        }
    }

    /// Keeps a secret, unless it is a part of the one before: a key's lines are a key by themselves where a block begins.
    fn keep(&mut self, secret: Secret) {
        let secrets = &mut self.scan.secrets;
        let end = |one: &Secret| one.offset.saturating_add(one.length);
        let is_part = secrets
            .last()
            .is_some_and(|last| last.kind == secret.kind && end(&secret) <= end(last));
        if is_part {
            return;
        }
        match secrets.len() < MAX_SECRETS {
            true => secrets.push(secret),
            false => self.scan.secrets_truncated = true,
        }
    }
}

/// What the workers share.
struct Work<'a> {
    source: &'a dyn BlockSource,
    matcher: Matcher<'a>,
    finder: Option<Finder>,
    digest: bool,
    units: Vec<Unit>,
    next: AtomicUsize,
    /// More hits than are kept were found: looking for further ones is pointless.
    truncated: AtomicBool,
    secrets_truncated: AtomicBool,
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
            self.secrets_truncated
                .store(merge.scan.secrets_truncated, Ordering::Relaxed);
            if merge.failure.is_some() {
                return;
            }
        }
    }

    fn examine(&self, unit: &Unit, buffer: &mut Vec<u8>) -> Result<Found, ReadError> {
        buffer.resize((unit.tail - unit.from) as usize, 0);
        self.source.read_at(unit.from, buffer)?;
        let within = |position: u64| (position - unit.from) as usize;
        let (lead, start, end) = (within(unit.lead), within(unit.start), within(unit.end));
        let found = match self.truncated.load(Ordering::Relaxed) {
            true => Vec::new(),
            false => {
                let bytes = buffer.get(lead..).unwrap_or_default();
                self.matcher.search(bytes, end - lead, MAX_HITS)
            }
        };
        let hits = found.into_iter().map(|(start, pattern)| Hit {
            offset: unit.lead + start as u64,
            pattern,
        });
        let secrets = match &self.finder {
            Some(finder) if !self.secrets_truncated.load(Ordering::Relaxed) => finder.find(
                buffer,
                within(unit.places.start)..within(unit.places.end),
                MAX_SECRETS,
            ),
            _ => Vec::new(),
        };
        let secrets = secrets.into_iter().map(|secret| Secret {
            offset: unit.from + secret.offset,
            ..secret
        });
        let blocks = match buffer.get(start..end) {
            Some(bytes) if self.digest => blocks(unit.start / BLOCK_SIZE, bytes),
            _ => Vec::new(),
        };
        Ok(Found {
            hits: hits.collect(),
            secrets: secrets.collect(),
            blocks,
        })
    }
}
