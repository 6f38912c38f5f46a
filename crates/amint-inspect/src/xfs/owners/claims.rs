//! The offsets that were asked about, and to what each turned out to belong.

use std::ops::Range;

use crate::region::Region;
use crate::source::Extent;

/// Who claims an offset first has it.
pub(super) struct Claims {
    /// Ascending, with the place of each in what was asked.
    asked: Vec<(u64, usize)>,
    /// Beside `asked`.
    regions: Vec<Option<Region>>,
    /// Beside `asked`: in something of the file system's own, unless somebody claims it.
    in_tables: Vec<bool>,
    open: usize,
}

impl Claims {
    pub(super) fn new(offsets: &[u64]) -> Self {
        let mut asked: Vec<_> = offsets.iter().copied().zip(0..).collect();
        asked.sort_unstable();
        Self {
            regions: vec![None; asked.len()],
            in_tables: vec![false; asked.len()],
            open: asked.len(),
            asked,
        }
    }

    /// Whether any offset is nobody's so far.
    pub(super) fn are_open(&self) -> bool {
        self.open > 0
    }

    fn within(&self, extent: Extent) -> Range<usize> {
        let Range { start, end } = extent.range();
        let first = self.asked.partition_point(|(offset, _)| *offset < start);
        let last = self.asked.partition_point(|(offset, _)| *offset < end);
        first..last.max(first)
    }

    /// What nobody claims in `extent` is the file system's own.
    pub(super) fn default_to_metadata(&mut self, extent: Extent) {
        let within = self.within(extent);
        if let Some(in_tables) = self.in_tables.get_mut(within) {
            in_tables.fill(true);
        }
    }

    /// Gives what is open in `extent` to what `region` says of each offset.
    pub(super) fn claim(&mut self, extent: Extent, region: impl FnMut(u64) -> Region) {
        self.fill(self.within(extent), region);
    }

    /// Gives what is open outside `extent` to `region`.
    pub(super) fn claim_outside(&mut self, extent: Extent, region: &Region) {
        let within = self.within(extent);
        self.fill(0..within.start, |_| region.clone());
        self.fill(within.end..self.asked.len(), |_| region.clone());
    }

    fn fill(&mut self, indices: Range<usize>, mut region: impl FnMut(u64) -> Region) {
        for index in indices {
            if let (Some(known @ None), Some((offset, _))) =
                (self.regions.get_mut(index), self.asked.get(index))
            {
                *known = Some(region(*offset));
                self.open -= 1;
            }
        }
    }

    /// The answers in the order of the questions; what nobody claimed is in use.
    pub(super) fn into_regions(self) -> Vec<Region> {
        let mut answers = vec![Region::InUse; self.asked.len()];
        let known = self.regions.into_iter().zip(self.in_tables);
        for ((_, place), (region, in_tables)) in self.asked.into_iter().zip(known) {
            let region = region.or(in_tables.then_some(Region::Metadata));
            if let (Some(answer), Some(region)) = (answers.get_mut(place), region) {
                *answer = region;
            }
        }
        answers
    }
}

#[cfg(test)]
mod tests {
    use super::{Claims, Extent, Region};

    #[test]
    fn the_first_claim_counts_and_answers_are_in_order() {
        let mut claims = Claims::new(&[30, 5, 20, 20, 99]);
        let extent = |offset, length| Extent { offset, length };
        claims.claim_outside(extent(0, 90), &Region::Unmapped);
        claims.claim(extent(20, 10), |_| Region::Journal);
        assert!(claims.are_open());
        claims.default_to_metadata(extent(0, 90));
        claims.claim(extent(6, 31), |offset| Region::File(offset.to_string()));
        assert!(claims.are_open());
        assert_eq!(
            claims.into_regions(),
            [
                Region::File("30".into()),
                Region::Metadata,
                Region::Journal,
                Region::Journal,
                Region::Unmapped
            ]
        );
    }
}
