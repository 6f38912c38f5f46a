//! A path to a disk, whatever it is kept in.

use std::path::Path;

use crate::qcow2::{self, Qcow2Image};
use crate::raw::{OpenError, RawFile, open_file};
use crate::source::BlockSource;

/// Opens the disk at `path`: a raw file, a block device, or a qcow2 image (see [`Qcow2Image`]).
///
/// # Errors
/// See [`OpenError`]. Other formats are refused by name.
pub fn open(path: impl AsRef<Path>) -> Result<Box<dyn BlockSource>, OpenError> {
    let path = path.as_ref();
    let (file, head) = open_file(path)?;
    if head.starts_with(qcow2::MAGIC) {
        let image = Qcow2Image::open(&file, path).map_err(|source| OpenError::Qcow2 {
            path: path.to_owned(),
            source,
        })?;
        return Ok(Box::new(image));
    }
    Ok(Box::new(RawFile::checked(file, path)?))
}
