//! The free map: against xfs_db, what may be scrubbed by it, and when it must not be used.

use std::fs::{self, File, OpenOptions};

use amint_inspect::search::{Options, Pattern, scan};
use amint_inspect::{BlockSource, Extent, FileSystemError, FreeMap, file_system};

use super::files::{content, long_name};
use super::fixture::Disk;
use super::tree::LAYOUTS;
use crate::fixture::{Memory, free_map, whole};

const SIZE: u64 = 160 << 20;

pub fn map(disk: &Disk) -> FreeMap {
    let source = disk.open();
    free_map(&source, whole(&source)).unwrap()
}

fn error(disk: &Disk) -> FileSystemError {
    let source = disk.open();
    free_map(&source, whole(&source)).unwrap_err()
}

/// What xfs_db says is free, the reserves of the groups included, adjacent extents joined.
fn listed(disk: &Disk) -> Vec<Extent> {
    let block = disk.field("sb 0", "blocksize");
    let group = disk.field("sb 0", "agblocks");
    let mut extents: Vec<Extent> = Vec::new();
    let answer = disk.ask("freesp -d");
    // Groups, blocks and lengths, until the histogram begins.
    for line in answer
        .lines()
        .skip(1)
        .take_while(|line| !line.contains("from"))
    {
        let numbers: Vec<u64> = line
            .split_whitespace()
            .map(|word| word.parse().unwrap())
            .collect();
        let [number, first, length] = numbers[..] else {
            panic!("{line}");
        };
        extents.push(Extent {
            offset: (number * group + first) * block,
            length: length * block,
        });
    }
    extents.sort();
    extents.dedup_by(|next, last| {
        let joined = last.range().end == next.offset;
        last.length += if joined { next.length } else { 0 };
        joined
    });
    assert!(!extents.is_empty(), "{answer}");
    extents
}

#[test]
fn free_blocks_are_those_that_xfs_db_lists() {
    let old = [
        ("version 4", "-m crc=0"),
        ("small blocks", "-m crc=0 -b size=512"),
    ];
    for (name, options) in LAYOUTS.iter().chain(&old) {
        let disk = Disk::with_files(options, SIZE);
        if options.contains("crc=0") {
            // The kernel may not know it any more.
        } else if let Some(mount) = disk.mount() {
            for index in 0..300 {
                let path = mount.path().join(long_name(index, 30));
                fs::write(path, content("piece", 20_000)).unwrap();
            }
            for index in (0..300).step_by(2) {
                fs::remove_file(mount.path().join(long_name(index, 30))).unwrap();
            }
        }
        let map = map(&disk);
        assert!(map.clean && map.journal_clean, "{name}");
        assert_eq!(map.free, listed(&disk), "{name}");
    }
}

/// Files of known content that were deleted, and some that were not.
fn with_deleted(options: &str) -> Option<Disk> {
    let disk = Disk::new(options, SIZE);
    let mount = disk.mount()?;
    for name in ["victim", "kept"] {
        for index in 0..50 {
            let path = mount.path().join(format!("{name}-{index}"));
            fs::write(path, content(name, 30_000)).unwrap();
        }
    }
    rustix::fs::syncfs(File::open(mount.path()).unwrap()).unwrap();
    for index in 0..50 {
        fs::remove_file(mount.path().join(format!("victim-{index}"))).unwrap();
    }
    drop(mount);
    Some(disk)
}

fn hits(disk: &Disk, text: &[u8]) -> usize {
    let pattern = Pattern {
        id: "text".into(),
        bytes: text.to_vec(),
    };
    scan(&disk.open(), &[pattern], &Options::default())
        .unwrap()
        .hits
        .len()
}

#[test]
fn deleted_content_is_in_what_may_be_scrubbed() {
    for (name, options) in LAYOUTS {
        let Some(disk) = with_deleted(options) else {
            return;
        };
        assert!(hits(&disk, b"<<victim>>") >= 50, "{name}");
        let kept = hits(&disk, b"<<kept>>");
        for extent in map(&disk).scrubbable() {
            disk.discard(extent);
        }
        assert_eq!(hits(&disk, b"<<victim>>"), 0, "{name}");
        assert_eq!(hits(&disk, b"<<kept>>"), kept, "{name}");
        disk.check();
        let mount = disk.mount().unwrap();
        for index in 0..50 {
            let read = fs::read(mount.path().join(format!("kept-{index}"))).unwrap();
            assert!(read == content("kept", 30_000), "{name}");
        }
        fs::write(mount.path().join("new"), "new").unwrap();
        drop(mount);
        disk.check();
    }
}

