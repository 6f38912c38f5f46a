//! What the kernel sees on a disk, held against what a reader sees on it.

use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use amint_inspect::{Attribute, EntryKind, Metadata, Tree, name};
use rustix::fs::SeekFrom;
use rustix::io::Errno;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::fixture::{run, tool};

/// How much of a file is compared at once.
const PART: usize = 1 << 20;

/// A disk that the kernel has mounted, until it is dropped.
pub struct Mount {
    folder: TempDir,
    disk: PathBuf,
}

impl Mount {
    /// Mounts `disk`; `None`, after saying so, for who may not.
    #[allow(clippy::print_stderr)]
    pub fn new(disk: &Path, fs_type: &str, options: &str) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            eprintln!("SKIPPED: mounting a disk to compare it with the kernel's view takes root");
            return None;
        }
        let folder = TempDir::new().unwrap();
        let options = format!("loop,{options}");
        run(tool("mount")
            .args(["-t", fs_type, "-o", &options])
            .arg(disk)
            .arg(folder.path()));
        let disk = disk.to_owned();
        Some(Self { folder, disk })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Mount {
    /// Returns when nothing of the disk is in memory only. A child that another test is about to start has this one's
    /// open files for a moment, and a mount namespace that was made meanwhile has the mount.
    fn drop(&mut self) {
        let mut unmount = tool("umount");
        unmount.arg(self.folder.path());
        patiently(|| unmount.output().unwrap().status.success());
        // The kernel lets the device go after the last write.
        let mut devices = tool("losetup");
        devices.arg("--associated").arg(&self.disk);
        patiently(|| run(&mut devices).stdout.is_empty());
    }
}

fn patiently(mut is_done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_done() {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "the disk stays in use"
        );
        sleep(Duration::from_millis(50));
    }
}

/// Mounts `disk` read-only, with whatever is in its journal left alone, and holds every path's kind, size, mode,
/// owner, extended attributes, target and content against `tree`. Only root can; others are told that nothing was
/// compared.
pub fn compare(disk: &Path, fs_type: &str, tree: &dyn Tree) {
    let options = match fs_type {
        "xfs" => "ro,norecovery,nouuid",
        _ => "ro,noload",
    };
    if let Some(mount) = Mount::new(disk, fs_type, options) {
        let seen = compare_tree(mount.path(), tree);
        assert!(seen > 1, "{}: an empty tree proves nothing", disk.display());
    }
}

/// Holds everything below `root` against `tree`; returns how many paths that were.
pub fn compare_tree(root: &Path, tree: &dyn Tree) -> usize {
    let mut seen = 0;
    let mut ahead = vec![root.to_owned()];
    while let Some(path) = ahead.pop() {
        seen += 1;
        let below = path.strip_prefix(root).unwrap();
        let inside = format!("/{}", name::text(below.as_os_str().as_bytes()));
        let facts = path.symlink_metadata().unwrap();
        let found = tree.metadata(&inside).unwrap();
        assert_eq!(found, Some(expected(&facts)), "{inside}");
        assert_eq!(
            tree.attributes(&inside).unwrap(),
            attributes(&path),
            "{inside}"
        );
        if facts.is_dir() {
            let children = children(&path);
            let names: Vec<String> = children.iter().map(|child| last(child)).collect();
            assert_eq!(
                sorted(tree.list(&inside).unwrap()),
                sorted(names),
                "{inside}"
            );
            ahead.extend(children);
        } else if facts.is_file() {
            contents(&path, &inside, facts.size(), tree);
        } else if facts.is_symlink() {
            target(root, &path, &inside, tree);
        }
    }
    seen
}

fn expected(facts: &fs::Metadata) -> Metadata {
    let kind = match facts.file_type() {
        kind if kind.is_dir() => EntryKind::Directory,
        kind if kind.is_file() => EntryKind::File,
        kind if kind.is_symlink() => EntryKind::Symlink,
        _ => EntryKind::Special,
    };
    Metadata {
        kind,
        size: facts.size(),
        mode: (facts.mode() & 0o7777) as u16,
        uid: facts.uid(),
        gid: facts.gid(),
    }
}

