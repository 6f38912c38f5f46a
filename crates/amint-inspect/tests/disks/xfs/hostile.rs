//! XFS disks that lie: whatever they hold, a reader returns, soon and without much memory.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use amint_inspect::region::Region;
use amint_inspect::xfs::XfsTree;
use amint_inspect::{EntryKind, FileSystem, Tree};
use crc::{CRC_32_ISCSI, Crc, Table};
use proptest::prelude::*;

use super::files;
use super::fixture::Disk;
use crate::fixture::{Memory, free_map, whole};

const SIZE: u64 = 24 << 20;
const CRC32C: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);

/// A small disk without sums, and some with them, which are made right again after each change. Those have everything
/// that the kernel can make where it may.
static SAMPLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let full = |options| {
        let disk = Disk::with_files(options, SIZE);
        if let Some(mount) = disk.mount() {
            let root = mount.path().join("full");
            fs::create_dir(&root).unwrap();
            files::populate_little(&root);
        }
        disk.bytes()
    };
    vec![
        Disk::with_files("-m crc=0 -b size=1024", SIZE).bytes(),
        full("-b size=1024 -m rmapbt=1,reflink=1"),
        full(""),
    ]
});

/// Makes the sums of whatever looks like metadata right again, so that its other lies are believed.
fn seal(bytes: &mut [u8]) {
    let block = 1 << bytes[120].clamp(9, 16);
    let inode = usize::from(u16::from_be_bytes([bytes[104], bytes[105]])).clamp(256, 2048);
    for at in (0..bytes.len() - 512).step_by(256) {
        let (length, sum) = match &bytes[at..at + 12] {
            [b'X', b'F', b'S', b'B', ..] => (512, 224),
            [b'X', b'A', b'G', b'F', ..] => (512, 216),
            [b'X', b'A', b'G', b'I', ..] => (512, 312),
            [b'X', b'A', b'F', b'L', ..] => (512, 32),
            [
                b'A' | b'I' | b'F',
                b'B' | b'I' | b'A',
                b'3' | b'B',
                b'B' | b'C' | b'3',
                ..,
            ] => (block, 52),
            [b'R', b'M', b'B', b'3', ..] | [b'R', b'3', b'F', b'C', ..] => (block, 52),
            [b'B', b'M', b'A', b'3', ..] => (block, 64),
            [b'X', b'D', b'B' | b'D', b'3', ..] => (block, 4),
            [b'X', b'A', b'R', b'M', ..] | [b'X', b'S', b'L', b'M', ..] => (block, 12),
            [b'I', b'N', ..] => (inode, 100),
            [_, _, _, _, _, _, _, _, 0x3b | 0x3e, 0xee | 0xbe, ..] => (block, 12),
            _ => continue,
        };
        let Some(run) = bytes.get_mut(at..at + length) else {
            continue;
        };
        run[sum..sum + 4].fill(0);
        let crc = CRC32C.checksum(run);
        run[sum..sum + 4].copy_from_slice(&crc.to_le_bytes());
    }
}

/// Reads all there is, as an inspection would.
fn read_everything(bytes: Vec<u8>) {
    let start = Instant::now();
    let source = Memory::new(bytes);
    let whole = whole(&source);
    if let Ok(map) = free_map(&source, whole) {
        let end = whole.range().end;
        let all = map.free.iter().chain(&map.journal);
        assert!(
            all.into_iter()
                .all(|extent| extent.range().end <= end && extent.length > 0)
        );
        let pairs = map.free.windows(2);
        assert!(
            pairs
                .into_iter()
                .all(|pair| pair[0].range().end < pair[1].offset)
        );
    }
    if let Ok(tree) = XfsTree::open(&source, whole) {
        walk(&tree, "", 0, &mut 3000);
        let offsets: Vec<u64> = (0..whole.length / 4096)
            .map(|block| block * 4096 + 77)
            .collect();
        if let Ok(regions) = tree.owners(&offsets) {
            assert_eq!(regions.len(), offsets.len());
        }
    }
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "took {:?}",
        start.elapsed()
    );
}

