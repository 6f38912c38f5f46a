//! Makes XFS disks and looks at them with xfsprogs.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use amint_inspect::raw::RawFile;
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

    /// What xfs_db answers.
    pub fn ask(&self, request: &str) -> String {
        let output = run(tool("xfs_db").args(["-r", "-c", request]).arg(self.path()));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Changes fields, as xfs_db does it with the sums made right again.
    pub fn change(&self, place: &str, changes: &[&str]) {
        let mut command = tool("xfs_db");
        command.args(["-x", "-c", place]);
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
