//! What cleans a disk from outside: free space that becomes zeros, and bytes that replace what was removed in blocks
//! that are still in use.

use std::ops::ControlFlow;

use crate::map::FreeMap;
use crate::partition;
use crate::slack;
pub use crate::slack::Patch;
use crate::source::{BlockSource, Extent, ReadError};

/// The most that is replaced on one disk, in bytes: patches are held in memory. A disk whose every directory had seen
/// removals has a tenth of this.
const MAX_PATCHED: usize = 256 << 20;

/// What is to be done to a disk.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Cleaning {
    /// Free space that was written once: it is to read as zeros. Ascending.
    pub free: Vec<Extent>,
    /// What is to be replaced; none of it is free space.
    pub patches: Vec<Patch>,
}

impl Cleaning {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.free.is_empty() && self.patches.is_empty()
    }

    /// Bytes of free space.
    pub fn free_bytes(&self) -> u64 {
        self.free.iter().map(|extent| extent.length).sum()
    }
}

/// What a disk needs.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// What is to be done.
    pub cleaning: Cleaning,
    /// Why some of the disk is to be left as it is; an inspection has the last word on it.
    pub left: Vec<String>,
}

/// Finds out what the disk needs. Nothing is to be done to a partition that can't be read, or that was not cleanly
/// unmounted: its map may be older than its files.
///
/// # Errors
/// When the disk's bytes can't be had; never because of what they are.
pub fn survey(source: &dyn BlockSource) -> Result<Survey, ReadError> {
    let mut survey = Survey::default();
    let layout = match partition::read(source) {
        Ok(layout) => layout,
        Err(partition::PartitionError::Read(error)) => return Err(error),
        Err(error) => {
            survey.left.push(error.to_string());
            return Ok(survey);
        }
    };
    let mut free = layout.unused();
    for partition in &layout.partitions {
        let number = partition.number;
        match FreeMap::read(source, partition.extent) {
            Ok(None) => survey
                .left
                .push(format!("partition {number}: no file system that is known")),
            Ok(Some(map)) if map.clean => {
                free.extend(map.scrubbable());
                if let Err(reason) = patch(source, partition.extent, &mut survey.cleaning.patches) {
                    survey.left.push(format!("partition {number}: {reason}"));
                }
            }
            Ok(Some(_)) => survey
                .left
                .push(format!("partition {number} was not cleanly unmounted")),
            Err(error) => survey.left.push(format!("partition {number}: {error}")),
        }
    }
    survey.cleaning.free = dirty(source, free)?;
    Ok(survey)
}

/// Adds the partition's patches: all of them, or none and the reason.
fn patch(
    source: &dyn BlockSource,
    partition: Extent,
    patches: &mut Vec<Patch>,
) -> Result<(), String> {
    let before = patches.len();
    let mut bytes: usize = patches.iter().map(|patch| patch.bytes.len()).sum();
    let surveyed = slack::survey(source, partition, &mut |patch| {
        bytes = bytes.saturating_add(patch.bytes.len());
        patches.push(patch);
        match bytes > MAX_PATCHED {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    });
    let reason = match surveyed {
        Ok(_) if bytes > MAX_PATCHED => {
            format!("more than {MAX_PATCHED} bytes are left of what was removed")
        }
        Ok(_) => return Ok(()),
        Err(error) => error.to_string(),
    };
    patches.truncate(before);
    Err(reason)
}

/// The parts of `free` that were ever written: the others are holes already.
fn dirty(source: &dyn BlockSource, mut free: Vec<Extent>) -> Result<Vec<Extent>, ReadError> {
    free.sort_unstable();
    let written = source.written()?;
    let mut dirty = Vec::new();
    let mut candidates = written.iter().peekable();
    for extent in free {
        while candidates
            .next_if(|one| one.range().end <= extent.offset)
            .is_some()
        {}
        // The last of the overlapping ones may reach into the next free extent: it is kept.
        for one in candidates
            .clone()
            .take_while(|one| one.offset < extent.range().end)
        {
            let start = one.offset.max(extent.offset);
            let end = one.range().end.min(extent.range().end);
            dirty.push(Extent {
                offset: start,
                length: end - start,
            });
        }
    }
    Ok(dirty)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Written(Vec<Extent>);

    impl BlockSource for Written {
        fn size(&self) -> u64 {
            1000
        }
        fn written(&self) -> Result<Vec<Extent>, ReadError> {
            Ok(self.0.clone())
        }
        fn read_at(&self, _offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
            buffer.fill(0);
            Ok(())
        }
    }

    fn extents(ranges: &[(u64, u64)]) -> Vec<Extent> {
        ranges
            .iter()
            .map(|(start, end)| Extent {
                offset: *start,
                length: end - start,
            })
            .collect()
    }

    #[test]
    fn only_what_is_free_and_was_written_is_dirty() {
        let source = Written(extents(&[(0, 100), (200, 300), (400, 500)]));
        let free = extents(&[(250, 260), (50, 220), (270, 450), (490, 1000)]);
        let expected = extents(&[
            (50, 100),
            (200, 220),
            (250, 260),
            (270, 300),
            (400, 450),
            (490, 500),
        ]);
        assert_eq!(dirty(&source, free).expect("readable"), expected);
    }

    #[test]
    fn a_disk_without_a_known_layout_is_left_alone() {
        let survey = survey(&Written(extents(&[(0, 1000)]))).expect("readable");
        assert!(survey.cleaning.is_empty(), "{survey:?}");
    }
}
