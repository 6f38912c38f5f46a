//! Makes XFS disks and looks at them with xfsprogs.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use amint_inspect::Extent;
use amint_inspect::raw::RawFile;
use rustix::fs::FallocateFlags;
use tempfile::TempDir;

use crate::fixture::{run, tool};
use crate::kernel::Mount;

/// A disk image in a folder of its own.
pub struct Disk {
    folder: TempDir,
}

impl Disk {
    /// An empty file system of `size`.
    pub fn new(options: &str, size: u64) -> Self {
        let folder = TempDir::new().unwrap();
        let disk = Self { folder };
        disk.make(options, size);
        disk
    }

    /// One with the files of [`prototype`](super::files::prototype), which takes no rights.
    pub fn with_files(options: &str, size: u64) -> Self {
        let folder = TempDir::new().unwrap();
        let prototype = super::files::prototype(folder.path());
        let options = format!("{options} -p {}", prototype.display());
        let disk = Self { folder };
        disk.make(&options, size);
        disk
    }

    fn make(&self, options: &str, size: u64) {
        let image = fs::File::create(self.path()).unwrap();
        image.set_len(size).unwrap();
        // Newer versions refuse disks of less than 300 MB unless they are told that it is only a test.
        let make = |extra: &[&str]| {
            let mut command = tool("mkfs.xfs");
            command
                .args(extra)
                .args(["-q", "-f"])
                .args(options.split_whitespace());
            command.arg(self.path());
            command
        };
        let told = make(&["--unsupported"]).output().unwrap();
        if !told.status.success() {
            run(&mut make(&[]));
        }
    }

    /// Mounted for writing; `None` for who may not.
    pub fn mount(&self) -> Option<Mount> {
        Mount::new(&self.path(), "xfs", "rw,nouuid")
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("disk.raw")
    }

    pub fn open(&self) -> RawFile {
        RawFile::open(self.path()).unwrap()
    }

    pub fn bytes(&self) -> Vec<u8> {
        fs::read(self.path()).unwrap()
    }

    pub fn write(&self, offset: u64, bytes: &[u8]) {
        let file = OpenOptions::new().write(true).open(self.path()).unwrap();
        file.write_all_at(bytes, offset).unwrap();
    }

    /// A copy as it lies on the disk at this moment.
    pub fn copy(&self) -> Self {
        let copy = Self {
            folder: TempDir::new().unwrap(),
        };
        run(tool("cp")
            .arg("--sparse=always")
            .arg(self.path())
            .arg(copy.path()));
        copy
    }

    /// Where its log is.
    pub fn log(&self) -> Extent {
        let (start, log) = (
            self.field("sb 0", "logstart"),
            self.field("sb 0", "agblklog"),
        );
        let (group, block) = (start >> log, start & ((1 << log) - 1));
        let size = self.field("sb 0", "blocksize");
        Extent {
            offset: (group * self.field("sb 0", "agblocks") + block) * size,
            length: self.field("sb 0", "logblocks") * size,
        }
    }

    pub fn bytes_at(&self, extent: Extent) -> Vec<u8> {
        let mut bytes = vec![0; extent.length as usize];
        let file = fs::File::open(self.path()).unwrap();
        file.read_exact_at(&mut bytes, extent.offset).unwrap();
        bytes
    }

    /// The inode at `path`.
    pub fn inode(&self, path: &str) -> u64 {
        let answer = self.ask(&format!("path {path}\0inode"));
        let number = answer.trim().rsplit(' ').next().unwrap();
        number
            .parse()
            .unwrap_or_else(|_| panic!("{path}: {answer}"))
    }

    /// What xfs_db answers to commands one after the other.
    pub fn ask(&self, requests: &str) -> String {
        let mut command = tool("xfs_db");
        command.arg("-r");
        for request in requests.split('\0') {
            command.args(["-c", request]);
        }
        let output = run(command.arg(self.path()));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// A number in a structure, as xfs_db reads it.
    pub fn field(&self, place: &str, name: &str) -> u64 {
        let answer = self.ask(&format!("{place}\0p {name}"));
        let value = answer.rsplit([' ', ':']).next().unwrap().trim();
        value.parse().unwrap_or_else(|_| panic!("{name}: {answer}"))
    }

    /// Makes `extent` a hole, as a scrub does.
    pub fn discard(&self, extent: Extent) {
        let file = OpenOptions::new().write(true).open(self.path()).unwrap();
        let punch = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        rustix::fs::fallocate(&file, punch, extent.offset, extent.length).unwrap();
    }

    /// Changes fields, as xfs_db does it with the sums made right again.
    pub fn change(&self, place: &str, changes: &[&str]) {
        let mut command = tool("xfs_db");
        command.arg("-x");
        for step in place.split('\0') {
            command.args(["-c", step]);
        }
        for change in changes {
            command.arg("-c").arg(format!("write -d {change}"));
        }
        run(command.arg(self.path()));
    }

    /// xfs_repair finds nothing to repair.
    pub fn check(&self) {
        run(tool("xfs_repair").arg("-n").arg(self.path()));
    }
}
