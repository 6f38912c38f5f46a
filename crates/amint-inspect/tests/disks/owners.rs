//! Whom a byte belongs to, against what debugfs says and what was put there.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::fs;

use amint_inspect::ext4::Ext4Tree;
use amint_inspect::region::Region;
use amint_inspect::search::{Options, Pattern, scan};
use amint_inspect::{FileSystem, name};

use crate::fixture::{DEBIAN, Disk, free_map, noise, run, tool, whole};
use crate::kernel::Mount;

fn owners(disk: &Disk, offsets: &[u64]) -> Vec<Region> {
    let source = disk.open();
    let tree = Ext4Tree::open(&source, whole(&source)).unwrap();
    tree.owners(offsets).unwrap()
}

/// What debugfs answers to `request`, line by line, each split at white space.
fn debugfs(disk: &Disk, request: &str) -> Vec<Vec<String>> {
    let commands = disk.root().with_extension("requests");
    std::fs::write(&commands, request).unwrap();
    let output = run(tool("debugfs").arg("-f").arg(&commands).arg(disk.path()));
    let text = name::text(&output.stdout);
    let lines = text.lines().filter(|line| !line.starts_with("debugfs:"));
    lines
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect()
}

/// For each block, the inode that debugfs says it belongs to.
fn inodes_of(disk: &Disk, blocks: u64) -> HashMap<u64, u32> {
    let mut request = String::new();
    for first in (0..blocks).step_by(500) {
        request += "icheck";
        for block in first..blocks.min(first + 500) {
            write!(request, " {block}").unwrap();
        }
        request += "\n";
    }
    debugfs(disk, &request)
        .into_iter()
        .filter_map(|line| Some((line.first()?.parse().ok()?, line.get(1)?.parse().ok()?)))
        .collect()
}

/// The names of `inodes`.
fn names_of(disk: &Disk, inodes: impl Iterator<Item = u32>) -> HashMap<u32, Vec<String>> {
    let mut request = "ncheck".to_owned();
    inodes.for_each(|inode| write!(request, " {inode}").unwrap());
    // It does not name the root.
    let mut names = HashMap::from([(2, vec!["/".to_owned()])]);
    for line in debugfs(disk, &request) {
        if let [inode, name] = line.as_slice()
            && let Ok(inode) = inode.parse()
        {
            let name = match name.trim_start_matches('/') {
                "" => "/".to_owned(),
                below => format!("/{below}"),
            };
            names.entry(inode).or_default().push(name);
        }
    }
    names
}

/// Every block of a furnished disk, against debugfs.
pub fn are_who_debugfs_says(name: &str, options: &[&str], disk: &Disk) {
    let source = disk.open();
    let size: u64 = options[1].parse().unwrap();
    let blocks = whole(&source).length / size;
    let offsets: Vec<u64> = (0..blocks).map(|block| block * size).collect();
    let found = owners(disk, &offsets);
    let inodes = inodes_of(disk, blocks);
    let mut hit: Vec<u32> = inodes.values().copied().collect();
    hit.sort_unstable();
    hit.dedup();
    let names = names_of(disk, hit.iter().copied());
    let free = free_map(&source, whole(&source)).unwrap().free;
    let mut kinds: BTreeMap<&str, u32> = BTreeMap::new();
    for (region, offset) in found.iter().zip(&offsets) {
        let block = offset / size;
        let inode = inodes.get(&block);
        let names = inode.and_then(|inode| names.get(inode));
        let is_free = free.iter().any(|extent| extent.range().contains(offset));
        let says = format!("{name}: block {block}: {region:?}, inode {inode:?}, {names:?}");
        let kind = match region {
            Region::File(path)
            | Region::FileSlack(path)
            | Region::Link(path)
            | Region::Attributes(path)
            | Region::Directory(path)
            | Region::DirectorySlack(path) => {
                // The value of an attribute has an inode of its own, which has no name.
                let value = matches!(region, Region::Attributes(_));
                assert!(inode.is_some() && (value || names.is_some()), "{says}");
                assert!(names.is_none_or(|names| names.contains(path)), "{says}");
                "named"
            }
            Region::Journal => {
                assert_eq!(inode, Some(&8), "{says}");
                "journal"
            }
            Region::FreeBlock => {
                assert!(inode.is_none() && is_free, "{says}");
                "free"
            }
            Region::Metadata | Region::FreeInode => "metadata",
            _ => panic!("{says}"),
        };
        assert!(kind == "free" || !is_free, "{says}");
        *kinds.entry(kind).or_default() += 1;
    }
    for (kind, least) in [
        ("named", 900),
        ("journal", 1000),
        ("free", 2000),
        ("metadata", 20),
    ] {
        assert!(kinds.get(kind) >= Some(&least), "{name}: {kinds:?}");
    }
}

/// The regions in which `needle` lies.
fn regions_of(disk: &Disk, needle: &[u8]) -> Vec<Region> {
    let pattern = Pattern {
        id: "needle".into(),
        bytes: needle.to_vec(),
    };
    let hits = scan(&disk.open(), &[pattern], &Options::default())
        .unwrap()
        .hits;
    let offsets: Vec<u64> = hits.iter().map(|hit| hit.offset).collect();
    owners(disk, &offsets)
}

