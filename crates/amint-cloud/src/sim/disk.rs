//! A disk in memory that forgets what is discarded.

use std::sync::{Arc, Mutex, PoisonError};

use amint_inspect::scrub::Cleaning;
use amint_inspect::{BlockSource, Extent, ReadError};

/// The grain in which a memory disk knows what was written, in bytes.
const BLOCK: usize = 4096;

/// A disk in memory. Clones of one share their bytes; [`MemoryDisk::fork`] makes one that can be
/// changed on its own, without a copy.
#[derive(Clone, Debug)]
pub struct MemoryDisk {
    bytes: Arc<[u8]>,
    written: Arc<[Extent]>,
    cleaned: Arc<Mutex<Cleaning>>,
}

impl MemoryDisk {
    /// A disk that holds `bytes`; blocks of zeros count as never written.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        let mut written: Vec<Extent> = Vec::new();
        for (index, block) in bytes.chunks(BLOCK).enumerate() {
            if block.iter().all(|byte| *byte == 0) {
                continue;
            }
            let (offset, length) = ((index * BLOCK) as u64, block.len() as u64);
            match written.last_mut() {
                Some(last) if last.range().end == offset => last.length += length,
                _ => written.push(Extent { offset, length }),
            }
        }
        Self {
            bytes,
            written: written.into(),
            cleaned: Arc::default(),
        }
    }

    /// A disk with the same bytes whose cleaning is its own.
    #[must_use]
    pub fn fork(&self) -> Self {
        let cleaned = Arc::new(Mutex::new(self.cleaned()));
        Self {
            bytes: self.bytes.clone(),
            written: self.written.clone(),
            cleaned,
        }
    }

    /// What was discarded, in the order in which it was.
    pub fn discarded(&self) -> Vec<Extent> {
        self.cleaned().free
    }

    fn cleaned(&self) -> Cleaning {
        let cleaned = self.cleaned.lock();
        cleaned.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn clean(&self, cleaning: &Cleaning) {
        let cleaned = self.cleaned.lock();
        let mut cleaned = cleaned.unwrap_or_else(PoisonError::into_inner);
        cleaned.free.extend_from_slice(&cleaning.free);
        cleaned.patches.extend_from_slice(&cleaning.patches);
    }
}

impl BlockSource for MemoryDisk {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn written(&self) -> Result<Vec<Extent>, ReadError> {
        let mut holes = self.cleaned().free;
        holes.sort_unstable();
        let mut left = Vec::new();
        for extent in self.written.iter() {
            let std::ops::Range { mut start, end } = extent.range();
            for hole in holes.iter().map(Extent::range) {
                if hole.end <= start || hole.start >= end {
                    continue;
                }
                if hole.start > start {
                    left.push(Extent {
                        offset: start,
                        length: hole.start - start,
                    });
                }
                start = hole.end.min(end);
            }
            if start < end {
                left.push(Extent {
                    offset: start,
                    length: end - start,
                });
            }
        }
        Ok(left)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        let (length, size) = (buffer.len() as u64, self.size());
        let end = offset.checked_add(length).filter(|end| *end <= size);
        let Some(end) = end else {
            return Err(ReadError::PastEnd {
                offset,
                length,
                size,
            });
        };
        buffer.copy_from_slice(&self.bytes[offset as usize..end as usize]);
        let cleaned = self.cleaned();
        for hole in cleaned.free.iter().map(Extent::range) {
            let (from, to) = (hole.start.max(offset), hole.end.min(end));
            if from < to {
                buffer[(from - offset) as usize..(to - offset) as usize].fill(0);
            }
        }
        for patch in &cleaned.patches {
            for (byte, position) in patch.bytes.iter().zip(patch.offset..) {
                if (offset..end).contains(&position) {
                    buffer[(position - offset) as usize] = *byte;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use amint_inspect::scrub::Patch;

    use super::*;

    #[test]
    fn free_space_becomes_a_hole_and_patches_replace_bytes() {
        let disk = MemoryDisk::new(vec![7_u8; 3 * BLOCK]);
        let fork = disk.fork();
        let cleaning = Cleaning {
            free: vec![Extent {
                offset: 4096,
                length: 4096,
            }],
            patches: vec![Patch {
                offset: 8193,
                bytes: vec![9, 0],
            }],
        };
        fork.clean(&cleaning);

        let written = fork.written().expect("memory can be read");
        assert_eq!(
            written,
            [
                Extent {
                    offset: 0,
                    length: 4096
                },
                Extent {
                    offset: 8192,
                    length: 4096
                }
            ]
        );
        let mut buffer = vec![1; 4101];
        fork.read_at(4095, &mut buffer).expect("inside the disk");
        assert_eq!((buffer[0], buffer[1], buffer[4096]), (7, 0, 0));
        assert_eq!(buffer[4097..], [7, 9, 0, 7]);
        assert_eq!(
            disk.written().expect("memory can be read").len(),
            1,
            "the origin is untouched"
        );
    }

    #[test]
    fn a_read_past_the_end_is_an_error() {
        let disk = MemoryDisk::new(vec![0_u8; 10]);
        let result = disk.read_at(u64::MAX, &mut [0; 2]);
        assert!(
            matches!(result, Err(ReadError::PastEnd { size: 10, .. })),
            "{result:?}"
        );
    }
}
