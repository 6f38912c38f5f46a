//! What was deleted and is still there: tracers, wherever they lie on the disk.

use std::collections::BTreeMap;

use super::scope;
use amint_inspect::partition::Layout;
use amint_inspect::region::{Region, attribute};
use amint_inspect::search::{Hit, Pattern, Scan};
use amint_inspect::{BlockSource, ReadError};

use crate::finding::{Finding, Location};
use crate::rule::MP_CLEAN_004;
use crate::tracer::{MAGIC, Tracers};

/// Occurrences of one tracer in one kind of region that are listed one by one.
const LISTED: usize = 10;

/// What to search all written blocks for.
pub(super) struct Search {
    patterns: Vec<Pattern>,
    /// Whether the patterns are whole tracers, rather than what all tracers begin with.
    exact: bool,
}

impl Search {
    pub(super) fn of(tracers: &[Vec<u8>]) -> Self {
        if tracers.is_empty() {
            let id = "a tracer of some build".to_owned();
            let patterns = vec![Pattern {
                id,
                bytes: MAGIC.as_bytes().to_vec(),
            }];
            return Self {
                patterns,
                exact: false,
            };
        }
        // Patterns that no `Tracers` made are merely numbered.
        let known = Tracers::places().count() == tracers.len();
        let names = Tracers::places().filter(|_| known).map(str::to_owned);
        let numbered = (1..).map(|number| format!("tracer {number}"));
        let patterns = names
            .chain(numbered)
            .zip(tracers)
            .map(|(id, bytes)| Pattern {
                id,
                bytes: bytes.clone(),
            })
            .collect();
        Self {
            patterns,
            exact: true,
        }
    }

    pub(super) fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// What was searched for, for people.
    pub(super) fn described(&self) -> Vec<String> {
        if self.exact {
            self.patterns
                .iter()
                .map(|pattern| scope::tracer(&pattern.id))
                .collect()
        } else {
            vec!["tracers of any build".to_owned()]
        }
    }

    /// What the scan's hits mean.
    pub(super) fn judge(
        &self,
        source: &dyn BlockSource,
        scan: &Scan,
        layout: Option<&Layout>,
    ) -> Result<Vec<Finding>, ReadError> {
        let mut hits = Vec::new();
        for hit in &scan.hits {
            if self.exact || is_tracer(source, hit)? {
                hits.push(hit);
            }
        }
        let offsets: Vec<u64> = hits.iter().map(|hit| hit.offset).collect();
        let regions = match layout {
            Some(layout) => attribute(source, layout, &offsets)?,
            None => vec![Region::OutsidePartitions; offsets.len()],
        };
        let mut places: BTreeMap<(usize, Region), Vec<u64>> = BTreeMap::new();
        for (hit, region) in hits.into_iter().zip(regions) {
            places
                .entry((hit.pattern, region))
                .or_default()
                .push(hit.offset);
        }
        let mut findings = Vec::new();
        for ((pattern, region), offsets) in places {
            let what = self
                .patterns
                .get(pattern)
                .map_or("a tracer", |pattern| &pattern.id);
            // A file is one place, however often it is in it.
            let listed = match region {
                Region::File(_) => 1,
                _ => LISTED,
            };
            let (listed, others) = offsets.split_at(offsets.len().min(listed));
            for (position, offset) in listed.iter().enumerate() {
                let more = match others.len() {
                    more if more > 0 && position + 1 == listed.len() => {
                        format!(", and {more} times more")
                    }
                    _ => String::new(),
                };
                let (location, place) = match &region {
                    Region::File(path) => (Location::Path(path.clone()), "a file".to_owned()),
                    other => (Location::Offset(*offset), other.to_string()),
                };
                let message = format!("still on the disk: {what} ({place}{more})");
                findings.push(MP_CLEAN_004.violated(location, message));
            }
        }
        if scan.truncated {
            let message = "tracers occur more often than can be listed";
            findings.push(MP_CLEAN_004.violated(Location::Disk, message));
        }
        Ok(findings)
    }
}

/// Whether the random part of a tracer follows, rather than text about tracers.
fn is_tracer(source: &dyn BlockSource, hit: &Hit) -> Result<bool, ReadError> {
    let start = hit.offset.saturating_add(MAGIC.len() as u64);
    let mut random = [0; 32];
    if start.saturating_add(random.len() as u64) > source.size() {
        return Ok(false);
    }
    source.read_at(start, &mut random)?;
    Ok(random.iter().all(u8::is_ascii_hexdigit))
}
