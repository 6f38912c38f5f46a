//! A raw disk image or a block device, its holes skipped.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, FileTypeExt};
use std::path::{Path, PathBuf};

use rustix::fs::SeekFrom as SparseSeek;
use rustix::io::Errno;

use crate::source::{BlockSource, Extent, ReadError};

/// First bytes of image formats that hold a disk but are not one.
const CONTAINERS: [(&[u8], &str); 4] = [
    (b"QFI\xfb", "qcow2"),
    (b"KDMV", "vmdk"),
    (b"vhdxfile", "vhdx"),
    (b"conectix", "vhd"),
];

/// Why a file cannot serve as a disk.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The operating system refused.
    #[error("cannot open the disk {}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Neither a regular file nor a block device.
    #[error("{} is not a disk: it is neither a regular file nor a block device", path.display())]
    NotADisk {
        /// Which file.
        path: PathBuf,
    },
    /// An image format other than raw.
    #[error("{path} is a {format} image, not a raw disk: convert it with `qemu-img convert -O raw {path} disk.raw`", path = path.display())]
    Container {
        /// Which file.
        path: PathBuf,
        /// The format's name.
        format: &'static str,
    },
}

/// A raw disk in a file or block device, opened for reading.
#[derive(Debug)]
pub struct RawFile {
    file: File,
    size: u64,
}

impl RawFile {
    /// Opens the disk at `path`.
    ///
    /// # Errors
    /// See [`OpenError`]; a named pipe is refused rather than waited for.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let io = |source| OpenError::Io {
            path: path.to_owned(),
            source,
        };
        let kind = std::fs::metadata(path).map_err(io)?.file_type();
        if !kind.is_file() && !kind.is_block_device() {
            return Err(OpenError::NotADisk {
                path: path.to_owned(),
            });
        }
        let mut file = File::open(path).map_err(io)?;
        // A block device has no size in its metadata; its end is its size.
        let size = file.seek(SeekFrom::End(0)).map_err(io)?;
        let mut head = [0; 8];
        if size >= head.len() as u64 {
            file.read_exact_at(&mut head, 0).map_err(io)?;
        }
        if let Some((_, format)) = CONTAINERS.iter().find(|(magic, _)| head.starts_with(magic)) {
            return Err(OpenError::Container {
                path: path.to_owned(),
                format,
            });
        }
        Ok(Self { file, size })
    }

    /// The next offset at or after `position` of the kind that `seek` asks for; `None` past the last data.
    fn find(&self, seek: SparseSeek, position: u64) -> Result<Option<u64>, ReadError> {
        match rustix::fs::seek(&self.file, seek) {
            Ok(offset) => Ok(Some(offset)),
            Err(Errno::NXIO) => Ok(None),
            Err(errno) => Err(ReadError::Io {
                offset: position,
                source: errno.into(),
            }),
        }
    }
}

impl BlockSource for RawFile {
    fn size(&self) -> u64 {
        self.size
    }

    fn written(&self) -> Result<Vec<Extent>, ReadError> {
        let mut extents = Vec::new();
        let mut position = 0;
        while position < self.size {
            let start = match self.find(SparseSeek::Data(position), position) {
                Ok(Some(start)) => start,
                Ok(None) => break,
                // The file system below knows no holes: everything counts as written.
                Err(ReadError::Io { ref source, .. })
                    if source.raw_os_error() == Some(Errno::INVAL.raw_os_error()) =>
                {
                    extents.push(Extent {
                        offset: position,
                        length: self.size - position,
                    });
                    break;
                }
                Err(error) => return Err(error),
            };
            let end = self
                .find(SparseSeek::Hole(start), start)?
                .unwrap_or(self.size);
            // A file that shrinks meanwhile must not make this loop stand still.
            let (start, end) = (start.max(position).min(self.size), end.min(self.size));
            if end <= start {
                break;
            }
            extents.push(Extent {
                offset: start,
                length: end - start,
            });
            position = end;
        }
        Ok(extents)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        let length = buffer.len() as u64;
        if offset.checked_add(length).is_none_or(|end| end > self.size) {
            return Err(ReadError::PastEnd {
                offset,
                length,
                size: self.size,
            });
        }
        self.file
            .read_exact_at(buffer, offset)
            .map_err(|source| ReadError::Io { offset, source })
    }
}
