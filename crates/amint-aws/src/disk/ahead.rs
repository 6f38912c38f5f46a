//! What will be asked for next, guessed from what was.

use std::ops::Range;

/// Blocks that are fetched at once, at most.
pub(super) const MOST: usize = 16;
/// Several threads read in almost the right order.
const SLACK: usize = MOST;

/// Where the readers are, counted in written blocks. A search reads them all in order; looking at files does not.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    next: usize,
    window: usize,
}

impl Ahead {
    /// What to fetch now that block `wanted` is asked for: itself, and up to `most` in all. The further the readers went
    /// on in order, the more.
    pub(super) fn plan(&mut self, wanted: usize, most: usize) -> Range<usize> {
        let near = wanted + SLACK >= self.next && wanted <= self.next + SLACK;
        if near && wanted < self.next {
            return wanted..wanted + 1;
        }
        self.window = match near {
            true => (self.window * 2).clamp(1, MOST),
            false => 1,
        };
        self.next = wanted + 1;
        wanted..wanted + self.window.min(most.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_looks_further_ahead_the_longer_reads_come_in_order() {
        let mut ahead = Ahead::default();
        let lengths: Vec<usize> = (0..6).map(|block| ahead.plan(block, 99).len()).collect();
        assert_eq!(lengths, [1, 2, 4, 8, 16, 16]);
        // A thread that trails asks for what is on its way already.
        assert_eq!(ahead.plan(3, 99), 3..4);
        assert_eq!(ahead.plan(8, 99), 8..24);
        // The others get their share.
        assert_eq!(ahead.plan(9, 2), 9..11);
    }

    #[test]
    fn a_read_elsewhere_fetches_nothing_else() {
        let mut ahead = Ahead::default();
        for block in 0..5 {
            ahead.plan(block, 99);
        }
        assert_eq!(ahead.plan(500, 99), 500..501);
        assert_eq!(ahead.plan(3, 99), 3..4);
    }
}
