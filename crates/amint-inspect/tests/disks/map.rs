//! The free map: where it counts from, and when it must not be used.

use std::fs;

use amint_inspect::FileSystem;
use amint_inspect::FileSystemError;
use amint_inspect::ext4::Ext4Tree;
use amint_inspect::search::{Options, Pattern, scan};
use amint_inspect::{BlockSource, Extent};

use crate::fixture::{DEBIAN, Disk, free_map, noise, run, tool, whole};

#[test]
fn deleted_content_is_in_free_blocks() {
    let disk = Disk::ext4(DEBIAN, "48M");
    let needle = Pattern {
        id: "secret".into(),
        bytes: noise(64),
    };
    let found = |disk: &Disk| {
        let needle = std::slice::from_ref(&needle);
        scan(&disk.open(), needle, &Options::default())
            .unwrap()
            .hits
            .len()
    };
    // All three begin with the same bytes.
    for file in ["var/log/victim", "var/log/large", "var/log/deep/er/victim"] {
        disk.debugfs(&format!("rm /{file}"));
    }
    assert_eq!(found(&disk), 3);
    let map = free_map(&disk.open(), whole(&disk.open())).unwrap();
    for extent in map.scrubbable() {
        disk.discard(extent);
    }
    assert_eq!(found(&disk), 0);
}

#[test]
fn offsets_count_from_the_start_of_the_disk() {
    let disk = Disk::ext4(DEBIAN, "32M");
    let source = disk.open();
    let alone = free_map(&source, whole(&source)).unwrap();
    let shift = 1 << 20;
    let mut bytes = vec![0; shift];
    bytes.extend(disk.bytes());
    let partition = Extent {
        offset: shift as u64,
        length: source.size(),
    };
    let inside = free_map(&crate::fixture::Memory::new(bytes), partition).unwrap();
    let shifted = |extents: &[Extent]| -> Vec<Extent> {
        extents
            .iter()
            .map(|extent| Extent {
                offset: extent.offset + shift as u64,
                ..*extent
            })
            .collect()
    };
    assert_eq!(inside.free, shifted(&alone.free));
    assert_eq!(inside.journal, shifted(&alone.journal));
}

#[test]
fn a_dirty_file_system_is_never_scrubbed() {
    let disk = Disk::ext4(DEBIAN, "32M");
    disk.debugfs("feature needs_recovery");
    let map = free_map(&disk.open(), whole(&disk.open())).unwrap();
    assert!(!map.clean);
    assert_eq!(map.scrubbable().count(), 0);
    assert!(
        Ext4Tree::open(&disk.open(), whole(&disk.open()))
            .unwrap()
            .needs_recovery()
    );

    let errors = Disk::ext4(DEBIAN, "32M");
    errors.debugfs("set_super_value state 3");
    assert!(
        !free_map(&errors.open(), whole(&errors.open()))
            .unwrap()
            .clean
    );

    let orphan = Disk::ext4(DEBIAN, "32M");
    orphan.debugfs("set_super_value last_orphan 12");
    assert!(
        !free_map(&orphan.open(), whole(&orphan.open()))
            .unwrap()
            .clean
    );
}

#[test]
fn a_journal_with_work_left_is_not_clean() {
    let disk = Disk::ext4(DEBIAN, "32M");
    let source = disk.open();
    let map = free_map(&source, whole(&source)).unwrap();
    let superblock = map.journal[0].offset - 4096;
    disk.write(superblock + 0x1c, &1_u32.to_be_bytes());
    let map = free_map(&disk.open(), whole(&source)).unwrap();
    assert!(!map.journal_clean);
    assert!(
        map.scrubbable()
            .all(|extent| !map.journal.contains(&extent))
    );
}

#[test]
fn bigalloc_is_refused_by_name() {
    for (block, cluster) in [("4096", "16384"), ("1024", "16384")] {
        let features = "bigalloc,extent,has_journal,64bit,metadata_csum";
        let options = ["-b", block, "-C", cluster, "-O", features];
        let bigalloc = Disk::ext4(&options, "64M");
        let error = free_map(&bigalloc.open(), whole(&bigalloc.open())).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the file system uses bigalloc, which is not supported"
        );
    }
}

#[test]
fn damage_is_named() {
    let damaged = |offset: u64, bytes: &[u8]| {
        let disk = Disk::ext4(DEBIAN, "32M");
        disk.write(offset, bytes);
        free_map(&disk.open(), whole(&disk.open())).unwrap_err()
    };
    assert!(matches!(
        damaged(1024 + 0x38, &[0, 0]),
        FileSystemError::Absent(_)
    ));
    assert_eq!(
        damaged(1024 + 0x78, b"LABEL").to_string(),
        "the checksum of the superblock is wrong"
    );
    assert_eq!(
        damaged(4096 + 0x4, &[9]).to_string(),
        "the checksum of block group descriptor 0 is wrong"
    );

    let disk = Disk::ext4(DEBIAN, "32M");
    let length = 8 << 20;
    fs::OpenOptions::new()
        .write(true)
        .open(disk.path())
        .unwrap()
        .set_len(length)
        .unwrap();
    let error = free_map(&disk.open(), whole(&disk.open())).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the file system has 33554432 bytes but its partition only 8388608: the disk is truncated"
    );
}

#[test]
fn a_bitmap_that_lies_is_caught() {
    let disk = Disk::ext4(
        &["-b", "4096", "-O", "has_journal,extent,^metadata_csum"],
        "32M",
    );
    let output = run(tool("dumpe2fs").arg(disk.path()));
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text
        .lines()
        .find(|line| line.contains("Block bitmap at"))
        .unwrap();
    let bitmap: u64 = line
        .split("Block bitmap at ")
        .nth(1)
        .unwrap()
        .split([' ', ','])
        .next()
        .unwrap()
        .parse()
        .unwrap();
    disk.write(bitmap * 4096, &[0]);
    let error = free_map(&disk.open(), whole(&disk.open()))
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("the file system is damaged: group 0 has"),
        "{error}"
    );
}
