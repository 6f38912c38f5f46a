//! The free map against `dumpe2fs`, and against `e2fsck` after a scrub, in every layout of metadata.

use std::fs;
use std::ops::RangeInclusive;

use amint_inspect::Extent;

use crate::fixture::{DEBIAN, Disk, free_map, run, tool, whole};
use crate::tree::assert_same_files;

/// What mke2fs can be asked for that changes where metadata is: a name, a size, the options.
const LAYOUTS: &[(&str, &str, &str)] = &[
    (
        "1k",
        "40M",
        "-t ext4 -b 1024 -O 64bit,metadata_csum,extent,has_journal,flex_bg",
    ),
    (
        "2k",
        "64M",
        "-t ext4 -b 2048 -O 64bit,metadata_csum,extent,has_journal,flex_bg",
    ),
    (
        "32bit",
        "64M",
        "-b 4096 -O has_journal,extent,flex_bg,metadata_csum,^64bit",
    ),
    (
        "no flex_bg",
        "64M",
        "-b 1024 -O has_journal,extent,^flex_bg,metadata_csum,64bit",
    ),
    (
        "no checksums",
        "64M",
        "-b 1024 -O has_journal,extent,flex_bg,^metadata_csum,^uninit_bg",
    ),
    (
        "uninit_bg",
        "64M",
        "-b 1024 -O has_journal,extent,flex_bg,^metadata_csum,uninit_bg",
    ),
    (
        "uninit_bg 64bit",
        "64M",
        "-b 1024 -O has_journal,extent,64bit,^metadata_csum,uninit_bg",
    ),
    (
        "small groups",
        "32M",
        "-b 1024 -g 512 -O has_journal,extent,metadata_csum,sparse_super",
    ),
    (
        "large flex",
        "96M",
        "-b 1024 -g 2048 -G 32 -O has_journal,extent,flex_bg,metadata_csum,64bit",
    ),
    (
        "every backup",
        "48M",
        "-b 1024 -O has_journal,extent,metadata_csum,^sparse_super,^resize_inode",
    ),
    (
        "sparse_super2",
        "48M",
        "-b 1024 -O has_journal,extent,metadata_csum,sparse_super2,^sparse_super,^resize_inode",
    ),
    (
        "meta_bg",
        "48M",
        "-b 1024 -g 1024 -O has_journal,extent,metadata_csum,meta_bg,^resize_inode",
    ),
    (
        "meta_bg 4k",
        "96M",
        "-b 4096 -O has_journal,extent,flex_bg,metadata_csum,64bit,meta_bg,^resize_inode",
    ),
    (
        "csum seed",
        "48M",
        "-b 4096 -O has_journal,extent,flex_bg,metadata_csum,metadata_csum_seed,64bit",
    ),
    (
        "ext2",
        "32M",
        "-b 1024 -I 128 -O ^has_journal,^extent,sparse_super",
    ),
    (
        "ext3",
        "48M",
        "-b 1024 -I 128 -O has_journal,^extent,sparse_super,resize_inode",
    ),
    (
        "ext3 4k",
        "48M",
        "-b 4096 -O has_journal,^extent,sparse_super,dir_index",
    ),
    (
        "large inodes",
        "48M",
        "-b 4096 -I 1024 -O has_journal,extent,metadata_csum,64bit",
    ),
    (
        "odd size",
        "33001",
        "-b 1024 -O has_journal,extent,flex_bg,metadata_csum,64bit",
    ),
];

#[test]
fn equals_dumpe2fs_and_survives_a_scrub_in_every_layout() {
    let listed = LAYOUTS
        .iter()
        .map(|(name, size, options)| (*name, *size, options.split(' ').collect()));
    for (name, size, options) in std::iter::once(("debian", "64M", DEBIAN.to_vec())).chain(listed) {
        let disk = Disk::ext4(&options, size);
        for file in [
            "var/log/victim",
            "var/log/deep/er/victim",
            "etc/many/a-file-with-a-rather-long-name-7",
        ] {
            disk.debugfs(&format!("rm /{file}"));
            fs::remove_file(disk.root().join(file)).unwrap();
        }
        let map = free_map(&disk.open(), whole(&disk.open()))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(map.clean && map.journal_clean, "{name}");
        assert_eq!(
            blocks(&map.free, block_size(&disk)),
            dumpe2fs_free(&disk),
            "{name}"
        );

        let journal = journal_blocks(&disk);
        assert_eq!(journal == 0, name == "ext2", "{name}");
        assert_eq!(
            map.journal.iter().map(|extent| extent.length).sum::<u64>(),
            journal.saturating_sub(1) * block_size(&disk),
            "{name}"
        );

        // What was deleted is there before the scrub and gone after it.
        for extent in map.scrubbable() {
            disk.discard(extent);
        }
        disk.fsck();
        assert_same_files(&disk, name);
        let scrubbed = free_map(&disk.open(), whole(&disk.open())).unwrap();
        assert_eq!(scrubbed, map, "{name}");
    }
}

fn superblock_field(disk: &Disk, field: &str) -> String {
    let output = run(tool("dumpe2fs").arg("-h").arg(disk.path()));
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    line.unwrap_or_default().trim().to_owned()
}

fn block_size(disk: &Disk) -> u64 {
    superblock_field(disk, "Block size:").parse().unwrap()
}

/// The journal's length in blocks, by dumpe2fs; 0 without one.
fn journal_blocks(disk: &Disk) -> u64 {
    superblock_field(disk, "Total journal blocks:")
        .parse()
        .unwrap_or(0)
}

/// The free blocks that `dumpe2fs` prints, one by one.
fn dumpe2fs_free(disk: &Disk) -> Vec<u64> {
    let output = run(tool("dumpe2fs").arg(disk.path()));
    let text = String::from_utf8(output.stdout).unwrap();
    let ranges = text
        .lines()
        .filter_map(|line| line.strip_prefix("  Free blocks: "));
    ranges
        .flat_map(|line| line.split(", "))
        .filter(|range| !range.is_empty())
        .flat_map(parse_range)
        .collect()
}

fn parse_range(range: &str) -> RangeInclusive<u64> {
    match range.split_once('-') {
        Some((first, last)) => first.parse().unwrap()..=last.parse().unwrap(),
        None => range.parse().unwrap()..=range.parse().unwrap(),
    }
}

fn blocks(extents: &[Extent], size: u64) -> Vec<u64> {
    extents
        .iter()
        .flat_map(|extent| extent.offset / size..extent.range().end / size)
        .collect()
}
