//! A raw disk image or a block device, its holes skipped.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, FileTypeExt};
use std::path::{Path, PathBuf};

use rustix::fs::SeekFrom as SparseSeek;
use rustix::io::Errno;

use crate::qcow2::{self, Qcow2Error};
use crate::source::{BlockSource, Extent, ReadError};

/// Image formats that hold a disk but are not one: their magic and where it is.
const CONTAINERS: [(u64, &[u8], &str); 9] = [
    (0, qcow2::MAGIC, "qcow2"),
    (0, b"KDMV", "vmdk"),
    (0, b"COWD", "vmdk"),
    (0, b"# Disk DescriptorFile", "vmdk"),
    (0, b"vhdxfile", "vhdx"),
    (0, VHD, "vhd"),
    (64, b"\x7f\x10\xda\xbe", "vdi"),
    (0, b"QED\0", "qed"),
    (0, b"WithoutFreeSpace", "parallels"),
];
/// A VHD of fixed size has this only in its last sector.
const VHD: &[u8] = b"conectix";
const FOOTER: u64 = 512;
/// As much of a file's beginning as tells a disk from what has a reader of its own.
const HEAD: usize = 8;

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
    /// A qcow2 image that cannot be read.
    #[error("cannot open the qcow2 image {}", path.display())]
    Qcow2 {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: Qcow2Error,
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
        let (file, _) = open_file(path)?;
        Self::checked(file, path)
    }

    /// The disk in `file`, found at `path`, unless it is of another format.
    pub(crate) fn checked(file: File, path: &Path) -> Result<Self, OpenError> {
        let io = |source| OpenError::Io {
            path: path.to_owned(),
            source,
        };
        let disk = Self::of(file).map_err(io)?;
        let begins = |offset: u64, magic: &[u8]| {
            let mut found = vec![0; magic.len()];
            if offset.saturating_add(magic.len() as u64) > disk.size {
                return Ok(false);
            }
            disk.file.read_exact_at(&mut found, offset)?;
            Ok(found == magic)
        };
        let mut format = None;
        for (offset, magic, name) in CONTAINERS {
            if begins(offset, magic).map_err(io)? {
                format = format.or(Some(name));
            }
        }
        if let Some(footer) = disk.size.checked_sub(FOOTER)
            && begins(footer, VHD).map_err(io)?
        {
            format = format.or(Some("vhd"));
        }
        match format {
            None => Ok(disk),
            Some(format) => Err(OpenError::Container {
                path: path.to_owned(),
                format,
            }),
        }
    }

    /// The disk in `file`, which is known to be a raw one.
    pub(crate) fn of(mut file: File) -> io::Result<Self> {
        // A block device has no size in its metadata; its end is its size.
        let size = file.seek(SeekFrom::End(0))?;
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

/// Opens a file or block device, and reads how it begins.
pub(crate) fn open_file(path: &Path) -> Result<(File, Vec<u8>), OpenError> {
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
    let file = File::open(path).map_err(io)?;
    let mut head = Vec::with_capacity(HEAD);
    let mut start = (&file).take(HEAD as u64);
    start.read_to_end(&mut head).map_err(io)?;
    Ok((file, head))
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
