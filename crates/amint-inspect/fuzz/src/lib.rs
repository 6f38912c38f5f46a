//! A disk made of a fuzzer's bytes.

use amint_inspect::{BlockSource, Extent, ReadError};

/// The fuzzer's bytes, and zeros after them up to `size`: a small input can be a large disk.
pub struct Disk<'a> {
    bytes: &'a [u8],
    size: u64,
}

impl<'a> Disk<'a> {
    /// Takes the disk's size in KiB from the first two bytes.
    pub fn new(input: &'a [u8]) -> Self {
        let (head, bytes) = input.split_at(input.len().min(2));
        let kib = head.iter().fold(0, |size, byte| size << 8 | u64::from(*byte));
        Self { bytes, size: (kib * 1024).max(bytes.len() as u64) }
    }

    /// All of it.
    pub fn whole(&self) -> Extent {
        Extent { offset: 0, length: self.size }
    }
}

impl BlockSource for Disk<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    fn written(&self) -> Result<Vec<Extent>, ReadError> {
        Ok(vec![self.whole()])
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        let (length, size) = (buffer.len() as u64, self.size);
        if offset.checked_add(length).is_none_or(|end| end > size) {
            return Err(ReadError::PastEnd { offset, length, size });
        }
        buffer.fill(0);
        if let Some(rest) = self.bytes.get(offset as usize..) {
            let length = rest.len().min(buffer.len());
            buffer[..length].copy_from_slice(&rest[..length]);
        }
        Ok(())
    }
}
