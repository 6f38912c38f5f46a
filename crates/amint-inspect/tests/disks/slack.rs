//! What removed names and files leave in blocks that are in use: surveyed, patched, and then nowhere.

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::ControlFlow;

use amint_inspect::ext4::Ext4Tree;
use amint_inspect::search::{Options, Pattern, scan};
use amint_inspect::slack::{Patch, Survey, survey as slack};
use amint_inspect::{EntryKind, Extent, FileSystem, FileSystemError, Tree};

use sha2::{Digest, Sha256};

use crate::fixture::{DEBIAN, Disk, Memory, free_map, noise, run, tool, whole};
use crate::furnished::{LAYOUTS, TELLTALE};
use crate::kernel::compare;

/// The patches for a whole disk.
fn surveyed(disk: &Disk) -> (Survey, Vec<Patch>) {
    let source = disk.open();
    let mut patches = Vec::new();
    let survey = slack(&source, whole(&source), &mut |patch| {
        patches.push(patch);
        ControlFlow::Continue(())
    });
    (survey.unwrap().unwrap(), patches)
}

fn apply(disk: &Disk, patches: &[Patch]) {
    for patch in patches {
        disk.write(patch.offset, &patch.bytes);
    }
}

fn scrub_free_blocks(disk: &Disk) {
    let map = free_map(&disk.open(), whole(&disk.open())).unwrap();
    for extent in map.scrubbable() {
        disk.discard(extent);
    }
}

/// Where `needle` is on the disk.
fn places(disk: &Disk, needle: &[u8]) -> Vec<u64> {
    let pattern = Pattern {
        id: "needle".into(),
        bytes: needle.to_vec(),
    };
    let found = scan(&disk.open(), &[pattern], &Options::default()).unwrap();
    found.hits.iter().map(|hit| hit.offset).collect()
}

/// Everything that the tree shows.
fn seen(disk: &Disk) -> BTreeMap<String, String> {
    let source = disk.open();
    let tree = Ext4Tree::open(&source, whole(&source)).unwrap();
    let mut seen = BTreeMap::new();
    let mut ahead = vec![String::new()];
    while let Some(path) = ahead.pop() {
        let inside = format!("{path}/");
        let metadata = tree.metadata(&inside).unwrap().unwrap();
        let attributes = tree.attributes(&inside).unwrap();
        let mut facts = format!("{metadata:?} {attributes:?}");
        if metadata.kind == EntryKind::File && metadata.size < 64 << 20 {
            let content = tree.read(&inside, usize::MAX).unwrap().unwrap();
            facts += &format!("{:?}", Sha256::digest(content));
        }
        if metadata.kind == EntryKind::Directory {
            let names = tree.list(&inside).unwrap();
            ahead.extend(names.iter().map(|name| format!("{path}/{name}")));
        }
        seen.insert(path, facts);
    }
    seen
}

/// After a scrub of a furnished disk nothing removed is left, and nothing else is changed.
pub fn is_cleaned(name: &str, disk: &Disk) {
    // Behind the end of a file, and where blocks were reserved.
    let few = places(disk, b"few bytes")[0];
    if name != "inline data" {
        disk.write(few + 20, format!("{TELLTALE}tail").as_bytes());
    }
    let before = seen(disk);
    let (survey, patches) = surveyed(disk);
    assert!(
        survey.patches > 10 && survey.skipped == 0,
        "{name}: {survey:?}"
    );
    let largest = patches.iter().map(|patch| patch.bytes.len()).max().unwrap();
    let sum: usize = patches.iter().map(|patch| patch.bytes.len()).sum();
    assert!(largest <= 1 << 16 && sum as u64 == survey.bytes, "{name}");

    // Free blocks alone are not enough.
    scrub_free_blocks(disk);
    let left = places(disk, TELLTALE.as_bytes());
    assert!(left.len() > 10, "{name}: {left:?}");
    apply(disk, &patches);
    disk.fsck();
    let left = places(disk, TELLTALE.as_bytes());
    let owners = Ext4Tree::open(&disk.open(), whole(&disk.open()))
        .unwrap()
        .owners(&left)
        .unwrap();
    assert!(left.is_empty(), "{name}: {left:?} {owners:?}");

    assert!(before == seen(disk), "{name}: the files changed");
    let source = disk.open();
    let tree = Ext4Tree::open(&source, whole(&source)).unwrap();
    compare(&disk.path(), "ext4", &tree);
    drop(tree);
    let (again, _) = surveyed(disk);
    assert_eq!(again, Survey::default(), "{name}");
    use_it_again(disk);
}