/// Looks at every file below `path`, at most `budget` of them and a few levels deep: a directory may hold itself.
fn walk(tree: &dyn Tree, path: &str, depth: u32, budget: &mut u32) {
    for name in tree.list(path).unwrap_or_default() {
        if *budget == 0 {
            return;
        }
        *budget -= 1;
        let path = format!("{path}/{name}");
        let metadata = tree.metadata(&path).ok().flatten();
        if let Ok(Some(content)) = tree.read(&path, 10_000) {
            assert!(content.len() <= 10_000);
        }
        let _ = tree.read_at(&path, u64::MAX - 5, &mut [0; 10]);
        let _ = tree.attributes(&path);
        let kind = metadata.map(|metadata| metadata.kind);
        if kind == Some(EntryKind::Directory) && depth < 5 {
            walk(tree, &path, depth + 1, budget);
        }
    }
}

/// A place on the disk where metadata is dense, or any other: at the start, in a tree, in an inode.
fn place(bytes: &[u8], choice: f64, kind: u8) -> usize {
    let block = 1_usize << bytes[120].clamp(9, 16);
    let count = |magic: &[u8]| -> Vec<usize> {
        let places = (0..bytes.len() - 512).step_by(256);
        places
            .filter(|at| bytes[*at..].starts_with(magic) || bytes[at + 8..].starts_with(magic))
            .collect()
    };
    let magics: [&[u8]; 9] = [
        b"IN",
        b"BMA3",
        b"XD",
        b"\x3b\xee",
        b"\x3e\xbe",
        b"XSLM",
        b"XARM",
        b"AB",
        b"IA",
    ];
    let Some(magic) = magics.get(usize::from(kind)) else {
        return (choice * 4.0 * block as f64) as usize;
    };
    let places = count(magic);
    let scaled = choice * places.len() as f64;
    let within = (scaled.fract() * scaled.fract() * block as f64) as usize;
    places
        .get(scaled as usize)
        .map_or(within, |at| at + within)
        .min(bytes.len() - 64)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bits(
        sample in 0_usize..3,
        flips in prop::collection::vec((0.0..1.0_f64, 0_u8..10, 0_u8..8), 1..60),
        sealed in any::<bool>(),
    ) {
        let mut bytes = SAMPLES[sample].clone();
        for (choice, kind, bit) in flips {
            let at = place(&SAMPLES[sample], choice, kind);
            bytes[at] ^= 1 << bit;
        }
        if sealed {
            seal(&mut bytes);
        }
        read_everything(bytes);
    }

    #[test]
    fn overwritten_runs(
        sample in 0_usize..3,
        runs in prop::collection::vec((0.0..1.0_f64, 0_u8..10, prop::collection::vec(any::<u8>(), 1..32)), 1..30),
    ) {
        let mut bytes = SAMPLES[sample].clone();
        for (choice, kind, run) in runs {
            let at = place(&SAMPLES[sample], choice, kind);
            bytes[at..at + run.len()].copy_from_slice(&run);
        }
        seal(&mut bytes);
        read_everything(bytes);
    }

    /// Metadata that is somewhere else: inodes, nodes and blocks that lead to each other.
    #[test]
    fn swapped_blocks(
        sample in 0_usize..3,
        pairs in prop::collection::vec((0.0..1.0_f64, 0.0..1.0_f64, 0_u8..9), 1..20),
    ) {
        let mut bytes = SAMPLES[sample].clone();
        for (from, to, kind) in pairs {
            let (from, to) = (place(&SAMPLES[sample], from, kind) & !511, place(&SAMPLES[sample], to, kind) & !511);
            let length = 512.min(bytes.len() - from.max(to));
            bytes.copy_within(from..from + length, to);
        }
        seal(&mut bytes);
        read_everything(bytes);
    }

    #[test]
    fn truncated_file_systems(sample in 0_usize..3, length in 0.0..1.0_f64, sized in any::<bool>()) {
        let mut bytes = SAMPLES[sample].clone();
        let length = (bytes.len() as f64 * length) as usize;
        bytes.truncate(length);
        if sized && length > 4096 {
            // The superblock agrees; the groups don't.
            let block = u64::from(u32::from_be_bytes(bytes[4..8].try_into().unwrap()));
            bytes[8..16].copy_from_slice(&(length as u64 / block).to_be_bytes());
            seal(&mut bytes);
        }
        read_everything(bytes);
    }

    #[test]
    fn random_superblocks(fields in prop::collection::vec((0_usize..256, any::<u8>()), 1..20), sample in 0_usize..3) {
        let mut bytes = SAMPLES[sample].clone();
        for (at, byte) in fields {
            bytes[at] = byte;
        }
        bytes[..4].copy_from_slice(b"XFSB");
        seal(&mut bytes);
        read_everything(bytes);
    }
}