#[test]
fn offsets_count_from_the_start_of_the_disk() {
    let disk = Disk::with_files("", SIZE);
    let alone = map(&disk);
    let shift = 1 << 20;
    let mut bytes = vec![0; shift];
    bytes.extend(disk.bytes());
    let partition = Extent {
        offset: shift as u64,
        length: SIZE,
    };
    let memory = Memory::new(bytes);
    let inside = free_map(&memory, partition).unwrap();
    let shifted = |extents: &[Extent]| -> Vec<Extent> {
        let shift = |extent: &Extent| Extent {
            offset: extent.offset + shift as u64,
            ..*extent
        };
        extents.iter().map(shift).collect()
    };
    assert_eq!(inside.free, shifted(&alone.free));
    assert_eq!(inside.journal, shifted(&alone.journal));
    let tree = file_system::open(&memory, partition).unwrap().unwrap();
    assert_eq!(tree.read("/plain", 8).unwrap().unwrap(), b"<<plain>");
}

#[test]
fn trees_that_lie_are_caught() {
    let lies = |place: &str, change: &str| {
        let disk = Disk::with_files("", SIZE);
        disk.change(place, &[change]);
        error(&disk).to_string()
    };
    let claimed = lies("agf 0", "freeblks 77");
    assert!(claimed.contains("in its tree but claims 77"), "{claimed}");
    let longest = lies("agf 0", "longest 1");
    assert!(longest.contains("in its tree but claims"), "{longest}");
    let reserve = lies("agf 0", "flcount 2");
    assert!(
        reserve.contains("the AGFL of group 0 contradicts its AGF"),
        "{reserve}"
    );
    let header = lies("agf 1", "seqno 3");
    assert!(header.contains("group 1 has a wrong header"), "{header}");
    // The free extent, moved onto the group's headers.
    let (disk, group) = (Disk::new("", SIZE), 3);
    let (headers, length) = (4, disk.field("agf 3", "length"));
    let root = disk.field("agf 3", "bnoroot");
    let place = format!("fsblock {}", group << disk.field("sb 0", "agblklog") | root);
    let free = disk.field("agf 3", "freeblks");
    assert!(free > length / 2 && headers < free);
    disk.change(&format!("{place}\0type bnobt"), &["recs[1].startblock 0"]);
    let headers = error(&disk).to_string();
    assert!(
        headers.contains("is metadata but marked as free"),
        "{headers}"
    );
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    let refused = |change: &str| {
        let disk = Disk::with_files("", SIZE);
        disk.change("sb 0", &[change]);
        error(&disk).to_string()
    };
    let uses = |what: &str| format!("the file system uses {what}, which is not supported");
    assert_eq!(
        refused("features_incompat 0x103"),
        uses("metadata directories")
    );
    assert_eq!(
        refused("features_incompat 0x10003"),
        uses("feature bits 0x10000")
    );
    assert_eq!(refused("logstart 0"), uses("a log on another device"));
    assert_eq!(refused("versionnum 0xb4a3"), uses("version 3 of XFS"));
    let names = Disk::new("-m crc=0 -n version=ci", SIZE);
    assert_eq!(error(&names).to_string(), uses("names without case"));
}

#[test]
fn damage_is_named() {
    let damaged = |offset: u64, bytes: &[u8]| {
        let disk = Disk::with_files("", SIZE);
        disk.write(offset, bytes);
        error(&disk).to_string()
    };
    assert_eq!(
        damaged(108, b"LABEL"),
        "the checksum of the superblock is wrong"
    );
    assert_eq!(
        damaged(512 + 100, b"x"),
        "the checksum of the AGF of group 0 is wrong"
    );
    assert_eq!(
        damaged(1024 + 330, b"x"),
        "the checksum of the AGI of group 0 is wrong"
    );
    assert_eq!(
        damaged(1536 + 60, b"x"),
        "the checksum of the AGFL of group 0 is wrong"
    );
    assert_eq!(
        damaged(4096 + 100, b"x"),
        "the checksum of the free-space tree of group 0 is wrong"
    );
    let short = Disk::with_files("", SIZE);
    let file = OpenOptions::new().write(true).open(short.path()).unwrap();
    file.set_len(SIZE / 2).unwrap();
    assert_eq!(
        error(&short).to_string(),
        "the file system has 167772160 bytes but its partition only 83886080: the disk is truncated"
    );
    let source = Memory::new(vec![0; 4096]);
    assert!(FreeMap::read(&source, whole(&source)).unwrap().is_none());
    assert_eq!(source.size(), 4096);
}

#[test]
fn an_interrupted_file_system_is_never_scrubbed() {
    let repair = Disk::with_files("", SIZE);
    repair.change("sb 0", &["features_incompat 0x1b"]);
    let unlinked = Disk::with_files("", SIZE);
    unlinked.change("agi 0", &["unlinked[5] 131"]);
    for disk in [repair, unlinked] {
        let map = map(&disk);
        assert!(!map.clean && map.journal_clean);
        assert_eq!(map.scrubbable().count(), 0);
        let source = disk.open();
        let tree = file_system::open(&source, whole(&source)).unwrap().unwrap();
        assert!(!tree.is_clean() && !tree.needs_recovery());
    }
}
