//! Disks that lie: whatever they hold, a reader returns, soon and without much memory.

use std::ops::ControlFlow;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use amint_inspect::ext4::Ext4Tree;
use amint_inspect::partition;
use amint_inspect::probe::probe;
use amint_inspect::region::Region;
use amint_inspect::search::{Options, Pattern, scan};
use amint_inspect::slack::{Patch, survey as slack};
use amint_inspect::{BlockSource, EntryKind, Extent, FileSystem, Tree};
use proptest::prelude::*;

use crate::fixture::{DEBIAN, Disk, Memory, free_map, noise, run, tool, whole};
use crate::partition::gpt;

/// Small valid file systems, with and without checksums that would catch a changed byte first.
static SAMPLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let unchecked = &[
        "-b",
        "1024",
        "-O",
        "has_journal,extent,flex_bg,64bit,^metadata_csum,^uninit_bg",
        "-J",
        "size=1",
    ];
    let blocks = &[
        "-b",
        "1024",
        "-O",
        "has_journal,^extent,^metadata_csum,^uninit_bg",
        "-J",
        "size=1",
    ];
    vec![
        Disk::ext4(DEBIAN, "12M").bytes(),
        Disk::ext4(unchecked, "6M").bytes(),
        Disk::ext4(blocks, "6M").bytes(),
        attributed(&[
            "-O",
            "has_journal,extent,^metadata_csum,inline_data,ea_inode",
        ]),
        attributed(&["-O", "has_journal,extent,^metadata_csum,dir_index"]),
    ]
});

/// With attributes in inodes and in blocks, and with hash trees.
fn attributed(features: &[&str]) -> Vec<u8> {
    let options = ["-b", "1024", "-I", "256", "-J", "size=1"];
    let disk = Disk::ext4(&[&options, features].concat(), "6M");
    let value = disk.root().with_extension("value");
    for (name, size) in [
        ("user.small", 20),
        ("user.large", 700),
        ("user.larger", 5000),
    ] {
        std::fs::write(&value, noise(size)).unwrap();
        // The largest only fits where it may have an inode of its own.
        let request = format!("ea_set -f {} /etc/shadow {name}", value.display());
        run(tool("debugfs")
            .args(["-w", "-R", &request])
            .arg(disk.path()));
    }
    disk.debugfs("rm /var/log/victim");
    // Builds the hash trees; exit code 1 says that it changed something.
    let status = tool("e2fsck")
        .args(["-fyD"])
        .arg(disk.path())
        .output()
        .unwrap()
        .status;
    assert!(matches!(status.code(), Some(0 | 1)), "{status}");
    disk.bytes()
}

/// Reads all there is, as an inspection would.
fn read_everything(bytes: Vec<u8>) {
    let start = Instant::now();
    let source = Memory::new(bytes);
    let _ = probe(&source, whole(&source));
    let layout = partition::read(&source);
    let mut extents = vec![whole(&source)];
    if let Ok(layout) = &layout {
        extents.extend(layout.partitions.iter().map(|partition| partition.extent));
        for unused in partition::unused(layout) {
            assert!(unused.range().end <= source.size() && unused.length > 0);
        }
    }
    for extent in extents {
        if let Ok(map) = free_map(&source, extent) {
            assert!(
                map.free
                    .iter()
                    .chain(&map.journal)
                    .all(|free| extent.range().start <= free.offset
                        && free.range().end <= extent.range().end
                        && free.length > 0)
            );
            assert!(
                map.free
                    .windows(2)
                    .all(|pair| pair[0].range().end < pair[1].offset)
            );
        }
        if let Ok(tree) = Ext4Tree::open(&source, extent) {
            walk(&tree, "", 0, &mut 2000);
            own(&tree, extent);
        }
        clean(&source, extent);
    }
    let pattern = Pattern {
        id: "tracer".into(),
        bytes: b"a tracer of some length".to_vec(),
    };
    scan(&source, &[pattern], &Options::default()).unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "took {:?}",
        start.elapsed()
    );
}

