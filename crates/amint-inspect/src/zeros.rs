//! Whether a part of a disk holds anything at all.

use crate::source::{BlockSource, Extent, ReadError};

/// How much is looked at in one go, in bytes.
const CHUNK: usize = 256 << 10;

/// The first byte in `extent` of `source` that is not zero, as an offset from the start of the disk. Only what was
/// ever written is read.
///
/// # Errors
/// When the disk cannot be read there.
pub fn first_nonzero(source: &dyn BlockSource, extent: Extent) -> Result<Option<u64>, ReadError> {
    let mut buffer = vec![0; CHUNK];
    for written in source.written()? {
        let mut position = written.offset.max(extent.offset);
        let end = written.range().end.min(extent.range().end);
        while position < end {
            let length = (end - position).min(CHUNK as u64) as usize;
            let Some(part) = buffer.get_mut(..length) else {
                break;
            };
            source.read_at(position, part)?;
            if let Some(index) = part.iter().position(|byte| *byte != 0) {
                return Ok(Some(position + index as u64));
            }
            position += length as u64;
        }
    }
    Ok(None)
}