#[test]
fn a_tree_that_leads_to_itself_ends() {
    let disk = Disk::with_files("", SIZE);
    let root = disk.field("agf 0", "bnoroot");
    let place = format!("fsblock {root}\0type bnobt");
    disk.change(&place, &[&format!("rightsib {root}")]);
    let source = disk.open();
    let error = free_map(&source, whole(&source)).unwrap_err().to_string();
    assert!(
        error.contains("of group 0 has a node with a wrong sibling"),
        "{error}"
    );
    disk.change(&place, &["rightsib 0xffffffff", "level 1"]);
    disk.change("agf 0", &["bnolevel 2"]);
    let error = free_map(&disk.open(), whole(&source))
        .unwrap_err()
        .to_string();
    assert!(error.contains("of group 0 has"), "{error}");
}

#[test]
fn extents_that_lead_to_themselves_end() {
    let disk = Disk::new("-b size=1024", 64 << 20);
    let Some(mount) = disk.mount() else {
        return;
    };
    let path = mount.path().join("pieces");
    files::pieces(&path, 500);
    let number = path.metadata().unwrap().ino();
    drop(mount);
    let node = disk.field(&format!("inode {number}"), "u3.bmbt.ptrs[1]");
    let leaf = disk.field(&format!("fsblock {node}\0type bmapbtd"), "ptrs[1]");
    let place = format!("fsblock {leaf}\0type bmapbtd");
    disk.change(&place, &[&format!("rightsib {leaf}")]);
    let source = disk.open();
    let tree = XfsTree::open(&source, whole(&source)).unwrap();
    let error = tree.read("/pieces", 1 << 22).unwrap_err();
    assert!(error.reason.contains("extents out of order"), "{error}");
    // Whose they are can still be said of what comes before.
    let first = disk
        .bytes()
        .windows(11)
        .position(|run| run == b"<<piece-0>>")
        .unwrap();
    let region = tree.owners(&[first as u64]).unwrap();
    assert_eq!(region, [Region::File("/pieces".into())]);
}

#[test]
fn a_directory_that_holds_itself_is_only_as_deep_as_the_path() {
    let disk = Disk::with_files("", SIZE);
    let (root, many) = (disk.field("sb 0", "rootino"), disk.inode("/many"));
    let list = disk.ask(&format!("inode {root}\0p u3.sfdir3.list"));
    // `some` leads to the root.
    let index = list.matches("inumber").count();
    assert!(index > 3 && many != root, "{list}");
    for entry in 0..index {
        let name = disk.ask(&format!("inode {root}\0p u3.sfdir3.list[{entry}].name"));
        if name.contains("\"some\"") {
            let field = format!("u3.sfdir3.list[{entry}].inumber.i4 {root}");
            disk.change(&format!("inode {root}"), &[&field]);
        }
    }
    let source = disk.open();
    let tree = XfsTree::open(&source, whole(&source)).unwrap();
    let path = "/some".repeat(200);
    assert_eq!(tree.list(&path).unwrap(), tree.list("/").unwrap());
    assert!(tree.list(&"/some".repeat(20_000)).is_err());
    let offsets: Vec<u64> = (0..SIZE / 512).map(|sector| sector * 512).collect();
    assert_eq!(tree.owners(&offsets).unwrap().len(), offsets.len());
}

#[test]
fn a_list_of_files_without_names_that_leads_to_itself_ends() {
    let disk = Disk::with_files("", SIZE);
    let file = disk.inode("/plain");
    disk.change(
        &format!("inode {file}"),
        &[&format!("next_unlinked {file}")],
    );
    disk.change("agi 0", &[&format!("unlinked[3] {file}")]);
    let source = disk.open();
    let tree = XfsTree::open(&source, whole(&source)).unwrap();
    assert!(!tree.is_clean());
    assert_eq!(disk.field("agi 0", "unlinked[3]"), file);
    let offsets: Vec<u64> = (0..SIZE / 64).map(|part| part * 64).collect();
    assert_eq!(tree.owners(&offsets).unwrap().len(), offsets.len());
}
