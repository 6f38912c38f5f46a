//! Small disks to inspect.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::World;

/// Runs a program that may live where ordinary users don't look.
fn tool(name: &str) -> Command {
    let found = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]
        .iter()
        .map(|folder| Path::new(folder).join(name))
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("{name} is missing: install e2fsprogs"));
    Command::new(found)
}

/// A 16 MiB disk that is one ext4 file system with the files given as `(path, content)`.
pub(crate) fn ext4(world: &World, files: &[(&str, &str)]) -> PathBuf {
    let tree = world.path("tree");
    for folder in ["etc", "root", "var/log", "tmp"] {
        fs::create_dir_all(tree.join(folder)).unwrap();
    }
    for (path, content) in files {
        world.write(&format!("tree/{path}"), content);
    }
    let disk = world.path("disk.raw");
    File::create(&disk).unwrap().set_len(16 << 20).unwrap();
    let made = tool("mke2fs")
        .args(["-q", "-t", "ext4", "-d"])
        .args([&tree, &disk])
        .status()
        .unwrap();
    assert!(made.success());
    disk
}

/// What a sealed system's `/etc` holds at least.
pub(crate) const CLEAN: [(&str, &str); 4] = [
    ("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"),
    ("etc/shadow", "root:!*:20000:0:99999:7:::\n"),
    ("etc/machine-id", ""),
    ("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n"),
];
