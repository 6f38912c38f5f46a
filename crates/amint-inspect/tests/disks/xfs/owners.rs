//! What offsets belong to, held against where the content of known files lies.

use std::fs::{self, File};

use amint_inspect::region::Region;
use amint_inspect::{BlockSource, FileSystem, file_system};

use super::files::{content, long_name, populate};
use super::fixture::Disk;
use super::map::map;
use super::tree::LAYOUTS;
use crate::fixture::{run, tool, whole};

const SIZE: u64 = 160 << 20;

/// Where each of `texts` lies on the disk, and what those places belong to.
struct Found {
    bytes: Vec<u8>,
    offsets: Vec<(u64, usize)>,
    regions: Vec<Region>,
}

impl Found {
    fn new(disk: &Disk, texts: &[String]) -> Self {
        let bytes = disk.bytes();
        let search = aho_corasick::AhoCorasick::new(texts).unwrap();
        let offsets: Vec<(u64, usize)> = search
            .find_overlapping_iter(&bytes)
            .map(|hit| (hit.start() as u64, hit.pattern().as_usize()))
            .collect();
        let source = disk.open();
        let tree = file_system::open(&source, whole(&source)).unwrap().unwrap();
        let asked: Vec<u64> = offsets.iter().map(|(offset, _)| *offset).collect();
        let regions = tree.owners(&asked).unwrap();
        Self {
            bytes,
            offsets,
            regions,
        }
    }

    /// What the places of a text belong to, apart from the log and what was freed.
    fn of(&self, text: usize) -> Vec<&Region> {
        let places = self.offsets.iter().zip(&self.regions);
        places
            .filter(|((_, found), region)| {
                *found == text && !matches!(region, Region::Journal | Region::FreeBlock)
            })
            .map(|(_, region)| region)
            .collect()
    }
}

#[test]
fn known_content_is_attributed_to_its_file() {
    // The sizes of blocks and inodes are what matters here.
    let layouts = LAYOUTS
        .iter()
        .step_by(4)
        .chain(LAYOUTS.get(5..6).unwrap_or_default());
    for (name, options) in layouts {
        let disk = Disk::new(options, SIZE);
        let Some(mount) = disk.mount() else {
            return;
        };
        populate(mount.path());
        drop(mount);
        let mut expected: Vec<(String, Vec<Region>)> = Vec::new();
        let mut expect = |text: &str, regions: &[Region]| {
            expected.push((text.to_owned(), regions.to_vec()));
        };
        let file = |path: &str| Region::File(path.to_owned());
        for piece in 0..2000 {
            expect(&format!("<<piece-{piece}>>"), &[file("/pieces")]);
        }
        expect("<<huge>>", &[file("/huge")]);
        expect("<<reserved>>", &[file("/reserved")]);
        expect("<<shared>>", &[file("/shared"), file("/shared-too")]);
        let plain = [
            "/plain-511",
            "/plain-4096",
            "/plain-70000",
            "/plain-3000000",
            "/a/again",
        ];
        expect("<<plain>>", &plain.map(file));
        let attributes = |path: &str| Region::Attributes(path.to_owned());
        expect("<<remote>>", &[attributes("/attributes-remote")]);
        expect(
            &long_name(100, 100),
            &[attributes("/attributes-node"), slack("/holes")],
        );
        for link in [300, 500, 1000, 1023] {
            let target = format!("{}plain-4096", "./".repeat((link - 10) / 2));
            let links = [300, 500, 1000, 1023].map(|link| Region::Link(format!("/remote-{link}")));
            expect(&target, &links);
        }
        let directory = |path: &str| Region::Directory(path.to_owned());
        expect(&long_name(2, 10), &[directory("/few"), slack("/few")]);
        expect(&long_name(29, 20), &[directory("/block")]);
        expect(&long_name(299, 40), &[directory("/leaf")]);
        expect(&long_name(9_999, 60), &[directory("/node")]);
        for index in (0..3000).step_by(7) {
            let removed = index % 50 != 0 || index > 2000;
            let text = long_name(index, 90);
            match removed {
                true => expect(&text, &[slack("/holes")]),
                false => expect(&text, &[directory("/holes"), slack("/holes")]),
            }
        }
        let texts: Vec<String> = expected.iter().map(|(text, _)| text.clone()).collect();
        let found = Found::new(&disk, &texts);
        assert!(!found.bytes.is_empty());
        let mut slack_seen = 0;
        for (index, (text, allowed)) in expected.iter().enumerate() {
            let regions = found.of(index);
            for region in &regions {
                assert!(
                    allowed.contains(region),
                    "{name}: {text}: {region:?}, {allowed:?}"
                );
            }
            let removed = allowed == &[slack("/holes")];
            slack_seen += usize::from(removed && !regions.is_empty());
            assert!(
                removed || !regions.is_empty(),
                "{name}: {text} was not found"
            );
        }
        assert!(slack_seen > 50, "{name}: {slack_seen}");
    }
}

fn slack(path: &str) -> Region {
    Region::DirectorySlack(path.to_owned())
}

/// Nothing on a sound disk is in use by nobody knows what, and what is free is what the map says.
#[test]
fn every_sector_has_an_owner() {
    let old = [("version 4", "-m crc=0")];
    for (name, options) in LAYOUTS.iter().chain(&old) {
        let disk = Disk::with_files(options, SIZE);
        if !options.contains("crc=0")
            && let Some(mount) = disk.mount()
        {
            populate(&mount.path().join("some"));
        }
        let source = disk.open();
        let tree = file_system::open(&source, whole(&source)).unwrap().unwrap();
        let offsets: Vec<u64> = (0..source.size() / 512)
            .map(|sector| sector * 512 + 7)
            .collect();
        let regions = tree.owners(&offsets).unwrap();
        let (map, log) = (map(&disk), disk.log().range());
        for (offset, region) in offsets.iter().zip(&regions) {
            let before = map.free.partition_point(|extent| extent.offset <= *offset);
            let free = before > 0 && map.free[before - 1].range().contains(offset);
            assert_eq!(free, *region == Region::FreeBlock, "{name}: {offset}");
            assert_eq!(
                log.contains(offset),
                *region == Region::Journal,
                "{name}: {offset}"
            );
            assert!(
                *region != Region::InUse,
                "{name}: {offset} belongs to nobody"
            );
        }
        for kind in ["File", "Directory", "Metadata", "FreeInode"] {
            let seen = regions
                .iter()
                .filter(|region| format!("{region:?}").starts_with(kind));
            assert!(seen.count() > 3, "{name}: no {kind}");
        }
    }
}

#[test]
fn files_without_a_name_are_told_apart() {
    let disk = Disk::new("", SIZE);
    let Some(mount) = disk.mount() else {
        return;
    };
    let path = mount.path().join("removed");
    fs::write(&path, content("removed", 50_000)).unwrap();
    let open = File::open(&path).unwrap();
    open.sync_all().unwrap();
    fs::remove_file(&path).unwrap();
    // Everything is written down, and the file is in use all the same.
    run(tool("fsfreeze").arg("-f").arg(mount.path()));
    let copy = disk.copy();
    run(tool("fsfreeze").arg("-u").arg(mount.path()));
    drop(open);
    let found = Found::new(&copy, &["<<removed>>".to_owned()]);
    let regions = found.of(0);
    assert!(regions.len() >= 98, "{}", regions.len());
    assert!(
        regions.iter().all(|region| **region == Region::Unlinked),
        "{regions:?}"
    );
    let source = copy.open();
    assert!(
        !amint_inspect::xfs::XfsTree::open(&source, whole(&source))
            .unwrap()
            .is_clean()
    );
}