/// The kernel and debugfs go on with what was cleaned.
fn use_it_again(disk: &Disk) {
    if let Some(mount) = crate::kernel::Mount::new(&disk.path(), "ext4", "rw,errors=remount-ro") {
        for folder in ["names", "few", "small", "hashed", "deep"] {
            let folder = mount.path().join(folder);
            if !folder.exists() {
                continue;
            }
            for number in 0..200 {
                let name = format!("new-{number}-with-a-longer-name");
                std::fs::write(folder.join(name), noise(100)).unwrap();
            }
        }
    }
    disk.fsck();
    let output = tool("dumpe2fs")
        .arg("-h")
        .arg(disk.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!text.contains("FS Error count"), "{text}");
}

#[test]
fn a_disk_that_nobody_may_mount_is_cleaned_too() {
    let disk = Disk::ext4(DEBIAN, "32M");
    // Rebuilds directories with hash trees; exit code 1 says that it changed something.
    let status = tool("e2fsck")
        .args(["-fyD"])
        .arg(disk.path())
        .output()
        .unwrap()
        .status;
    assert!(matches!(status.code(), Some(0 | 1)), "{status}");
    for number in 0..300 {
        disk.debugfs(&format!(
            "rm /etc/many/a-file-with-a-rather-long-name-{number}"
        ));
    }
    disk.debugfs("rm /logs");
    disk.debugfs("rm /long");
    disk.debugfs("rm /var/log/victim");
    disk.fsck();
    let before = seen(&disk);
    let (_, patches) = surveyed(&disk);
    apply(&disk, &patches);
    scrub_free_blocks(&disk);
    disk.fsck();
    assert!(before == seen(&disk));
    for needle in ["a-rather-long-name", "/./././"] {
        assert_eq!(places(&disk, needle.as_bytes()), [], "{needle}");
    }
    // In one directory it is gone, in the other it is in use.
    let victims = places(&disk, b"victim");
    assert_eq!(victims.len(), 1, "{victims:?}");
}

#[test]
fn reserved_blocks_are_cleaned_where_they_were_written() {
    let disk = Disk::ext4(DEBIAN, "32M");
    disk.debugfs("rm /var/log/large");
    disk.debugfs("fallocate /etc/machine-id 0 79");
    let needle = &noise(300_000)[200_000..200_100];
    assert_eq!(places(&disk, needle).len(), 1);
    scrub_free_blocks(&disk);
    assert_eq!(places(&disk, needle).len(), 1);
    let (_, patches) = surveyed(&disk);
    apply(&disk, &patches);
    assert_eq!(places(&disk, needle), []);
    disk.fsck();
}

#[test]
fn the_unused_end_of_an_extent_tree_is_cleaned() {
    for checksums in ["metadata_csum", "^metadata_csum"] {
        let features = format!("has_journal,extent,{checksums}");
        let disk = Disk::ext4(&["-b", "4096", "-O", &features], "32M");
        disk.debugfs("punch /var/log/large 1 1");
        for block in [3, 5, 7, 9, 11] {
            disk.debugfs(&format!("punch /var/log/large {block} {block}"));
        }
        let output = run(tool("debugfs")
            .args(["-R", "ex /var/log/large"])
            .arg(disk.path()));
        let text = String::from_utf8(output.stdout).unwrap();
        // Level, entry, logical, physical: the only node below the root.
        let node = text
            .lines()
            .nth(1)
            .and_then(|line| line.split_whitespace().nth(7));
        let node: u64 = node
            .and_then(|node| node.parse().ok())
            .unwrap_or_else(|| panic!("{text}"));
        disk.write(node * 4096 + 2000, b"from the memory of a kernel");
        // The checksum covers it: e2fsck makes it right, and leaves what it is of alone.
        let status = tool("e2fsck")
            .arg("-fy")
            .arg(disk.path())
            .output()
            .unwrap()
            .status;
        assert!(matches!(status.code(), Some(0 | 1)), "{status}");
        assert_eq!(places(&disk, b"from the memory").len(), 1, "{checksums}");
        let before = seen(&disk);
        let (_, patches) = surveyed(&disk);
        apply(&disk, &patches);
        disk.fsck();
        assert_eq!(places(&disk, b"from the memory"), [], "{checksums}");
        assert!(before == seen(&disk), "{checksums}");
    }
}

