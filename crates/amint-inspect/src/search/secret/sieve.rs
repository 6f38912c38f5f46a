//! Where one of many short byte sequences may be, 64 places at a time.
//!
//! Sequences are put into eight groups. For each of their bytes, one table says which groups have a byte with that low
//! half, another with that high half; vector instructions look up 64 bytes at once. A place at which all look-ups agree
//! on a group may hold one of its sequences: few places without one pass. Nothing branches on what the bytes are.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x64};

/// The length of a sequence in bytes.
pub(super) const GRAM: usize = 3;
/// As many groups as a byte has bits.
const GROUPS: usize = 8;
pub(super) const BLOCK: usize = 64;
/// Bytes that are sieved in one call.
pub(super) const CHUNK: usize = 64 * BLOCK;
/// A bit for every byte of a chunk.
pub(super) type Places = [u64; CHUNK / BLOCK];
/// How common bytes with each high half are in text, and at least in anything: a guess, which only costs time.
const COMMON: [u32; 16] = [3, 1, 2, 2, 2, 2, 8, 6, 1, 1, 1, 1, 1, 1, 1, 1];

/// For each byte of a sequence, and its low and its high half, a bit for every group; four times, for as many vectors
/// as make a block.
type Tables = [[[u8; BLOCK]; 2]; GRAM];

/// A compiled set of sequences.
pub(super) struct Sieve {
    level: Level,
    tables: Tables,
}

impl Sieve {
    pub(super) fn new(grams: &[[u8; GRAM]]) -> Self {
        let mut groups: Vec<Group> = grams.iter().map(Group::new).collect();
        while groups.len() > GROUPS {
            let pairs =
                (0..groups.len()).flat_map(|second| (0..second).map(move |first| (first, second)));
            let cost = |(first, second): &(usize, usize)| {
                let (first, second) = (&groups[*first], &groups[*second]);
                first.with(second).cost() - first.cost() - second.cost()
            };
            let Some((first, second)) = pairs.min_by_key(cost) else {
                break;
            };
            let taken = groups.swap_remove(second);
            groups[first] = groups[first].with(&taken);
        }
        let mut tables = [[[0; BLOCK]; 2]; GRAM];
        for (group, bit) in groups.iter().zip(0..) {
            for (tables, halves) in tables.iter_mut().zip(&group.0) {
                for (table, half) in tables.iter_mut().zip(halves) {
                    for (value, groups) in table.iter_mut().enumerate() {
                        *groups |= ((half >> (value % 16) & 1) as u8) << bit;
                    }
                }
            }
        }
        Self {
            level: Level::new(),
            tables,
        }
    }

    /// Sets a bit for each of the first [`CHUNK`] places in `bytes`, the lowest first, if a sequence may start there.
    /// What follows the end counts as zeros.
    pub(super) fn sift(&self, bytes: &[u8], places: &mut Places) {
        if let Some(bytes) = bytes.first_chunk() {
            dispatch!(self.level, simd => sift(simd, &self.tables, bytes, places));
        } else {
            let mut padded = [0; CHUNK + GRAM - 1];
            padded
                .iter_mut()
                .zip(bytes)
                .for_each(|(to, byte)| *to = *byte);
            self.sift(&padded, places);
        }
    }
}

#[inline(always)]
fn sift<S: Simd>(simd: S, tables: &Tables, bytes: &[u8; CHUNK + GRAM - 1], places: &mut Places) {
    let tables = tables.map(|halves| halves.map(|table| u8x64::from_slice(simd, &table)));
    let groups = |block: &[u8], [low, high]: [u8x64<S>; 2]| {
        let block = u8x64::from_slice(simd, block);
        low.swizzle_dyn_within_blocks(block & 0x0f) & high.swizzle_dyn_within_blocks(block >> 4)
    };
    let windows = bytes.windows(BLOCK + GRAM - 1).step_by(BLOCK);
    for (places, window) in places.iter_mut().zip(windows) {
        let [first, second, third] = tables;
        let all = groups(&window[..BLOCK], first)
            & groups(&window[1..=BLOCK], second)
            & groups(&window[2..], third);
        *places = !all.simd_eq(0).to_bitmask();
    }
}

/// Sequences that are told together: for each byte, the low and the high halves they have there, a bit for each.
#[derive(Clone, Copy)]
struct Group([[u16; 2]; GRAM]);

