//! qcow2 images, by way of `qemu-img`: no library that reads them completely is kept up.
//!
//! What such a file may name outside itself is refused before any program looks at it: an image from elsewhere must
//! not make us read other files of this machine.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::bytes::{u32_be, u64_be};
use crate::raw::RawFile;
use crate::source::{BlockSource, Extent, ReadError};

/// How such a file begins.
pub(crate) const MAGIC: &[u8] = b"QFI\xfb";
/// Header fields that count, in version 3.
const HEADER: usize = 80;
const PROGRAM: &str = "qemu-img";
/// As long as a line of output may be in an error.
const MAX_REASON: usize = 500;

/// Bits of features that a reader must know.
const CORRUPT: u64 = 2;
const EXTERNAL_DATA: u64 = 4;

/// Why a qcow2 image cannot serve as a disk.
#[derive(Debug, thiserror::Error)]
pub enum Qcow2Error {
    /// The file itself cannot be read.
    #[error("cannot read its header")]
    Header(#[source] io::Error),
    /// Not a version that exists today.
    #[error("it has version {0} of the format, and only 2 and 3 are read")]
    Version(u32),
    /// Parts of the disk are in another file.
    #[error(
        "it needs {0}: make one whole image of it with `qemu-img convert -O qcow2 IMAGE whole.qcow2`"
    )]
    NotWhole(&'static str),
    /// Its clusters are encrypted.
    #[error("it is encrypted")]
    Encrypted,
    /// QEMU found it damaged before.
    #[error("it is marked as corrupt: see `qemu-img check`")]
    Corrupt,
    /// The program that reads it is not there.
    #[error(
        "the program {PROGRAM} is missing, which reads it: install qemu-utils (Debian, Ubuntu) or qemu-img (RHEL)"
    )]
    NoProgram,
    /// There is no place for the disk.
    #[error("cannot make a temporary file for it; TMPDIR may name a folder with room")]
    Room(#[source] io::Error),
    /// The program could not read it, or there was no room.
    #[error("{PROGRAM} cannot read it: {0}")]
    Refused(String),
}

/// The disk that a qcow2 file holds.
#[derive(Debug)]
pub struct Qcow2Image {
    /// A sparse copy that has no name any more; it is gone with this.
    disk: RawFile,
    snapshots: u32,
}

impl Qcow2Image {
    /// Opens the image in `file`, which was found at `path`. Its disk is laid down in a temporary file, sparse and
    /// without a name: in `$TMPDIR`, else beside the image, else where temporary files are.
    ///
    /// # Errors
    /// See [`Qcow2Error`].
    pub fn open(file: &File, path: &Path) -> Result<Self, Qcow2Error> {
        let header = Header::read(file)?;
        let disk = temporary(path).map_err(Qcow2Error::Room)?;
        disk.set_len(header.size).map_err(Qcow2Error::Room)?;
        convert(file, &disk)?;
        Ok(Self {
            disk: RawFile::of(disk).map_err(Qcow2Error::Room)?,
            snapshots: header.snapshots,
        })
    }
}

struct Header {
    size: u64,
    snapshots: u32,
}

impl Header {
    fn read(file: &File) -> Result<Self, Qcow2Error> {
        let mut bytes = [0; HEADER];
        // The last fields came with version 3; a file that ends before them has none of what they say.
        let length = file.read_at(&mut bytes, 0).map_err(Qcow2Error::Header)?;
        let version = u32_be(&bytes, 4);
        let features = match version {
            2 => 0,
            3 if length == HEADER => u64_be(&bytes, 72),
            _ => return Err(Qcow2Error::Version(version)),
        };
        if u64_be(&bytes, 8) != 0 {
            return Err(Qcow2Error::NotWhole("a backing file"));
        }
        if features & EXTERNAL_DATA != 0 {
            return Err(Qcow2Error::NotWhole("a data file"));
        }
        if u32_be(&bytes, 32) != 0 {
            return Err(Qcow2Error::Encrypted);
        }
        if features & CORRUPT != 0 {
            return Err(Qcow2Error::Corrupt);
        }
        Ok(Self {
            size: u64_be(&bytes, 24),
            snapshots: u32_be(&bytes, 60),
        })
    }
}

/// A file without a name.
fn temporary(path: &Path) -> io::Result<File> {
    if std::env::var_os("TMPDIR").is_some() {
        return tempfile::tempfile();
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    tempfile::tempfile_in(folder.unwrap_or(Path::new("."))).or_else(|_| tempfile::tempfile())
}

/// Both files are handed over open, so that what was checked is what is read, under whatever name.
fn convert(image: &File, disk: &File) -> Result<(), Qcow2Error> {
    let source = r#"json:{"driver":"qcow2","backing":null,"file":{"driver":"file","filename":"/proc/self/fd/1"}}"#;
    let handed = |file: &File| file.try_clone().map(Stdio::from).map_err(Qcow2Error::Room);
    let output = Command::new(PROGRAM)
        .args([
            "convert",
            "-n",
            "--target-is-zero",
            "-O",
            "raw",
            source,
            "/proc/self/fd/0",
        ])
        .stdin(handed(disk)?)
        .stdout(handed(image)?)
        .stderr(Stdio::piped())
        .env("LC_ALL", OsString::from("C"))
        .spawn()
        .and_then(std::process::Child::wait_with_output)
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Qcow2Error::NoProgram,
            _ => Qcow2Error::Refused(error.to_string()),
        })?;
    match output.status.success() {
        true => Ok(()),
        false => Err(Qcow2Error::Refused(reason(&output.stderr))),
    }
}

/// The last line of what the program said.
fn reason(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let line = text
        .trim()
        .lines()
        .next_back()
        .unwrap_or("it gave no reason");
    line.chars()
        .filter(|c| !c.is_control())
        .take(MAX_REASON)
        .collect()
}

impl BlockSource for Qcow2Image {
    fn size(&self) -> u64 {
        self.disk.size()
    }

    fn written(&self) -> Result<Vec<Extent>, ReadError> {
        self.disk.written()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        self.disk.read_at(offset, buffer)
    }

    fn unread(&self) -> Vec<String> {
        let mut unread = vec![
            "what the qcow2 file holds beside its disk, such as clusters that nothing refers to"
                .into(),
        ];
        match self.snapshots {
            0 => {}
            1 => unread.push("the data of 1 internal snapshot of the qcow2 file".into()),
            many => unread.push(format!(
                "the data of {many} internal snapshots of the qcow2 file"
            )),
        }
        unread
    }
}
