//! The log: whether anything waits in it, and that the kernel and xfs_repair take it for theirs once it was scrubbed.

use std::fs::{self, File};
use std::path::Path;

use amint_inspect::xfs::XfsTree;
use amint_inspect::{FileSystem, FreeMap, Tree, file_system};

use super::files::long_name;
use super::fixture::Disk;
use super::map::map;
use crate::fixture::{run, tool, whole};
use crate::kernel::compare;

const SIZE: u64 = 160 << 20;

/// Writes much to the log, and leaves few names.
fn work(root: &Path, rounds: usize) {
    for round in 0..rounds {
        let folder = root.join(format!("round-{round}"));
        fs::create_dir(&folder).unwrap();
        for index in 0..4000 {
            File::create(folder.join(long_name(index, 60))).unwrap();
        }
        sync(root);
        if round + 1 < rounds {
            fs::remove_dir_all(&folder).unwrap();
            sync(root);
        }
    }
}

fn sync(root: &Path) {
    rustix::fs::syncfs(File::open(root).unwrap()).unwrap();
}

/// The log's round, by its first sector.
fn round(disk: &Disk) -> u32 {
    let bytes = disk.bytes_at(disk.log());
    let word = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    match word(0) {
        0xfeed_babe => word(4),
        round => round,
    }
}

fn scrub(disk: &Disk) -> FreeMap {
    let map = map(disk);
    let pieces = map.journal.len();
    assert!(map.clean && map.journal_clean && pieces > 0, "{map:?}");
    map.scrubbable().for_each(|extent| disk.discard(extent));
    map
}

#[test]
fn a_scrubbed_log_is_still_one() {
    // One that was never gone round, some that were, and stripes that records are padded to.
    let layouts = [
        ("", 1),
        ("-l size=8m", 4),
        ("-b size=1024 -l size=8m", 4),
        ("-l size=20m,su=256k", 12),
        ("-s size=4096 -l size=8m", 4),
    ];
    for (options, rounds) in layouts {
        let disk = Disk::with_files(options, SIZE);
        let Some(mount) = disk.mount() else {
            return;
        };
        work(mount.path(), rounds);
        drop(mount);
        assert_eq!(round(&disk) > 1, rounds > 1, "{options}");
        assert!(find(&disk, b"a-rather-long-name"), "{options}");
        let map = scrub(&disk);
        disk.check();
        // Nothing is left to scrub; what was in the log is gone.
        assert!(self::map(&disk).journal.is_empty(), "{options}");
        for extent in &map.journal {
            let bytes = &disk.bytes_at(*extent);
            assert!(bytes.iter().all(|byte| *byte == 0), "{options}");
        }
        let mount = disk.mount().unwrap();
        fs::write(mount.path().join("after"), "after").unwrap();
        sync(mount.path());
        // The machine stops early in the new log, and later.
        let early = disk.copy();
        work(&mount.path().join("some"), 2);
        let late = disk.copy();
        drop(mount);
        disk.check();
        for (cut_off, has) in [(early, 0), (late, 4000)] {
            let source = cut_off.open();
            let tree = XfsTree::open(&source, whole(&source)).unwrap();
            assert!(tree.needs_recovery() && !tree.is_clean(), "{options}");
            assert_eq!(self::map(&cut_off).scrubbable().count(), 0, "{options}");
            let mount = cut_off.mount().unwrap();
            assert_eq!(
                fs::read(mount.path().join("after")).unwrap(),
                b"after",
                "{options}"
            );
            let names = fs::read_dir(mount.path().join("some/round-1")).map_or(0, Iterator::count);
            assert_eq!(names, has, "{options}");
            drop(mount);
            cut_off.check();
            let tree = file_system::open(&source, whole(&source)).unwrap().unwrap();
            assert!(!tree.needs_recovery() && tree.is_clean(), "{options}");
            compare(&cut_off.path(), "xfs", &*tree);
        }
    }
}