impl Group {
    fn new(gram: &[u8; GRAM]) -> Self {
        Self(gram.map(|byte| [1 << (byte & 0x0f), 1 << (byte >> 4)]))
    }

    fn with(mut self, other: &Self) -> Self {
        let halves = self.0.as_flattened_mut().iter_mut();
        halves
            .zip(other.0.as_flattened())
            .for_each(|(half, other)| *half |= other);
        self
    }

    /// How often this group's bits will be seen where none of its sequences is, in some unit.
    fn cost(&self) -> u32 {
        let bytes = self.0.iter().map(|[low, high]| {
            let common = COMMON
                .iter()
                .zip(0..)
                .filter(|(_, half)| high >> half & 1 != 0);
            low.count_ones() * common.map(|(common, _)| common).sum::<u32>()
        });
        bytes.product()
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, CHUNK, GRAM, Sieve};

    /// How many of the places in `bytes` pass, and how many of those where a sequence is do not.
    fn count(sieve: &Sieve, grams: &[[u8; GRAM]], bytes: &[u8]) -> (usize, usize) {
        let (mut passed, mut missed) = (0, 0);
        let mut places = [0; CHUNK / BLOCK];
        for start in (0..bytes.len()).step_by(CHUNK) {
            sieve.sift(&bytes[start..], &mut places);
            for place in 0..CHUNK {
                let passes = places[place / BLOCK] >> (place % BLOCK) & 1 == 1;
                let is_one = grams
                    .iter()
                    .any(|gram| bytes[(start + place).min(bytes.len())..].starts_with(gram));
                passed += usize::from(passes);
                missed += usize::from(is_one && !passes);
            }
        }
        (passed, missed)
    }

    #[test]
    fn every_sequence_passes_wherever_it_is() {
        let grams: Vec<[u8; GRAM]> = (0..40_u32)
            .map(|number| (number.wrapping_mul(0x9e37_79b1) | 1).to_le_bytes())
            .map(|[first, second, _, third]| [first, second, third])
            .collect();
        let sieve = Sieve::new(&grams);
        for gap in 0..70 {
            let spaced = grams
                .iter()
                .cycle()
                .take(400)
                .map(|gram| [gram.as_slice(), &vec![0; gap]].concat());
            let bytes = spaced.collect::<Vec<_>>().concat();
            let (passed, missed) = count(&sieve, &grams, &bytes);
            assert_eq!(missed, 0, "{gap} bytes apart");
            assert!(passed >= 400, "{gap} bytes apart");
        }
    }

    #[test]
    fn few_other_places_pass() {
        let grams = [
            *b"$1$", *b"AKI", *b"ghp", *b"E K", *b"://", *b"eyJ", *b"xox", *b"t_a", *b"nT\0",
            *b"PuT",
        ];
        let sieve = Sieve::new(&grams);
        let random: Vec<u8> = (0..1 << 20_u32)
            .map(|number: u32| (number.wrapping_mul(0x9e37_79b1) >> 13) as u8)
            .collect();
        assert!(count(&sieve, &grams, &random).0 < random.len() / 1000);
        assert_eq!(count(&sieve, &grams, &[b' '; 10_000]), (0, 0));
        assert_eq!(count(&sieve, &grams, &[0; 10_000]), (0, 0));
    }

    #[test]
    fn the_processor_does_not_matter() {
        let grams = [
            *b"$1$", *b"AKI", *b"ghp", *b"E K", *b"://", *b"eyJ", *b"xox", *b"t_a", *b"nT\0",
            *b"PuT",
        ];
        let mut sieve = Sieve::new(&grams);
        let bytes: Vec<u8> = (0..20_000_usize)
            .map(|index| b"$1$AKIAghpE K://eyJx"[(index * index / 7 + index / 3) % 20])
            .collect();
        let best = count(&sieve, &grams, &bytes);
        assert!(best.0 > 100);
        for level in lesser(sieve.level) {
            sieve.level = level;
            assert_eq!(count(&sieve, &grams, &bytes), best, "{level:?}");
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn lesser(level: fearless_simd::Level) -> Vec<fearless_simd::Level> {
        let levels = [
            level.as_avx2().map(fearless_simd::Level::Avx2),
            level.as_sse4_2().map(fearless_simd::Level::Sse4_2),
            level.as_sse2().map(fearless_simd::Level::Sse2),
        ];
        levels.into_iter().flatten().collect()
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn lesser(_: fearless_simd::Level) -> Vec<fearless_simd::Level> {
        Vec::new()
    }
}