#[test]
fn patches_count_from_the_start_of_the_disk_and_end_when_the_sink_does() {
    let disk = Disk::ext4(DEBIAN, "32M");
    disk.debugfs("rm /var/log/victim");
    disk.debugfs("rm /dangling");
    let (_, patches) = surveyed(&disk);
    assert!(patches.len() > 1);
    let mut bytes = vec![0; 1 << 20];
    bytes.extend(disk.bytes());
    let source = Memory::new(bytes);
    let partition = Extent {
        offset: 1 << 20,
        length: 32 << 20,
    };
    let mut shifted = Vec::new();
    slack(&source, partition, &mut |patch| {
        shifted.push(patch);
        ControlFlow::Continue(())
    })
    .unwrap()
    .unwrap();
    let moved = shifted.iter().map(|patch| Patch {
        offset: patch.offset - (1 << 20),
        bytes: patch.bytes.clone(),
    });
    assert_eq!(moved.collect::<Vec<_>>(), patches);
    let mut calls = 0;
    let ended = slack(&source, partition, &mut |_| {
        calls += 1;
        ControlFlow::Break(())
    });
    assert_eq!((calls, ended.unwrap().unwrap().patches), (1, 1));
}

#[test]
fn what_is_not_clean_or_not_known_is_refused() {
    let refused = |disk: &Disk| {
        let source = disk.open();
        let mut patches = 0;
        let survey = slack(&source, whole(&source), &mut |_| {
            patches += 1;
            ControlFlow::Continue(())
        });
        assert_eq!(patches, 0);
        survey
    };
    for change in ["feature needs_recovery", "set_super_value state 3"] {
        let disk = Disk::ext4(DEBIAN, "32M");
        disk.debugfs("rm /dangling");
        disk.debugfs(change);
        assert!(
            matches!(refused(&disk), Err(FileSystemError::NotClean)),
            "{change}"
        );
    }
    let disk = Disk::ext4(DEBIAN, "32M");
    disk.debugfs("feature shared_blocks");
    let error = refused(&disk).unwrap_err().to_string();
    assert_eq!(
        error,
        "the file system uses read-only feature bits 0x4000, which is not supported"
    );
    let nothing = Memory::new(vec![0; 1 << 20]);
    let survey = slack(&nothing, whole(&nothing), &mut |_| ControlFlow::Break(()));
    assert_eq!(survey.unwrap(), None);
}

/// Hash trees with nodes below their roots: names of one file, so many that one or two levels of nodes are needed.
#[test]
fn deep_hash_trees_are_cleaned() {
    for (levels, names) in [(1, 4000), (2, 60_000)] {
        let (_, options) = LAYOUTS[1];
        let disk = Disk::ext4(options, "96M");
        let Some(mount) = crate::kernel::Mount::new(&disk.path(), "ext4", "rw") else {
            return;
        };
        let folder = mount.path().join("deep");
        std::fs::create_dir(&folder).unwrap();
        let file = mount.path().join("of-many-names");
        File::create(&file).unwrap();
        let name = |number: usize| format!("{TELLTALE}{number}-{}", "long".repeat(57));
        for number in 0..names {
            std::fs::hard_link(&file, folder.join(name(number))).unwrap();
        }
        for number in 0..names - 20 {
            std::fs::remove_file(folder.join(name(number))).unwrap();
        }
        drop(mount);
        for number in names - 20..names {
            disk.debugfs(&format!("rm /deep/{}", name(number)));
        }
        let output = run(tool("debugfs")
            .args(["-R", "htree_dump /deep"])
            .arg(disk.path()));
        let dump = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            dump.contains(&format!("Indirect levels: {levels}")),
            "{levels}"
        );
        let before = seen(&disk);
        let (survey, patches) = surveyed(&disk);
        assert!(survey.patches > 10, "{survey:?}");
        apply(&disk, &patches);
        scrub_free_blocks(&disk);
        disk.fsck();
        assert!(before == seen(&disk));
        assert_eq!(places(&disk, TELLTALE.as_bytes()), []);
        let source = disk.open();
        let tree = Ext4Tree::open(&source, whole(&source)).unwrap();
        compare(&disk.path(), "ext4", &tree);
        use_it_again(&disk);
    }
}