fn find(disk: &Disk, text: &[u8]) -> bool {
    let map = map(disk);
    let found = |extent: &_| {
        disk.bytes_at(*extent)
            .windows(text.len())
            .any(|run| run == text)
    };
    map.journal.iter().any(found)
}

/// What is in memory when a machine stops is lost; what the log has is not seen yet.
#[test]
fn a_tree_with_a_dirty_log_is_what_lies_on_the_disk() {
    let disk = Disk::with_files("", SIZE);
    let Some(mount) = disk.mount() else {
        return;
    };
    for index in 0..100 {
        let file = File::create(mount.path().join(long_name(index, 30))).unwrap();
        file.sync_all().unwrap();
    }
    let cut_off = disk.copy();
    drop(mount);
    let source = cut_off.open();
    let tree = XfsTree::open(&source, whole(&source)).unwrap();
    assert!(tree.needs_recovery() && !tree.is_clean());
    let map = map(&cut_off);
    assert!(!map.clean && !map.journal_clean && map.scrubbable().count() == 0);
    assert_eq!(tree.read("/plain", 8).unwrap().unwrap(), b"<<plain>");
    compare(&cut_off.path(), "xfs", &tree);
}

#[test]
fn a_log_without_its_past_is_clean_only_where_time_does_not_count() {
    for (options, is_clean) in [("", false), ("-m crc=0", true)] {
        let disk = Disk::with_files(options, SIZE);
        if !is_clean {
            // Metadata of the log's second round.
            disk.change("sb 0", &["lsn 0x200000010"]);
        }
        let log = disk.log();
        disk.discard(log);
        let map = map(&disk);
        assert_eq!(
            (map.clean, map.journal_clean),
            (is_clean, true),
            "{options}"
        );
        assert!(map.journal.is_empty());
    }
}

#[test]
fn rounds_that_contradict_each_other_are_not_clean() {
    let disk = Disk::with_files("", SIZE);
    let log = disk.log();
    disk.write(log.offset + log.length / 2 + 512, &[0, 0, 0, 9]);
    let map = map(&disk);
    assert!(!map.clean && !map.journal_clean);
    assert_eq!(map.scrubbable().count(), 0);
}

/// xfs_repair begins a log anew, in a later round, with a record in its first sectors and none behind the head.
#[test]
fn a_log_that_was_made_anew_is_clean() {
    for options in ["-l size=8m", "-l size=8m,su=32k", "-m crc=0"] {
        let disk = Disk::with_files(options, SIZE);
        let is_old = options.contains("crc=0");
        let mount = if is_old { None } else { disk.mount() };
        let before = mount.map(|mount| work(mount.path(), 4));
        let before = before.map(|()| round(&disk));
        run(tool("xfs_repair").arg("-L").arg(disk.path()));
        assert!(
            before.is_none_or(|before| round(&disk) > before),
            "{options}"
        );
        let source = disk.open();
        let tree = XfsTree::open(&source, whole(&source)).unwrap();
        assert!(tree.is_clean() && !tree.needs_recovery(), "{options}");
        let map = map(&disk);
        assert!(map.clean && map.journal_clean, "{options}");
        map.scrubbable().for_each(|extent| disk.discard(extent));
        disk.check();
        assert!(self::map(&disk).clean, "{options}");
        if !is_old {
            compare(&disk.path(), "xfs", &tree);
            if let Some(mount) = disk.mount() {
                fs::write(mount.path().join("after"), "after").unwrap();
                drop(mount);
                // The kernel has filled the gap.
                assert!(!scrub(&disk).journal.is_empty(), "{options}");
                disk.check();
                let mount = disk.mount().unwrap();
                let read = fs::read(mount.path().join("after")).unwrap();
                assert_eq!(read, b"after", "{options}");
                drop(mount);
                disk.check();
            }
        }
    }
}
