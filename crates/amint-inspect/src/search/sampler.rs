//! Search for long patterns at a fraction of the cost of looking at every byte.
//!
//! Every run of `stride + 3` bytes holds a position that is a multiple of `stride` with four bytes behind it.
//! So if all patterns are at least that long, looking up the four bytes at those positions in a table of the
//! patterns' own four-byte runs misses nothing. Tracers have 32 bytes: two lookups a cache line.

use std::collections::HashMap;

use super::matcher::Occurrence;

/// Bytes that are looked up at once.
const GRAM: usize = 4;
/// Shorter patterns are better served by vector instructions.
const MIN_PATTERN: usize = 16;
/// Strides beyond a cache line save nothing.
const MAX_STRIDE: usize = 64;
/// Above this, too many lookups are false alarms.
const MAX_GRAMS: usize = 8192;
/// Runs that are looked up before looking at what was found, so that no branch depends on one.
const BATCH: usize = 8;
/// As many as there are hashes; few enough to stay in a core's nearest cache.
const SLOTS: usize = 1 << 14;

/// Where in the patterns each four-byte run occurs, with a filter in front.
pub(super) struct Sampler {
    stride: usize,
    /// Whether a run with this hash occurs.
    filter: Box<[bool; SLOTS]>,
    grams: HashMap<u32, Vec<Place>>,
}

/// A run's place: in which pattern, how far from its start.
struct Place {
    pattern: usize,
    offset: usize,
}

impl Sampler {
    /// `None` when the patterns are too short or too many for it to pay.
    pub(super) fn new(patterns: &[&[u8]]) -> Option<Self> {
        let shortest = patterns
            .iter()
            .map(|pattern| pattern.len())
            .min()
            .filter(|length| *length >= MIN_PATTERN)?;
        let stride = (shortest - GRAM + 1).min(MAX_STRIDE);
        if patterns.len() * stride > MAX_GRAMS {
            return None;
        }
        let mut sampler = Self {
            stride,
            filter: Box::new([false; SLOTS]),
            grams: HashMap::new(),
        };
        for (pattern, bytes) in patterns.iter().enumerate() {
            for (offset, run) in bytes
                .windows(GRAM)
                .filter_map(|run| run.first_chunk())
                .take(stride)
                .enumerate()
            {
                let gram = u32::from_le_bytes(*run);
                sampler.filter[usize::from(slot(gram))] = true;
                sampler
                    .grams
                    .entry(gram)
                    .or_default()
                    .push(Place { pattern, offset });
            }
        }
        Some(sampler)
    }

    /// See [`Matcher::search`](super::matcher::Matcher::search).
    pub(super) fn search(
        &self,
        patterns: &[&[u8]],
        haystack: &[u8],
        starts: usize,
        limit: usize,
    ) -> Vec<Occurrence> {
        let mut found = Vec::new();
        let batch = BATCH * self.stride;
        for (bytes, start) in haystack.chunks(batch).zip((0..).step_by(batch)) {
            if !self.may_match(bytes) {
                continue;
            }
            let grams = bytes.chunks(self.stride).filter_map(gram);
            for (gram, position) in grams.zip((start..).step_by(self.stride)) {
                if self.filter[usize::from(slot(gram))] {
                    self.compare(patterns, haystack, position, gram, &mut found);
                }
            }
            if found.len() > limit {
                break;
            }
        }
        // The last position may lie behind `starts` and still belong to a match that starts before it.
        found.retain(|(start, _)| *start < starts);
        found
    }

    /// Whether a run in `bytes` that begins at a multiple of the stride may occur in a pattern.
    fn may_match(&self, mut bytes: &[u8]) -> bool {
        let mut any = false;
        // Advancing one slice is the least that each run can cost.
        while let Some((run, _)) = bytes.split_first_chunk() {
            any |= self.filter[usize::from(slot(u32::from_le_bytes(*run)))];
            let Some(rest) = bytes.get(self.stride..) else {
                break;
            };
            bytes = rest;
        }
        any
    }

    /// Compares the patterns that have `gram`, laid over `position`. Their starts lie less than a stride
    /// before it: no other position finds them, and all of an earlier position's lie before.
    fn compare(
        &self,
        patterns: &[&[u8]],
        haystack: &[u8],
        position: usize,
        gram: u32,
        found: &mut Vec<Occurrence>,
    ) {
        let before = found.len();
        for place in self.grams.get(&gram).into_iter().flatten() {
            let Some(start) = position.checked_sub(place.offset) else {
                continue;
            };
            let here = haystack.get(start..).unwrap_or_default();
            if patterns
                .get(place.pattern)
                .is_some_and(|pattern| here.starts_with(pattern))
            {
                found.push((start, place.pattern));
            }
        }
        if let Some(new) = found.get_mut(before..) {
            new.sort_unstable();
        }
    }
}

/// The first bytes of `run` as a number.
fn gram(run: &[u8]) -> Option<u32> {
    run.first_chunk().map(|gram| u32::from_le_bytes(*gram))
}

/// The filter's slot for a run (Fibonacci hashing).
fn slot(gram: u32) -> u16 {
    (gram.wrapping_mul(0x9e37_79b1) >> 18) as u16
}
