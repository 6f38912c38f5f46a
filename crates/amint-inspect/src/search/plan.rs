//! Cuts what was written into units of work.

use crate::source::Extent;

/// The most bytes that one unit's matches can start in: one block of the digest, and little enough to stay
/// in a core's cache between reading and searching.
pub(super) const UNIT: u64 = 512 * 1024;
/// Written extents closer than this are read as one.
const MAX_GAP: u64 = 64 * 1024;

/// One read: matches that start in `lead..end` are this unit's, and `start..end` is its share of the digest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Unit {
    /// Where reading begins: before `start` where a hole precedes, for patterns that begin with zeros.
    pub(super) lead: u64,
    pub(super) start: u64,
    pub(super) end: u64,
    /// Where reading ends: far enough after `end` for a match that starts just before it.
    pub(super) tail: u64,
}

/// The units that cover `written`, ascending. `overlap` is the longest pattern's length less one; every
/// border is a multiple of `align` but for the disk's end.
pub(super) fn units(written: &[Extent], size: u64, align: u64, overlap: u64) -> Vec<Unit> {
    let mut units = Vec::new();
    for (first, end) in segments(written, size, align) {
        let mut start = first;
        while start < end {
            let next = ((start / UNIT + 1) * UNIT).min(end);
            let lead = if start == first {
                start.saturating_sub(overlap)
            } else {
                start
            };
            units.push(Unit {
                lead,
                start,
                end: next,
                tail: next.saturating_add(overlap).min(size),
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
    use super::{Extent, UNIT, Unit, units};

    #[test]
    fn units_end_at_borders_and_read_into_each_other() {
        let written = [Extent {
            offset: UNIT - 4096,
            length: 8192,
        }];
        assert_eq!(
            units(&written, 10 * UNIT, 4096, 31),
            [
                Unit {
                    lead: UNIT - 4096 - 31,
                    start: UNIT - 4096,
                    end: UNIT,
                    tail: UNIT + 31
                },
                Unit {
                    lead: UNIT,
                    start: UNIT,
                    end: UNIT + 4096,
                    tail: UNIT + 4096 + 31
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
        assert_eq!(units(&[at(0), at(8192)], UNIT, 4096, 0).len(), 1);
        assert_eq!(units(&[at(0), at(UNIT / 2)], UNIT, 4096, 0).len(), 2);
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
            units(&written, 5000, 4096, 100),
            [Unit {
                lead: 0,
                start: 0,
                end: 5000,
                tail: 5000
            }]
        );
    }
}
