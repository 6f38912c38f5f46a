//! Anchors, and the verifier of each.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::Secret;
use super::anchor::{ANCHORS, Anchor};
use super::place::{Place, rest};
use super::sieve::{BLOCK, CHUNK, GRAM, Sieve};

/// Few enough to stay in a core's nearest cache, enough for false alarms to be rare.
const SLOTS: usize = 1 << 12;
/// How far into an anchor the bytes may be by which it is found.
const MAX_INSIDE: usize = 16;

/// Finds secrets.
pub(in crate::search) struct Finder {
    sieve: Sieve,
    /// Which of `anchors` may hold bytes of this hash; the first of them is none.
    filter: Box<[u8; SLOTS]>,
    anchors: Vec<Vec<Inside>>,
}

/// How far after an anchor's start the bytes are by which it is found.
struct Inside {
    anchor: &'static Anchor,
    offset: usize,
}

impl Finder {
    pub(in crate::search) fn new() -> Self {
        let mut filter = Box::new([0; SLOTS]);
        let mut anchors: Vec<Vec<Inside>> = vec![Vec::new()];
        let mut grams = Vec::new();
        for anchor in &ANCHORS {
            let Some((gram, offset)) = rarest(anchor.literal) else {
                continue;
            };
            grams.push(gram);
            let which = &mut filter[slot(gram)];
            if *which == 0 {
                // There are fewer anchors than a byte can count.
                *which = anchors.len() as u8;
                anchors.push(Vec::new());
            }
            if let Some(anchors) = anchors.get_mut(usize::from(*which)) {
                anchors.push(Inside { anchor, offset });
            }
        }
        grams.sort_unstable();
        grams.dedup();
        Self {
            sieve: Sieve::new(&grams),
            filter,
            anchors,
        }
    }

    /// Secrets whose anchors start in `starts`, ascending. Offsets are counted from the start of `haystack`, which lies at
    /// a multiple of [`SECTOR`](super::SECTOR) on the disk. Stops soon
    /// after more than `limit` of them.
    pub(in crate::search) fn find(
        &self,
        haystack: &[u8],
        starts: Range<usize>,
        limit: usize,
    ) -> Vec<Secret> {
        let mut found = Vec::new();
        let end = starts.end.saturating_add(MAX_INSIDE).min(haystack.len());
        let mut places = [0; CHUNK / BLOCK];
        for chunk in (starts.start..end).step_by(CHUNK) {
            self.sieve.sift(rest(haystack, chunk), &mut places);
            for (mut places, block) in places.into_iter().zip((chunk..).step_by(BLOCK)) {
                while places != 0 {
                    let position = block + places.trailing_zeros() as usize;
                    places &= places - 1;
                    let gram = haystack
                        .get(position..)
                        .and_then(|bytes| bytes.first_chunk());
                    let which = gram.map_or(0, |gram| self.filter[slot(*gram)]);
                    if which != 0 {
                        self.look(haystack, position, which, &starts, &mut found);
                    }
                }
            }
            if found.len() > limit {
                // Two anchors may stand for one secret.
                found.sort_unstable();
                found.dedup();
            }
            if found.len() > limit {
                break;
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Adds the secrets of the anchors that are found by the bytes at `position`.
    #[inline(never)]
    fn look(
        &self,
        haystack: &[u8],
        position: usize,
        which: u8,
        starts: &Range<usize>,
        found: &mut Vec<Secret>,
    ) {
        for inside in self.anchors.get(usize::from(which)).into_iter().flatten() {
            let start = position
                .checked_sub(inside.offset)
                .filter(|start| starts.contains(start));
            found.extend(start.and_then(|start| secret_at(haystack, start, inside.anchor)));
        }
    }
}

/// What `anchor` stands for, if it is at `position`.
fn secret_at(haystack: &[u8], position: usize, anchor: &Anchor) -> Option<Secret> {
    if !rest(haystack, position).starts_with(anchor.literal) {
        return None;
    }
    let place = Place::new(haystack, position);
    let (place, found) = match (anchor.verify)(&place) {
        Some(found) => (place, found),
        None => {
            let alone = place.alone(position)?;
            let found = (anchor.verify)(&alone)?;
            // What only begins within a file has its own text before it.
            (alone, Some(found).filter(|found| found.start == 0)?)
        }
    };
    let offset = (position - place.at + found.start) as u64;
    let text = place.text.get(found)?;
    (!text.is_empty()).then(|| Secret {
        offset,
        length: text.len() as u64,
        kind: anchor.kind,
        digest: Sha256::digest(text).into(),
    })
}

/// The bytes of `literal` that other text is least likely to hold, and how far after its start they are.
fn rarest(literal: &[u8]) -> Option<([u8; GRAM], usize)> {
    let grams = literal.windows(GRAM).take(MAX_INSIDE).zip(0..);
    let grams = grams.filter_map(|(gram, offset)| Some((*gram.first_chunk()?, offset)));
    grams.min_by_key(|(gram, _)| gram.iter().filter(|byte| byte.is_ascii_lowercase()).count())
}

/// The filter's slot for a sequence (Fibonacci hashing).
fn slot([first, second, third]: [u8; GRAM]) -> usize {
    let gram = u32::from_le_bytes([first, second, third, 0]);
    (gram.wrapping_mul(0x9e37_79b1) >> 20) as usize
}