/// Asks for the owners of many places, as a scan with many hits would.
fn own(tree: &Ext4Tree<'_>, extent: Extent) {
    let sparse = (0..1000).map(|part| extent.offset + extent.length / 1000 * part);
    let dense = (0..2000).map(|part| extent.offset + 509 * part);
    let offsets: Vec<u64> = sparse.chain(dense).collect();
    if let Ok(regions) = tree.owners(&offsets) {
        assert_eq!(regions.len(), offsets.len());
        for region in regions {
            if let Region::File(path) | Region::Directory(path) = region {
                assert!(path.starts_with('/'));
            }
        }
    }
}

/// Surveys what a scrub would clean: all of it inside, and none of it for nothing.
fn clean(source: &Memory, extent: Extent) {
    let mut left = 10_000;
    let _ = slack(source, extent, &mut |patch: Patch| {
        let end = patch.offset + patch.bytes.len() as u64;
        assert!(extent.offset <= patch.offset && end <= extent.range().end);
        let old = &source.bytes[patch.offset as usize..end as usize];
        assert!(old.first() != patch.bytes.first() && old.last() != patch.bytes.last());
        left -= 1;
        match left {
            0 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    });
}

/// Looks at every file below `path`, at most `budget` of them and a few levels deep: a directory may hold itself.
fn walk(tree: &dyn Tree, path: &str, depth: u32, budget: &mut u32) {
    for name in tree.list(path).unwrap_or_default() {
        if *budget == 0 {
            return;
        }
        *budget -= 1;
        let path = format!("{path}/{name}");
        let kind = tree
            .metadata(&path)
            .ok()
            .flatten()
            .map(|metadata| metadata.kind);
        let _ = tree.attributes(&path);
        if let Ok(Some(content)) = tree.read(&path, 10_000) {
            assert!(content.len() <= 10_000);
        }
        if kind == Some(EntryKind::Directory) && depth < 5 {
            walk(tree, &path, depth + 1, budget);
        }
    }
}

/// A place in a file system where metadata is dense, or any other.
fn place() -> impl Strategy<Value = f64> {
    prop_oneof![3 => 0.0..0.0005_f64, 3 => 0.0..0.05_f64, 1 => 0.0..1.0_f64]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(mut bytes in prop::collection::vec(any::<u8>(), 0..70_000), magic in any::<bool>()) {
        if let (true, Some(field)) = (magic, bytes.get_mut(1080..1082)) {
            field.copy_from_slice(&[0x53, 0xef]);
        }
        read_everything(bytes);
    }

    #[test]
    fn a_plausible_superblock_of_random_numbers(bytes in prop::collection::vec(any::<u8>(), 1024), log in 0_u8..4, small in any::<bool>()) {
        let mut disk = vec![0; 300_000];
        disk[1024..2048].copy_from_slice(&bytes);
        disk[1080..1082].copy_from_slice(&[0x53, 0xef]);
        // No feature that is refused at once, no checksum, a block size that exists.
        disk[1024 + 0x60..1024 + 0x68].copy_from_slice(&[0x42, 0, 0, 0, bytes[0] & 1, 0, 0, 0]);
        disk[1024 + 0x18..1024 + 0x1c].copy_from_slice(&[log, 0, 0, 0]);
        if small {
            for (offset, value) in [(0x4, 250_u32 >> log), (0x14, u32::from(log == 0)), (0x20, 256), (0x28, 128), (0x0, 128)] {
                disk[1024 + offset..1024 + offset + 4].copy_from_slice(&value.to_le_bytes());
            }
            disk[1024 + 0x58..1024 + 0x5a].copy_from_slice(&128_u16.to_le_bytes());
        }
        read_everything(disk);
    }

    #[test]
    fn truncated_file_systems(sample in 0_usize..5, length in 0.0..1.0_f64) {
        let mut bytes = SAMPLES[sample].clone();
        bytes.truncate((bytes.len() as f64 * length) as usize);
        read_everything(bytes);
    }

    #[test]
    fn flipped_bits(sample in 0_usize..5, flips in prop::collection::vec((place(), 0_u8..8), 1..40)) {
        let mut bytes = SAMPLES[sample].clone();
        for (place, bit) in flips {
            let at = (place * bytes.len() as f64) as usize;
            bytes[at] ^= 1 << bit;
        }
        read_everything(bytes);
    }

    #[test]
    fn overwritten_runs(sample in 1_usize..5, runs in prop::collection::vec((place(), prop::collection::vec(any::<u8>(), 1..64)), 1..10)) {
        let mut bytes = SAMPLES[sample].clone();
        for (place, run) in runs {
            let at = (place * (bytes.len() - 64) as f64) as usize;
            bytes[at..at + run.len()].copy_from_slice(&run);
        }
        read_everything(bytes);
    }

    #[test]
    fn damaged_tables(
        partitions in prop::collection::vec((any::<u16>(), any::<u16>()), 0..6),
        writes in prop::collection::vec((0_usize..34 * 512, any::<u8>()), 0..4),
        length in 0_usize..(2 << 20) + 1,
    ) {
        let partitions: Vec<_> = partitions.iter().map(|(first, last)| (u64::from(*first) % 5000, u64::from(*last) % 5000, "p")).collect();
        let mut bytes = gpt(4096, &partitions);
        for (at, byte) in writes {
            bytes[at] = byte;
        }
        bytes.truncate(length.max(512));
        read_everything(bytes);
    }
}

/// An extent tree whose nodes lead to each other again and again: without a budget, more visits than a year has
/// nanoseconds.
#[test]
fn an_extent_tree_that_folds_onto_itself_ends() {
    let disk = Disk::ext4(
        &[
            "-b",
            "4096",
            "-I",
            "128",
            "-O",
            "has_journal,extent,^metadata_csum",
        ],
        "32M",
    );
    let map = free_map(&disk.open(), whole(&disk.open())).unwrap();
    let first = map.free[0].offset / 4096;
    let node = |depth: u16, child: u64| {
        let mut node = vec![0; 4096];
        let header = [0xf30a_u16, 340, 340, depth];
        for (field, value) in header.iter().enumerate() {
            node[2 * field..2 * field + 2].copy_from_slice(&value.to_le_bytes());
        }
        for entry in node[12..].chunks_exact_mut(12) {
            entry[4..8].copy_from_slice(&(child as u32).to_le_bytes());
        }
        node
    };
    for depth in 1..5_u16 {
        disk.write(
            (first + u64::from(depth)) * 4096,
            &node(depth, first + u64::from(depth) - 1),
        );
    }
    // The lowest node is an empty leaf: nothing ever comes out.
    let mut leaf = node(0, 0);
    leaf[2..4].fill(0);
    disk.write(first * 4096, &leaf);
    let mut root = node(5, first + 4);
    root[2..6].copy_from_slice(&[4, 0, 4, 0]);
    for (index, word) in root[..60].chunks_exact(4).enumerate() {
        let word = u32::from_le_bytes(word.try_into().unwrap());
        let field = match index {
            12 => "IND".to_owned(),
            13 => "DIND".to_owned(),
            14 => "TIND".to_owned(),
            direct => direct.to_string(),
        };
        disk.debugfs(&format!(
            "set_inode_field /var/log/large block[{field}] {word}"
        ));
    }
    let start = Instant::now();
    let source = disk.open();
    let error = Ext4Tree::open(&source, whole(&source))
        .unwrap()
        .read("/var/log/large", 1 << 20)
        .unwrap_err();
    assert!(
        error.reason.contains("its block map does not end"),
        "{error}"
    );
    assert!(start.elapsed() < Duration::from_secs(10));
}

/// Directories in each other's depths, one name each: paths that nobody could use are given up, not built.
#[test]
fn owners_of_what_is_too_deep_are_unknown() {
    let disk = Disk::ext4(DEBIAN, "32M");
    let commands = disk.root().with_extension("commands");
    let name = "d".repeat(250);
    let mut script = String::new();
    for _ in 0..80 {
        script += &format!("mkdir {name}\ncd {name}\n");
    }
    script += &format!("write {} bottom\n", disk.root().join("setuid").display());
    std::fs::write(&commands, script).unwrap();
    run(tool("debugfs")
        .arg("-w")
        .arg("-f")
        .arg(&commands)
        .arg(disk.path()));
    let needle = Pattern {
        id: "needle".into(),
        bytes: b"#!/bin/sh".to_vec(),
    };
    let hits = scan(&disk.open(), &[needle], &Options::default())
        .unwrap()
        .hits;
    let source = disk.open();
    let tree = Ext4Tree::open(&source, whole(&source)).unwrap();
    let offsets: Vec<u64> = hits.iter().map(|hit| hit.offset).collect();
    let mut owners = tree.owners(&offsets).unwrap();
    owners.sort();
    assert_eq!(owners, [Region::File("/setuid".into()), Region::InUse]);
}

#[test]
fn a_directory_that_holds_itself_is_only_as_deep_as_the_path() {
    let disk = Disk::ext4(DEBIAN, "32M");
    disk.debugfs("link /var/log /var/log/deep/again");
    let source = disk.open();
    let tree = Ext4Tree::open(&source, whole(&source)).unwrap();
    let path = format!("/var/log{}", "/deep/again".repeat(200));
    assert_eq!(tree.list(&path).unwrap(), ["deep", "large", "victim"]);
    let endless = format!("/var/log{}", "/deep/again".repeat(20_000));
    assert!(tree.list(&endless).is_err());
}

#[test]
fn a_link_longer_than_a_path_is_damage() {
    let disk = Disk::ext4(DEBIAN, "32M");
    disk.debugfs("set_inode_field /long size 1099511627776");
    let source = disk.open();
    let tree = Ext4Tree::open(&source, whole(&source)).unwrap();
    let error = tree.read("/long", 10).unwrap_err().to_string();
    assert!(
        error.starts_with("cannot read /long: the file system is damaged: symbolic link inode "),
        "{error}"
    );
}

/// What two files share can't be told to be unused, and is not cleaned for one of them.
#[test]
fn files_that_share_their_blocks_are_never_cleaned() {
    let disk = Disk::ext4(
        &["-b", "4096", "-O", "has_journal,extent,^metadata_csum"],
        "16M",
    );
    let blocks = free_map(&disk.open(), whole(&disk.open())).unwrap().free[0];
    // An extent that was reserved, never written, and reaches over nearly all of the disk, in every file.
    let mut root = [0_u8; 60];
    root[..8].copy_from_slice(&[0x0a, 0xf3, 1, 0, 4, 0, 0, 0]);
    root[16..18].copy_from_slice(&(32768 + 3000_u16).to_le_bytes());
    root[20..24].copy_from_slice(&((blocks.offset / 4096) as u32).min(1000).to_le_bytes());
    let fields = ["0", "1", "2", "3", "4", "5"];
    for number in 0..3 {
        for (field, word) in fields.iter().zip(root.chunks_exact(4)) {
            let word = u32::from_le_bytes(word.try_into().unwrap());
            let file = format!("/etc/many/a-file-with-a-rather-long-name-{number}");
            disk.debugfs(&format!("set_inode_field {file} block[{field}] {word}"));
        }
    }
    let source = disk.open();
    let error = slack(&source, whole(&source), &mut |_| ControlFlow::Continue(())).unwrap_err();
    let expected = "the file system is damaged: files that share their blocks";
    assert_eq!(error.to_string(), expected);
    let tree = Ext4Tree::open(&source, whole(&source)).unwrap();
    assert_eq!(tree.owners(&[blocks.offset]).unwrap(), [Region::FreeBlock]);
}
