//! A part of a disk that is read as if it were a disk.

use crate::source::{BlockSource, Extent, ReadError};

/// The bytes of one extent of `source`, offsets counted from the extent's start.
#[derive(Clone, Copy)]
pub struct Window<'a> {
    source: &'a dyn BlockSource,
    extent: Extent,
}

impl<'a> Window<'a> {
    /// Looks at `extent` of `source`.
    ///
    /// # Errors
    /// [`ReadError::PastEnd`] when the extent reaches past the end of the disk.
    pub fn new(source: &'a dyn BlockSource, extent: Extent) -> Result<Self, ReadError> {
        let size = source.size();
        match extent.offset.checked_add(extent.length) {
            Some(end) if end <= size => Ok(Self { source, extent }),
            _ => Err(ReadError::PastEnd {
                offset: extent.offset,
                length: extent.length,
                size,
            }),
        }
    }

    /// Where the window lies on the disk.
    pub fn extent(&self) -> Extent {
        self.extent
    }
}

impl BlockSource for Window<'_> {
    fn size(&self) -> u64 {
        self.extent.length
    }

    fn written(&self) -> Result<Vec<Extent>, ReadError> {
        let window = self.extent.range();
        let clipped = self.source.written()?.into_iter().filter_map(|extent| {
            let start = extent.offset.max(window.start);
            let end = extent.range().end.min(window.end);
            (start < end).then(|| Extent {
                offset: start - window.start,
                length: end - start,
            })
        });
        Ok(clipped.collect())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        let length = buffer.len() as u64;
        if offset
            .checked_add(length)
            .is_none_or(|end| end > self.extent.length)
        {
            return Err(ReadError::PastEnd {
                offset,
                length,
                size: self.extent.length,
            });
        }
        // Cannot overflow: the window was checked against the disk's size.
        self.source.read_at(self.extent.offset + offset, buffer)
    }
}
