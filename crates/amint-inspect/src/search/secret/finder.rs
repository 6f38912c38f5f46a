//! Anchors in and before runs of visible characters, and the verifier of each.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::Secret;
use super::anchor::{ANCHORS, Anchor};
use super::place::Place;
use super::runs::runs;

/// How many bytes of an anchor are looked up; none is shorter.
const GRAM: usize = 3;
const GRAM_MASK: u32 = 0xff_ffff;
/// Places that are looked up before looking at what was found, so that no branch depends on one.
const BATCH: usize = 8;
/// Few enough to stay in a core's nearest cache, enough for false alarms to be rare.
const SLOTS: usize = 1 << 13;
/// How far before a run an anchor may start, in bytes: a run of 20 may lack the first characters of its prefix.
const BEFORE_RUN: usize = 8;
/// How long the value of a secret is whose name stands before it, and how far before: a PEM header and its lines.
const LONG_RUN: usize = 40;
const BEFORE_LONG_RUN: usize = 320;

/// Finds secrets.
pub(in crate::search) struct Finder {
    /// Which of `anchors` may begin with bytes of this hash; the first of them is none.
    filter: Box<[u8; SLOTS]>,
    anchors: Vec<Vec<&'static Anchor>>,
}

impl Finder {
    pub(in crate::search) fn new() -> Self {
        let mut finder = Self {
            filter: Box::new([0; SLOTS]),
            anchors: vec![Vec::new()],
        };
        for anchor in &ANCHORS {
            let Some(gram) = gram(&[anchor.literal, &[0]].concat()) else {
                continue;
            };
            let which = &mut finder.filter[slot(gram)];
            if *which == 0 {
                // There are fewer anchors than a byte can count.
                *which = finder.anchors.len() as u8;
                finder.anchors.push(Vec::new());
            }
            if let Some(anchors) = finder.anchors.get_mut(usize::from(*which)) {
                anchors.push(anchor);
            }
        }
        finder
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
        // Where the places end that were looked at for runs in them, and for long runs behind them.
        let (mut near, mut far) = (starts.start, starts.start);
        runs(haystack, |run| {
            let end = run.end.min(starts.end);
            let from = match run.len() {
                LONG_RUN.. => run.start.saturating_sub(BEFORE_LONG_RUN).max(far),
                _ => run.start.saturating_sub(BEFORE_RUN).max(near),
            };
            if from >= end || found.len() > limit {
                return;
            }
            self.look(haystack, from..end, &mut found);
            near = end;
            if run.len() >= LONG_RUN {
                far = end;
            }
            if found.len() > limit {
                // A place may have been looked at for both reasons.
                found.sort_unstable();
                found.dedup();
            }
        });
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Adds the secrets whose anchors start in `places`.
    fn look(&self, haystack: &[u8], places: Range<usize>, found: &mut Vec<Secret>) {
        for position in places.clone().step_by(BATCH) {
            let bytes = haystack.get(position..).unwrap_or_default();
            let grams = || bytes.windows(GRAM + 1).take(BATCH).filter_map(gram);
            let any = match bytes.first_chunk::<{ BATCH + GRAM }>() {
                Some(bytes) => bytes
                    .windows(GRAM + 1)
                    .filter_map(gram)
                    .fold(0, |any, gram| any | self.filter[slot(gram)]),
                None => u8::MAX,
            };
            if any == 0 {
                continue;
            }
            for (gram, position) in grams().zip(position..places.end) {
                let which = self.filter[slot(gram)];
                if which != 0 {
                    found.extend(self.secrets_at(haystack, position, which));
                }
            }
        }
    }

    /// What the anchors at `position` stand for.
    fn secrets_at(
        &self,
        haystack: &[u8],
        position: usize,
        which: u8,
    ) -> impl Iterator<Item = Secret> {
        let place = Place::new(haystack, position);
        let here = place.after(0);
        let anchors = self.anchors.get(usize::from(which)).into_iter().flatten();
        let anchors = anchors.filter(move |anchor| here.starts_with(anchor.literal));
        anchors.filter_map(move |anchor| {
            let (place, found) = std::iter::once(place)
                .chain(place.alone(position))
                .find_map(|place| Some((place, (anchor.verify)(&place)?)))?;
            let offset = (position - place.at + found.start) as u64;
            let text = place.text.get(found)?;
            (!text.is_empty()).then(|| Secret {
                offset,
                length: text.len() as u64,
                kind: anchor.kind,
                digest: Sha256::digest(text).into(),
            })
        })
    }
}

/// The first bytes of `window` as a number.
fn gram(window: &[u8]) -> Option<u32> {
    window
        .first_chunk()
        .map(|window| u32::from_le_bytes(*window) & GRAM_MASK)
}

/// The filter's slot for an anchor's first bytes (Fibonacci hashing).
fn slot(gram: u32) -> usize {
    (gram.wrapping_mul(0x9e37_79b1) >> 19) as usize
}