fn children(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn last(path: &Path) -> String {
    name::text(path.file_name().unwrap().as_bytes())
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

/// A target that stays in the tree leads a reader to the same file; a reader does not show targets as such.
fn target(root: &Path, path: &Path, inside: &str, tree: &dyn Tree) {
    let target = fs::read_link(path).unwrap();
    let size = target.as_os_str().len() as u64;
    let found = tree.metadata(inside).unwrap();
    assert_eq!(found.map(|link| link.size), Some(size), "{inside}");
    // The kernel would resolve an absolute one from its own root.
    let beyond = target.is_absolute() || target.components().any(|part| part.as_os_str() == "..");
    if beyond || !path.starts_with(root) {
        return;
    }
    match fs::metadata(path) {
        Ok(facts) if facts.is_file() => contents(path, inside, facts.size(), tree),
        Ok(facts) if facts.is_dir() => {
            let names = children(path).iter().map(|child| last(child)).collect();
            assert_eq!(
                sorted(tree.list(inside).unwrap()),
                sorted(names),
                "{inside}"
            );
        }
        Ok(_) => {}
        // A target that leads nowhere, or in circles.
        Err(_) => assert!(!matches!(tree.read(inside, 1), Ok(Some(_))), "{inside}"),
    }
}

/// All extended attributes as root sees them, sorted.
fn attributes(path: &Path) -> Vec<Attribute> {
    let mut names = vec![0; 1 << 16];
    let length = rustix::fs::llistxattr(path, &mut names).unwrap();
    let names = names[..length].split(|byte| *byte == 0);
    let mut attributes: Vec<Attribute> = names
        .filter(|name| !name.is_empty())
        .map(|name| {
            let mut value = vec![0; 1 << 16];
            let length = rustix::fs::lgetxattr(path, name, &mut value).unwrap();
            value.truncate(length);
            let name = name::text(name);
            Attribute { name, value }
        })
        .collect();
    attributes.sort();
    attributes
}

/// Where the file has data it is compared by digest, where it has holes by their first and last bytes: a file
/// can be larger than any disk.
fn contents(path: &Path, inside: &str, size: u64, tree: &dyn Tree) {
    let file = File::open(path).unwrap();
    let (mut ours, mut theirs) = (Sha256::new(), Sha256::new());
    let mut position = 0;
    while position < size {
        let data = match rustix::fs::seek(&file, SeekFrom::Data(position)) {
            Ok(data) => data,
            Err(Errno::NXIO) => size,
            Err(error) => panic!("{inside}: {error}"),
        };
        let after = match data < size {
            true => rustix::fs::seek(&file, SeekFrom::Hole(data)).unwrap(),
            false => size,
        };
        if position < data {
            for sample in [position, data.saturating_sub(PART as u64).max(position)] {
                let length = (data - sample).min(PART as u64) as usize;
                let zeros = part(tree, inside, sample, length);
                assert!(
                    zeros.iter().all(|byte| *byte == 0),
                    "{inside}: hole at {sample}"
                );
            }
        }
        position = data;
        while position < after {
            let length = (after - position).min(PART as u64) as usize;
            let mut expected = vec![0; length];
            file.read_exact_at(&mut expected, position).unwrap();
            theirs.update(&expected);
            ours.update(part(tree, inside, position, length));
            position += length as u64;
        }
    }
    assert_eq!(ours.finalize(), theirs.finalize(), "{inside}");
    let mut beyond = [0; 8];
    assert_eq!(
        tree.read_at(inside, size, &mut beyond).unwrap(),
        Some(0),
        "{inside}"
    );
}

fn part(tree: &dyn Tree, path: &str, offset: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0xee; length];
    let read = tree.read_at(path, offset, &mut bytes).unwrap();
    assert_eq!(read, Some(length), "{path} at {offset}");
    bytes
}

#[test]
fn ext4_is_what_the_kernel_sees() {
    let disk = crate::fixture::Disk::ext4(crate::fixture::DEBIAN, "48M");
    let source = disk.open();
    let whole = crate::fixture::whole(&source);
    let tree = amint_inspect::ext4::Ext4Tree::open(&source, whole).unwrap();
    compare(&disk.path(), "ext4", &tree);
}
