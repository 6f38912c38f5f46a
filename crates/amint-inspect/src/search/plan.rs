//! Cuts what was written into units of work.

use std::ops::Range;

use super::secret::SECTOR;
use crate::source::Extent;

/// The most bytes that one unit's matches can start in: one block of the digest, and little enough to stay
/// in a core's cache between reading and searching.
pub(super) const UNIT: u64 = 512 * 1024;
/// Written extents closer than this are read as one.
const MAX_GAP: u64 = 64 * 1024;

/// How far around its share a unit is read, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Margins {
    /// The longest pattern's length less one.
    pub(super) overlap: u64,
    /// What has to be seen before and after the place where a secret is recognised.
    pub(super) before: u64,
    pub(super) after: u64,
}

/// One read: matches that start in `lead..end` are this unit's, and `start..end` is its share of the digest.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Unit {
    /// Where reading begins: at a border of sectors.
    pub(super) from: u64,
    /// Before `start` where a hole precedes, for patterns that begin with zeros.
    pub(super) lead: u64,
    pub(super) start: u64,
    pub(super) end: u64,
    /// The places where secrets are recognised that are this unit's. They lie behind its share, so that what has to be
    /// seen before them was read, and no block is asked for twice but the next one.
    pub(super) places: Range<u64>,
    /// Where reading ends: far enough after `end` for a match that starts just before it.
    pub(super) tail: u64,
}

/// The units that cover `written`, ascending. Every border is a multiple of `align` but for the disk's end.
pub(super) fn units(written: &[Extent], size: u64, align: u64, margins: Margins) -> Vec<Unit> {
    let mut units = Vec::new();
    for (first, end) in segments(written, size, align) {
        let mut start = first;
        while start < end {
            let next = ((start / UNIT + 1) * UNIT).min(end);
            let is_first = start == first;
            let back = |margin| {
                if is_first {
                    start.saturating_sub(margin)
                } else {
                    start
                }
            };
            let (before, after) = (margins.before, margins.before.saturating_add(margins.after));
            units.push(Unit {
                from: back(margins.overlap.max(before)) / SECTOR * SECTOR,
                lead: back(margins.overlap),
                start,
                end: next,
                places: if is_first {
                    start
                } else {
                    start.saturating_add(before)
                }..next.saturating_add(before).min(size),
                tail: next.saturating_add(margins.overlap.max(after)).min(size),
            });
            start = next;
        }
    }
    units
}

/// Written extents widened to `align` and joined across small gaps.
fn segments(written: &[Extent], size: u64, align: u64) -> Vec<(u64, u64)> {
    let mut segments: Vec<(u64, u64)> = Vec::new();
    for extent in written {
        let start = extent.offset / align * align;
        let end = extent
            .range()
            .end
            .checked_next_multiple_of(align)
            .unwrap_or(size)
            .min(size);
        match segments.last_mut() {
            Some((_, last)) if start <= last.saturating_add(MAX_GAP) => *last = end.max(*last),
            _ => segments.push((start, end)),
        }
    }
    segments.retain(|(start, end)| start < end);
    segments
}

#[cfg(test)]
mod tests {
    use super::{Extent, Margins, SECTOR, UNIT, Unit, units};

    fn overlap(overlap: u64) -> Margins {
        Margins {
            overlap,
            ..Margins::default()
        }
    }

    #[test]
    fn units_end_at_borders_and_read_into_each_other() {
        let written = [Extent {
            offset: UNIT - 4096,
            length: 8192,
        }];
        assert_eq!(
            units(&written, 10 * UNIT, 4096, overlap(31)),
            [
                Unit {
                    from: UNIT - 4096 - SECTOR,
                    lead: UNIT - 4096 - 31,
                    start: UNIT - 4096,
                    end: UNIT,
                    places: UNIT - 4096..UNIT,
                    tail: UNIT + 31
                },
                Unit {
                    from: UNIT,
                    lead: UNIT,
                    start: UNIT,
                    end: UNIT + 4096,
                    places: UNIT..UNIT + 4096,
                    tail: UNIT + 4096 + 31
                },
            ]
        );
    }

    #[test]
    fn surroundings_are_read_too() {
        let written = [Extent {
            offset: 3 * UNIT,
            length: UNIT + 4096,
        }];
        let margins = Margins {
            overlap: 31,
            before: 256,
            after: 4096,
        };
        assert_eq!(
            units(&written, 10 * UNIT, 4096, margins),
            [
                Unit {
                    from: 3 * UNIT - SECTOR,
                    lead: 3 * UNIT - 31,
                    start: 3 * UNIT,
                    end: 4 * UNIT,
                    places: 3 * UNIT..4 * UNIT + 256,
                    tail: 4 * UNIT + 256 + 4096,
                },
                Unit {
                    from: 4 * UNIT,
                    lead: 4 * UNIT,
                    start: 4 * UNIT,
                    end: 4 * UNIT + 4096,
                    places: 4 * UNIT + 256..4 * UNIT + 4096 + 256,
                    tail: 4 * UNIT + 4096 + 256 + 4096,
                },
            ]
        );
    }

    #[test]
    fn small_gaps_are_read_and_large_ones_are_not() {
        let at = |offset| Extent {
            offset,
            length: 4096,
        };
        assert_eq!(units(&[at(0), at(8192)], UNIT, 4096, overlap(0)).len(), 1);
        assert_eq!(
            units(&[at(0), at(UNIT / 2)], UNIT, 4096, overlap(0)).len(),
            2
        );
    }

    #[test]
    fn nothing_is_read_past_the_end() {
        let written = [
            Extent {
                offset: 0,
                length: 5000,
            },
            Extent {
                offset: u64::MAX - 10,
                length: u64::MAX,
            },
        ];
        assert_eq!(
            units(&written, 5000, 4096, overlap(100)),
            [Unit {
                from: 0,
                lead: 0,
                start: 0,
                end: 5000,
                places: 0..5000,
                tail: 5000
            }]
        );
    }
}
