//! Runs of visible characters, which every secret has, at a fraction of the cost of looking at every byte.
//!
//! Every run of 20 bytes holds 8 bytes that begin at a multiple of 13. Where none of those that lie in 832 bytes are
//! all visible, as in most of what programs and compressed files consist of, these bytes hold no run. Elsewhere, 64
//! bytes become 64 bits. Eight bytes are looked at as one number, and few branches depend on what they are.

use std::ops::Range;

/// The length of the shortest run, which is that of the shortest secret.
pub(super) const MIN_RUN: usize = 20;
const WORD: usize = 8;
const STRIDE: usize = MIN_RUN - WORD + 1;
const BLOCK: usize = 64;
const CHUNK: usize = BLOCK * STRIDE;

/// The lowest and the highest bit of every byte.
const LOW: u64 = u64::from_le_bytes([0x01; 8]);
const HIGH: u64 = LOW << 7;
/// The first visible byte is `$`: secrets do without spaces, quotation marks, `!` and `#`. The last is 0x7f.
const FIRST: u64 = b'$' as u64;

/// Calls `visit` with every run of at least [`MIN_RUN`] visible characters in `haystack`, by their ends, each whole.
pub(super) fn runs(haystack: &[u8], mut visit: impl FnMut(Range<usize>)) {
    // How many visible bytes end where the next chunk starts, if that is known.
    let mut open = Some(0);
    for (chunk, start) in haystack.chunks(CHUNK).zip((0..).step_by(CHUNK)) {
        if open.is_none_or(|open| open == 0) && !may_hold_run(chunk) {
            open = None;
            continue;
        }
        let mut length = open.unwrap_or_else(|| visible_before(haystack, start));
        for (block, start) in chunk.chunks(BLOCK).zip((start..).step_by(BLOCK)) {
            length = runs_in_block(mask(block), length, start, &mut visit);
        }
        open = Some(length);
    }
    if let Some(length @ MIN_RUN..) = open {
        visit(haystack.len() - length..haystack.len());
    }
}

/// Visits the runs that end in the block at `start`, `open` being the length of what reaches up to it. Returns the
/// length of what reaches up to its end.
fn runs_in_block(
    mut mask: u64,
    open: usize,
    start: usize,
    visit: &mut impl FnMut(Range<usize>),
) -> usize {
    let first = mask.trailing_ones() as usize;
    if first == BLOCK {
        return open + BLOCK;
    }
    if open + first >= MIN_RUN {
        visit(start - open..start + first);
    }
    // What remains are runs that start in this block, and end in it or at its end.
    mask &= !0 << first;
    let last = mask.leading_ones() as usize;
    let four = {
        let two = mask & mask >> 1;
        two & two >> 2
    };
    let eight = four & four >> 4;
    // A bit for every place where MIN_RUN bits start.
    if eight & eight >> 8 & four >> 16 != 0 {
        mask &= !0 >> last;
        let mut at = 0;
        while mask != 0 {
            let skipped = mask.trailing_zeros() as usize;
            let length = (mask >> skipped).trailing_ones() as usize;
            at += skipped;
            if length >= MIN_RUN {
                visit(start + at..start + at + length);
            }
            at += length;
            // Not the whole block: its first run was taken away.
            mask = mask >> skipped >> length;
        }
    }
    last
}

/// Whether a sample is all visible. The last chunk, which may be shorter, is not worth sampling.
fn may_hold_run(chunk: &[u8]) -> bool {
    let Ok(chunk) = <&[u8; CHUNK]>::try_from(chunk) else {
        return true;
    };
    let samples = chunk
        .chunks_exact(STRIDE)
        .filter_map(|sample| sample.first_chunk());
    samples.fold(false, |any, sample| {
        let word = u64::from_le_bytes(*sample);
        // The addition carries into the next byte only if this one is above 0x7f, and the word is not visible anyway.
        any | (word.wrapping_add(LOW * (0x80 - FIRST)) & !word & HIGH == HIGH)
    })
}

/// A bit for every byte, from the lowest on: whether it is visible. There are none after the end.
fn mask(block: &[u8]) -> u64 {
    let Ok(block) = <&[u8; BLOCK]>::try_from(block) else {
        let mut padded = [0; BLOCK];
        padded
            .iter_mut()
            .zip(block)
            .for_each(|(to, byte)| *to = *byte);
        return mask(&padded);
    };
    let words = block
        .chunks_exact(WORD)
        .filter_map(|word| word.first_chunk());
    // Bit `word` of byte `byte` is about byte `byte` of word `word`.
    let bits = words.zip(0..).fold(0, |bits, (word, index)| {
        bits | visible(u64::from_le_bytes(*word)) >> (WORD - 1 - index)
    });
    transposed(bits)
}

/// Bit x of byte y becomes bit y of byte x: single bits, then squares of two and of four change places.
fn transposed(bits: u64) -> u64 {
    const STEPS: [(u32, u64); 3] = [
        (7, 0x00aa_00aa_00aa_00aa),
        (14, 0x0000_cccc_0000_cccc),
        (28, 0x0000_0000_f0f0_f0f0),
    ];
    STEPS.iter().fold(bits, |bits, (distance, which)| {
        let swapped = (bits ^ bits >> distance) & which;
        bits ^ swapped ^ swapped << distance
    })
}

/// The highest bit of every byte that is visible.
fn visible(word: u64) -> u64 {
    ((word & !HIGH) + LOW * (0x80 - FIRST)) & !word & HIGH
}

/// How many visible bytes end at `position`, if they are too few for a run: more were found by a sample.
fn visible_before(haystack: &[u8], position: usize) -> usize {
    let before = haystack
        .get(position.saturating_sub(MIN_RUN)..position)
        .unwrap_or_default();
    let is_visible = |byte: &&u8| (b'$'..0x80).contains(*byte);
    before.iter().rev().take_while(is_visible).count()
}

#[cfg(test)]
mod tests {
    use super::{MIN_RUN, runs};

    /// The same, found the slow way.
    fn plain(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
        let mut found = Vec::new();
        let mut start = 0;
        for end in 0..=bytes.len() {
            if bytes
                .get(end)
                .is_none_or(|byte| !(b'$'..0x80).contains(byte))
            {
                if end - start >= MIN_RUN {
                    found.push(start..end);
                }
                start = end + 1;
            }
        }
        found
    }

    #[test]
    fn every_run_is_found_whole() {
        let invisible = [0, b' ', b'#', 0x80, 0xff];
        for length in 0..60 {
            for at in 0..900 {
                let mut bytes: Vec<u8> =
                    (0..1000).map(|index| invisible[(index + at) % 5]).collect();
                for (index, byte) in bytes.iter_mut().skip(at).take(length).enumerate() {
                    *byte = b"$z\x7fAb"[index % 5];
                }
                let mut found = Vec::new();
                runs(&bytes, |run| found.push(run));
                assert_eq!(found, plain(&bytes), "{length} bytes at {at}");
            }
        }
    }

    #[test]
    fn runs_of_any_length_and_at_the_end() {
        let text: Vec<u8> = (0..20_000_usize)
            .map(|index| {
                if index % (1 + index / 97) == 0 {
                    b' '
                } else {
                    b'x'
                }
            })
            .collect();
        for end in [0, 7, 19, 20, 415, 416, 417, 5000, 20_000] {
            let mut found = Vec::new();
            runs(&text[..end], |run| found.push(run));
            assert_eq!(found, plain(&text[..end]));
        }
    }
}
