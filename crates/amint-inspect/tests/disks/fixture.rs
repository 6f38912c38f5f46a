//! Makes disks and looks at them with e2fsprogs.

use std::fs::{self, File, OpenOptions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use amint_inspect::probe::FileSystem;
use amint_inspect::{BlockSource, Extent, FileSystemError, FreeMap, ReadError};
use rustix::fs::FallocateFlags;
use tempfile::TempDir;

/// A program of e2fsprogs, which Debian keeps out of an ordinary user's PATH.
pub fn tool(name: &str) -> Command {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(name);
    command
        .env("PATH", format!("{path}:/usr/sbin:/sbin"))
        .env("LC_ALL", "C")
        .env("MKE2FS_CONFIG", "/dev/null");
    command
}

pub fn run(command: &mut Command) -> Output {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}; install e2fsprogs"));
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// The map of what must be a file system.
pub fn free_map(source: &dyn BlockSource, partition: Extent) -> Result<FreeMap, FileSystemError> {
    FreeMap::read(source, partition)?.ok_or(FileSystemError::Absent(FileSystem::Unknown))
}

/// Options that Debian's mke2fs.conf has, spelled out so that no host file is read.
pub const DEBIAN: &[&str] = &[
    "-b",
    "4096",
    "-I",
    "256",
    "-O",
    "has_journal,extent,huge_file,flex_bg,metadata_csum,64bit,dir_nlink,extra_isize,sparse_super,filetype,dir_index,ext_attr,resize_inode,large_file",
];

/// A disk image in a folder of its own.
pub struct Disk {
    folder: TempDir,
}

impl Disk {
    /// An ext4 file system of `size` (as mke2fs takes it) with the usual files in it.
    pub fn ext4(options: &[&str], size: &str) -> Self {
        let disk = Self {
            folder: TempDir::new().unwrap(),
        };
        populate(&disk.root());
        run(tool("mke2fs")
            .args(["-q", "-F"])
            .args(options)
            .arg("-d")
            .arg(disk.root())
            .arg(disk.path())
            .arg(size));
        disk
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("disk.raw")
    }

    /// The files that were put in.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    pub fn debugfs(&self, request: &str) {
        let output = run(tool("debugfs").args(["-w", "-R", request]).arg(self.path()));
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            errors
                .lines()
                .filter(|line| !line.starts_with("debugfs "))
                .count(),
            0,
            "{request}: {errors}"
        );
    }

    pub fn fsck(&self) {
        run(tool("e2fsck").arg("-fn").arg(self.path()));
    }

    pub fn open(&self) -> amint_inspect::raw::RawFile {
        amint_inspect::raw::RawFile::open(self.path()).unwrap()
    }

    pub fn write(&self, offset: u64, bytes: &[u8]) {
        let file = OpenOptions::new().write(true).open(self.path()).unwrap();
        file.write_all_at(bytes, offset).unwrap();
    }

    /// Makes `extent` a hole, as a scrub does.
    pub fn discard(&self, extent: Extent) {
        let file = OpenOptions::new().write(true).open(self.path()).unwrap();
        let punch = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        rustix::fs::fallocate(&file, punch, extent.offset, extent.length).unwrap();
    }

    pub fn bytes(&self) -> Vec<u8> {
        fs::read(self.path()).unwrap()
    }
}

/// The extent of a whole disk.
pub fn whole(source: &dyn BlockSource) -> Extent {
    Extent {
        offset: 0,
        length: source.size(),
    }
}

fn populate(root: &Path) {
    fs::create_dir_all(root.join("etc/many")).unwrap();
    fs::create_dir_all(root.join("var/log/deep/er")).unwrap();
    fs::write(root.join("etc/machine-id"), "").unwrap();
    fs::write(root.join("etc/shadow"), "root:*:1::::::\n").unwrap();
    fs::set_permissions(root.join("etc/shadow"), fs::Permissions::from_mode(0o640)).unwrap();
    fs::write(root.join("setuid"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(root.join("setuid"), fs::Permissions::from_mode(0o4755)).unwrap();
    for index in 0..300 {
        fs::write(
            root.join(format!("etc/many/a-file-with-a-rather-long-name-{index}")),
            format!("{index}\n"),
        )
        .unwrap();
    }
    fs::write(root.join("var/log/large"), noise(300_000)).unwrap();
    fs::write(root.join("var/log/deep/er/victim"), noise(200_000)).unwrap();
    fs::write(root.join("var/log/victim"), noise(70_000)).unwrap();
    let sparse = File::create(root.join("var/sparse")).unwrap();
    sparse.write_all_at(b"middle", 1_000_000).unwrap();
    sparse.set_len(2_000_000).unwrap();
    fs::write(
        root.join(std::ffi::OsStr::from_bytes(b"not-utf8-\xff")),
        "x",
    )
    .unwrap();
    symlink("/etc/shadow", root.join("absolute")).unwrap();
    symlink("../etc/machine-id", root.join("var/relative")).unwrap();
    symlink("/var/log", root.join("logs")).unwrap();
    symlink("nowhere", root.join("dangling")).unwrap();
    symlink("loop-b", root.join("loop-a")).unwrap();
    symlink("loop-a", root.join("loop-b")).unwrap();
    symlink("../../../../etc/shadow", root.join("escape")).unwrap();
    symlink(format!("/{}etc/shadow", "./".repeat(60)), root.join("long")).unwrap();
}

/// Bytes that look random and are always the same.
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    })
    .take(length)
    .collect()
}

/// A disk in memory, with the extents that its maker says were written.
pub struct Memory {
    pub bytes: Vec<u8>,
    pub written: Vec<Extent>,
}

impl Memory {
    pub fn new(bytes: Vec<u8>) -> Self {
        let length = bytes.len() as u64;
        let written = if length == 0 {
            Vec::new()
        } else {
            vec![Extent { offset: 0, length }]
        };
        Self { bytes, written }
    }
}

impl BlockSource for Memory {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn written(&self) -> Result<Vec<Extent>, ReadError> {
        Ok(self.written.clone())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        let (length, size) = (buffer.len() as u64, self.size());
        let end = offset.checked_add(length).filter(|end| *end <= size);
        let end = end.ok_or(ReadError::PastEnd {
            offset,
            length,
            size,
        })?;
        buffer.copy_from_slice(&self.bytes[offset as usize..end as usize]);
        Ok(())
    }
}
