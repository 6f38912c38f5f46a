//! Disks from which no instance starts.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::support::{Image, expectations, found, inspect_disk, tool};
use amint_harden::inspection::{DataInspection, Expectations, inspect_data};
use amint_harden::tracer::Tracers;
use amint_harden::{Location, Verdict};
use amint_inspect::raw::RawFile;
use tempfile::TempDir;

const NAME: &str = "/dev/sdf";

fn inspect(disk: &Path, expectations: &Expectations) -> DataInspection {
    let source = RawFile::open(disk).expect("a raw disk");
    inspect_data(&source, NAME, expectations).expect("a disk that can be read")
}

/// A disk of 4 MiB without anything.
fn empty(folder: &TempDir) -> PathBuf {
    let disk = folder.path().join("data");
    let file = File::create(&disk).expect("a disk");
    file.set_len(4 << 20).expect("a size");
    disk
}

/// A disk with an ext4 file system that holds `content` in `/file`.
fn formatted(folder: &TempDir, content: &str) -> PathBuf {
    let disk = empty(folder);
    let tree = folder.path().join("data-tree");
    fs::create_dir_all(&tree).expect("a folder");
    fs::write(tree.join("file"), content).expect("a file");
    let (tree, path) = (text(&tree), text(&disk));
    tool("mke2fs", &["-q", "-F", "-t", "ext4", "-d", tree, path]);
    disk
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a UTF-8 path")
}

fn debugfs(disk: &Path, request: &str) {
    tool("debugfs", &["-w", "-R", request, text(disk)]);
}

#[test]
fn a_data_disk_may_be_empty_or_hold_a_file_system() {
    let folder = tempfile::tempdir().unwrap();
    let data = inspect(&empty(&folder), &expectations());
    assert!(data.findings.is_empty(), "{:#?}", data.findings);
    assert!(data.disk.partitions.is_empty());
    let data = inspect(&formatted(&folder, "data\n"), &expectations());
    assert!(data.findings.is_empty(), "{:#?}", data.findings);
    assert_eq!(
        data.not_seen,
        ["data disk /dev/sdf: the files of the disk (ext4)"]
    );
}

#[test]
fn what_cannot_be_read_on_a_data_disk_is_a_finding() {
    let folder = tempfile::tempdir().unwrap();
    let noise = folder.path().join("noise");
    fs::write(&noise, "no file system ".repeat(9000)).unwrap();
    let data = inspect(&noise, &expectations());
    assert_eq!(data.findings[0].rule, "AMINT-DISK-001");
    assert_eq!(data.findings.len(), 1);
    let disk = formatted(&folder, "data\n");
    debugfs(&disk, "feature bigalloc");
    debugfs(&disk, "feature FEATURE_I30");
    let data = inspect(&disk, &expectations());
    assert_eq!(
        data.findings[0].rule, "AMINT-DISK-001",
        "{:#?}",
        data.findings
    );
}

#[test]
fn files_of_a_data_disk_are_not_taken_for_those_of_the_root() {
    let image = Image::clean();
    image.remove("/var/lib/amint/sealed");
    image.write("/root/.bash_history", "ls\n");
    let data = inspect(&image.disk(), &expectations());
    assert!(data.findings.is_empty(), "{:#?}", data.findings);
}

#[test]
fn what_was_deleted_on_a_data_disk_is_found_and_the_disk_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let tracers = Tracers::derive(&[3; 32]).patterns();
    let token = String::from_utf8(tracers[1].clone()).unwrap();
    let disk = formatted(&folder, &format!("{token}\n"));
    debugfs(&disk, "rm /file");
    let expected = Expectations {
        tracers,
        digest: true,
        ..expectations()
    };
    let data = inspect(&disk, &expected);
    assert_eq!(
        data.findings[0].message,
        "data disk /dev/sdf: still on the disk: a line of a log (free block)"
    );
    assert!(matches!(data.findings[0].location, Location::Offset(_)));

    let image = Image::clean();
    let mut whole = inspect_disk(&image.disk(), &expected);
    assert_eq!(whole.verdict, Verdict::Clean);
    let digest = whole.digest.clone();
    whole.add(data.clone());
    assert_eq!(whole.verdict, Verdict::Violations);
    assert_eq!(whole.digest, digest);
    assert_eq!(whole.findings, data.findings);
    let scope = serde_json::to_value(&whole.scope).unwrap();
    assert_eq!(scope["data-disks"][0]["name"], NAME);
    assert_eq!(scope["data-disks"][0]["size"], 4 << 20);
    assert_ne!(scope["data-disks"][0]["digest"], serde_json::json!(digest));
}

#[test]
fn findings_of_all_disks_are_sorted_together() {
    let folder = tempfile::tempdir().unwrap();
    let image = Image::clean();
    image.write("/root/.viminfo", "x");
    image.write("/var/cache/apt/pkgcache.bin", "x");
    let mut whole = image.inspect();
    let disk = formatted(&folder, "data\n");
    debugfs(&disk, "feature needs_recovery");
    whole.add(inspect(&disk, &expectations()));
    whole.add(inspect(&empty(&folder), &expectations()));
    assert_eq!(
        found(&whole),
        [
            "AMINT-DISK-002 offset 0",
            "MP-CLEAN-002 /root/.viminfo",
            "MP-CLEAN-005 /var/cache/apt/pkgcache.bin"
        ]
    );
    assert_eq!(whole.scope.data_disks.len(), 2);
}

#[test]
fn a_damaged_data_disk_is_a_finding() {
    let folder = tempfile::tempdir().unwrap();
    let disk = formatted(&folder, "data\n");
    debugfs(&disk, "set_super_value inodes_count 77777777");
    let data = inspect(&disk, &expectations());
    let rules: Vec<&str> = data.findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["AMINT-DISK-002"], "{:#?}", data.findings);
}

#[test]
fn a_root_without_data_disks_does_not_speak_of_them() {
    let scope = serde_json::to_value(Image::clean().inspect().scope).unwrap();
    assert_eq!(scope.get("data-disks"), None);
}