/// Every kind of place on a furnished disk.
pub fn are_told_for_every_kind_of_place(name: &str, disk: &Disk) {
    let told = |needle: &[u8], region: Region| {
        let found = regions_of(disk, needle);
        assert!(found.contains(&region), "{name}: {region:?} in {found:?}");
    };
    let of = |path: &str| path.to_owned();
    told(b"a-second-name", Region::Directory(of("/")));
    told(b"telltale-middle", Region::DirectorySlack(of("/names")));
    told(b"telltale-renamed", Region::DirectorySlack(of("/names")));
    told(b"few bytes", Region::File(of("/attributes/file")));
    told(b"not followed", Region::Attributes(of("/attributes/link")));
    told(&[11; 40], Region::Attributes(of("/attributes/many")));
    told(&[7; 600], Region::Attributes(of("/attributes/shared-0")));
    told(&[b'x'; 59], Region::Link(of("/kinds/short")));
    told(&[b'y'; 60], Region::Link(of("/kinds/just-too-long")));
    told(b"./././", Region::Link(of("/kinds/long")));
    // The first of three names.
    told(&noise(5001)[4200..4300], Region::File(of("/a-second-name")));
    if name.starts_with("attributes") {
        told(
            &noise(60_000)[50_000..50_100],
            Region::Attributes(of("/attributes/file")),
        );
    }
}

#[test]
fn what_is_behind_the_end_of_a_file_is_not_its_content() {
    let disk = Disk::ext4(DEBIAN, "32M");
    disk.debugfs("set_inode_field /var/log/victim size 69000");
    let needle = &noise(70_000)[69_500..69_600];
    assert_eq!(
        regions_of(&disk, needle),
        [
            Region::File("/var/log/deep/er/victim".into()),
            Region::File("/var/log/large".into()),
            Region::FileSlack("/var/log/victim".into()),
        ]
    );
}

#[test]
fn what_has_no_name_is_unlinked_and_what_has_no_inode_is_free() {
    let disk = Disk::ext4(DEBIAN, "32M");
    let needle = &noise(70_000)[69_500..69_600];
    disk.debugfs("unlink /var/log/victim");
    disk.debugfs("rm /var/log/large");
    disk.debugfs("symlink /gone the-target-of-a-link-that-is-gone");
    disk.debugfs("rm /gone");
    assert_eq!(
        regions_of(&disk, needle),
        [
            Region::File("/var/log/deep/er/victim".into()),
            Region::FreeBlock,
            Region::Unlinked,
        ]
    );
    assert_eq!(
        regions_of(&disk, b"the-target-of-a-link-that"),
        [Region::FreeInode]
    );
}

#[test]
fn a_damaged_directory_makes_owners_unknown_not_nameless() {
    let disk = Disk::ext4(DEBIAN, "32M");
    let at = regions_of(&disk, b"victim");
    assert!(at.contains(&Region::Directory("/var/log".into())), "{at:?}");
    let bytes = disk.bytes();
    let place = bytes
        .windows(6)
        .enumerate()
        .filter(|(_, run)| run == b"victim");
    for (offset, _) in place
        .map(|(offset, _)| (offset as u64, ()))
        .collect::<Vec<_>>()
    {
        disk.write(offset, b"Victim");
    }
    let found = regions_of(&disk, &noise(70_000)[69_500..69_600]);
    assert_eq!(found, [Region::InUse, Region::InUse, Region::InUse]);
}

#[test]
fn offsets_come_back_in_their_order_and_those_of_others_are_not_taken() {
    let disk = Disk::ext4(DEBIAN, "32M");
    let end = 32 << 20;
    let found = owners(&disk, &[end + 1, 1024, u64::MAX - 1, 0, 1024]);
    let [after, superblock, far, boot, again] = found.try_into().unwrap();
    assert_eq!(
        [superblock, boot, again],
        [(); 3].map(|()| Region::Metadata)
    );
    assert_eq!([after, far], [(); 2].map(|()| Region::Unmapped));
}

/// A machine loses its power while a file is in use that has no name any more, and its last changes are in the
/// journal.
#[test]
fn after_a_loss_of_power_owners_are_those_after_the_replay() {
    let disk = Disk::ext4(DEBIAN, "48M");
    let Some(mount) = Mount::new(&disk.path(), "ext4", "rw") else {
        return;
    };
    fs::create_dir(mount.path().join("new")).unwrap();
    fs::write(mount.path().join("new/kept"), "the content of a new file").unwrap();
    fs::write(mount.path().join("new/gone"), "the content of an orphan").unwrap();
    let orphan = fs::File::open(mount.path().join("new/gone")).unwrap();
    orphan.sync_all().unwrap();
    fs::remove_file(mount.path().join("new/gone")).unwrap();
    fs::rename(mount.path().join("setuid"), mount.path().join("new/moved")).unwrap();
    let folder = fs::File::open(mount.path()).unwrap();
    rustix::fs::syncfs(&folder).unwrap();
    let lost = Disk::ext4(DEBIAN, "8M");
    fs::copy(disk.path(), lost.path()).unwrap();
    drop((orphan, folder, mount));

    let source = lost.open();
    let tree = Ext4Tree::open(&source, whole(&source)).unwrap();
    assert!(tree.needs_recovery());
    let only = |needle: &[u8]| {
        let mut found = regions_of(&lost, needle);
        found.retain(|region| *region != Region::Journal);
        found
    };
    let kept = Region::File("/new/kept".into());
    assert_eq!(only(b"the content of a new file"), [kept]);
    assert_eq!(only(b"the content of an orphan"), [Region::Unlinked]);
    let moved = Region::File("/new/moved".into());
    assert_eq!(only(b"#!/bin/sh"), [moved]);
    // Its old name is still in the directory's block on the disk, or in the journal, or nowhere.
    let names = only(b"setuid");
    let old = Region::DirectorySlack("/".into());
    let current = Region::Directory("/".into());
    assert!(
        names
            .iter()
            .all(|region| [&old, &current].contains(&region)),
        "{names:?}"
    );
}
