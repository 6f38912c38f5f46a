//! FAT in every width, against the files that were put in, dosfstools' own count and the kernel.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use amint_inspect::region::Region;
use amint_inspect::vfat::VfatTree;
use amint_inspect::{EntryKind, Extent, FileSystem, FreeMap, Tree, file_system};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::fixture::{Memory, noise, run, tool, whole};

/// Widths, sizes in KiB, sectors of a cluster, bytes of a sector.
const SHAPES: &[(&str, u64, &str, &str)] = &[
    ("12", 1440, "1", "512"),
    ("12", 8000, "8", "512"),
    ("16", 9000, "1", "512"),
    ("16", 40_000, "4", "1024"),
    ("32", 40_000, "1", "512"),
    ("32", 300_000, "1", "4096"),
];

/// A FAT file system with some files, in a folder with those files.
struct Fat {
    folder: TempDir,
}

impl Fat {
    fn new(width: &str, kibibytes: u64, cluster: &str, sector: &str) -> Self {
        let fat = Self {
            folder: TempDir::new().unwrap(),
        };
        let file = File::create(fat.path()).unwrap();
        file.set_len(kibibytes * 1024).unwrap();
        let options = [
            "-F", width, "-s", cluster, "-S", sector, "-i", "1234ABCD", "-n", "A LABEL",
        ];
        run(tool("mkfs.vfat").args(options).arg(fat.path()));
        let root = fat.root();
        fs::create_dir_all(root.join("EFI/BOOT/a folder with a long name")).unwrap();
        fs::create_dir_all(root.join("many")).unwrap();
        fs::write(root.join("EFI/BOOT/BOOTX64.EFI"), noise(70_000)).unwrap();
        fs::write(
            root.join("EFI/BOOT/a folder with a long name/grub.cfg"),
            "set x\n",
        )
        .unwrap();
        fs::write(root.join("EFI/empty"), "").unwrap();
        fs::write(root.join("lower.txt"), "lower\n").unwrap();
        fs::write(root.join("MiXed.Case.txt"), "mixed\n").unwrap();
        fs::write(root.join("naïve – café.txt"), "unicode\n").unwrap();
        fs::write(root.join("x".repeat(200)), "long\n").unwrap();
        for index in 0..120 {
            fs::write(
                root.join(format!("many/file {index}")),
                format!("{index}\n"),
            )
            .unwrap();
        }
        for name in fs::read_dir(&root).unwrap() {
            fat.mtools(
                "mcopy",
                &["-s", name.unwrap().path().to_str().unwrap(), "::"],
            );
        }
        // Files in pieces, and space that holds what was removed.
        fat.mtools("mdel", &["::many/file 1*"]);
        fs::write(root.join("fragmented"), &noise(120_000)[80_000..]).unwrap();
        fat.mtools("mcopy", &[root.join("fragmented").to_str().unwrap(), "::"]);
        for index in (1..120).filter(|index: &i32| index.to_string().starts_with('1')) {
            fs::remove_file(root.join(format!("many/file {index}"))).unwrap();
        }
        fat
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("fat")
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    fn mtools(&self, name: &str, arguments: &[&str]) {
        let mut command = Command::new(name);
        command
            .env("LC_ALL", "C.UTF-8")
            .env("MTOOLS_SKIP_CHECK", "1");
        run(command.arg("-i").arg(self.path()).args(arguments));
    }

    fn open(&self) -> Box<dyn amint_inspect::BlockSource> {
        amint_inspect::open(self.path()).unwrap()
    }

    /// Clusters in use and all clusters, by fsck.fat.
    fn clusters(&self) -> (u64, u64) {
        let output = run(tool("fsck.fat").arg("-n").arg(self.path()));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let counts = text.trim().rsplit(' ').nth(1).unwrap().to_owned();
        let (used, all) = counts.split_once('/').unwrap();
        (used.parse().unwrap(), all.parse().unwrap())
    }
}

/// Everything below `path` of `tree`, with content.
fn files(tree: &dyn Tree, path: &str, found: &mut Vec<(String, Option<Vec<u8>>)>) {
    for name in tree.list(if path.is_empty() { "/" } else { path }).unwrap() {
        let path = format!("{path}/{name}");
        let metadata = tree.metadata(&path).unwrap().unwrap();
        if metadata.kind == EntryKind::Directory {
            found.push((path.clone(), None));
            files(tree, &path, found);
        } else {
            let content = tree.read(&path, usize::MAX).unwrap().unwrap();
            assert_eq!(metadata.size, content.len() as u64, "{path}");
            found.push((path, Some(content)));
        }
    }
}

/// The same of a folder of this machine.
fn host_files(root: &Path, path: &str, found: &mut Vec<(String, Option<Vec<u8>>)>) {
    for entry in fs::read_dir(root.join(path.trim_start_matches('/'))).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{path}/{}", entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            found.push((path.clone(), None));
            host_files(root, &path, found);
        } else {
            found.push((path, Some(fs::read(entry.path()).unwrap())));
        }
    }
}

#[test]
fn every_width_shows_the_files_that_were_put_in() {
    for (width, size, cluster, sector) in SHAPES {
        let fat = Fat::new(width, *size, cluster, sector);
        let source = fat.open();
        let opened = file_system::open(source.as_ref(), whole(source.as_ref()))
            .unwrap()
            .unwrap();
        assert!(opened.is_clean(), "FAT{width} {size}");
        let (mut found, mut expected) = (Vec::new(), Vec::new());
        files(opened.as_ref(), "", &mut found);
        host_files(&fat.root(), "", &mut expected);
        found.sort();
        expected.sort();
        assert!(found == expected, "FAT{width} {size}: {:?}", names(&found));
        assert!(found.len() > 80);
    }
}

fn names(found: &[(String, Option<Vec<u8>>)]) -> Vec<&str> {
    found.iter().map(|(path, _)| path.as_str()).collect()
}

#[test]
fn names_are_found_in_any_case_and_by_their_short_form() {
    let fat = Fat::new("16", 9000, "1", "512");
    let source = fat.open();
    let tree = VfatTree::open(source.as_ref(), whole(source.as_ref())).unwrap();
    for path in [
        "/mixed.case.TXT",
        "/MIXEDC~1.TXT",
        "/NAÏVE – CAFÉ.TXT",
        "/efi/boot/../../Lower.TXT",
    ] {
        assert!(tree.read(path, 100).unwrap().is_some(), "{path}");
    }
    assert_eq!(tree.read("/none", 1).unwrap(), None);
    let mut middle = [0; 10];
    assert_eq!(
        tree.read_at("/fragmented", 39_995, &mut middle).unwrap(),
        Some(5)
    );
    assert_eq!(middle[..5], noise(120_000)[119_995..]);
    assert_eq!(tree.target("/lower.txt").unwrap(), None);
}

#[test]
fn free_space_is_what_fsck_counts_and_may_be_scrubbed() {
    for (width, size, cluster, sector) in SHAPES {
        let fat = Fat::new(width, *size, cluster, sector);
        let source = fat.open();
        let map = FreeMap::read(source.as_ref(), whole(source.as_ref()))
            .unwrap()
            .unwrap();
        let (used, all) = fat.clusters();
        let bytes = cluster.parse::<u64>().unwrap() * sector.parse::<u64>().unwrap();
        let free: u64 = map.free.iter().map(|extent| extent.length / bytes).sum();
        assert_eq!(free, all - used, "FAT{width} {size}");

        let disk = OpenOptions::new().write(true).open(fat.path()).unwrap();
        for extent in map.scrubbable() {
            for offset in (extent.offset..extent.range().end).step_by(bytes as usize) {
                disk.write_all_at(&vec![0; bytes as usize], offset).unwrap();
            }
        }
        assert_eq!(fat.clusters(), (used, all));
        let (mut found, mut expected) = (Vec::new(), Vec::new());
        let tree = VfatTree::open(source.as_ref(), whole(source.as_ref())).unwrap();
        files(&tree, "", &mut found);
        host_files(&fat.root(), "", &mut expected);
        assert_eq!(found.len(), expected.len());
    }
}

#[test]
fn every_byte_has_an_owner() {
    for (width, size, cluster, sector) in [SHAPES[0], SHAPES[3], SHAPES[4]] {
        let fat = Fat::new(width, size, cluster, sector);
        let bytes = fs::read(fat.path()).unwrap();
        let find = |text: &[u8]| -> u64 {
            bytes
                .windows(text.len())
                .position(|window| window == text)
                .unwrap_or_else(|| panic!("FAT{width} has no {text:?}")) as u64
        };
        // A partition does not begin where its disk does.
        let shift = 4096;
        let source = Memory::new([vec![0; shift], bytes.clone()].concat());
        let partition = Extent {
            offset: shift as u64,
            length: bytes.len() as u64,
        };
        let tree = VfatTree::open(&source, partition).unwrap();
        let content = find(b"mixed\n");
        let asked = [
            content,
            content + 6,
            find(b"LOWER   TXT"),
            find(b"\xe5ILE11"),
            0,
            find(&noise(120_000)[80_000..80_512]) + 511,
        ];
        let shifted = asked.map(|offset| offset + shift as u64);
        let path = |text: &str| text.to_owned();
        assert_eq!(
            tree.owners(&shifted).unwrap(),
            [
                Region::File(path("/MiXed.Case.txt")),
                Region::FileSlack(path("/MiXed.Case.txt")),
                Region::Directory(path("/")),
                Region::DirectorySlack(path("/many")),
                Region::Metadata,
                Region::File(path("/fragmented")),
            ],
            "FAT{width}"
        );
        // Every free byte is one to the map as well.
        let map = FreeMap::read(&source, partition).unwrap().unwrap();
        let starts: Vec<u64> = map.free.iter().map(|extent| extent.offset).collect();
        for region in tree.owners(&starts).unwrap() {
            assert_eq!(region, Region::FreeBlock);
        }
    }
}

#[test]
fn a_file_system_that_was_not_closed_is_not_clean() {
    for (width, size, cluster, sector) in [SHAPES[1], SHAPES[2], SHAPES[4]] {
        let fat = Fat::new(width, size, cluster, sector);
        let disk = OpenOptions::new().write(true).open(fat.path()).unwrap();
        // Where Linux marks what is mounted.
        disk.write_all_at(&[1], if width == "32" { 65 } else { 37 })
            .unwrap();
        let source = fat.open();
        let map = FreeMap::read(source.as_ref(), whole(source.as_ref()))
            .unwrap()
            .unwrap();
        assert!(
            !map.clean && map.scrubbable().next().is_none(),
            "FAT{width}"
        );
        assert!(
            !VfatTree::open(source.as_ref(), whole(source.as_ref()))
                .unwrap()
                .is_clean()
        );
    }
}

#[test]
fn the_kernel_sees_the_same_files() {
    if !rustix::process::getuid().is_root() {
        eprintln!("SKIPPED the_kernel_sees_the_same_files: mounting needs root");
        return;
    }
    for (width, size, cluster, sector) in [SHAPES[1], SHAPES[2], SHAPES[4]] {
        let fat = Fat::new(width, size, cluster, sector);
        let mount = fat.folder.path().join("mount");
        fs::create_dir(&mount).unwrap();
        let options = "loop,ro,iocharset=utf8";
        let mounted = tool("mount")
            .args(["-t", "vfat", "-o", options])
            .arg(fat.path())
            .arg(&mount)
            .output()
            .unwrap();
        if !mounted.status.success() {
            let reason = String::from_utf8_lossy(&mounted.stderr).into_owned();
            eprintln!(
                "SKIPPED the_kernel_sees_the_same_files: this kernel mounts no FAT: {reason}"
            );
            return;
        }
        let (mut found, mut expected) = (Vec::new(), Vec::new());
        host_files(&mount, "", &mut expected);
        run(tool("umount").arg(&mount));
        let source = fat.open();
        files(
            &VfatTree::open(source.as_ref(), whole(source.as_ref())).unwrap(),
            "",
            &mut found,
        );
        found.sort();
        expected.sort();
        assert!(
            found == expected,
            "FAT{width}: {:?} {:?}",
            names(&found),
            names(&expected)
        );
    }
}

/// Reads all there is, as an inspection would; it must end soon.
fn read_everything(bytes: Vec<u8>) {
    let start = Instant::now();
    let source = Memory::new(bytes);
    let all = whole(&source);
    if let Ok(tree) = VfatTree::open(&source, all) {
        let mut ahead = vec![(String::new(), 0)];
        let mut budget = 2000;
        while let Some((path, depth)) = ahead.pop() {
            for name in tree.list(&format!("{path}/")).unwrap_or_default() {
                budget -= 1;
                if budget == 0 {
                    break;
                }
                let path = format!("{path}/{name}");
                if let Ok(Some(content)) = tree.read(&path, 10_000) {
                    assert!(content.len() <= 10_000);
                }
                let kind = tree
                    .metadata(&path)
                    .ok()
                    .flatten()
                    .map(|metadata| metadata.kind);
                if kind == Some(EntryKind::Directory) && depth < 5 {
                    ahead.push((path, depth + 1));
                }
            }
            if budget == 0 {
                break;
            }
        }
        let offsets: Vec<u64> = (0..source.bytes.len() as u64).step_by(997).collect();
        if let Ok(owners) = tree.owners(&offsets) {
            assert_eq!(owners.len(), offsets.len());
        }
    }
    if let Ok(Some(map)) = FreeMap::read(&source, all) {
        assert!(
            map.free
                .iter()
                .all(|extent| extent.range().end <= all.length)
        );
    }
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "took {:?}",
        start.elapsed()
    );
}

static SAMPLES: std::sync::LazyLock<Vec<Vec<u8>>> = std::sync::LazyLock::new(|| {
    let sample = |shape: (&str, u64, &str, &str)| {
        fs::read(Fat::new(shape.0, shape.1, shape.2, shape.3).path()).unwrap()
    };
    vec![sample(SHAPES[0]), sample(SHAPES[2])]
});

/// A place where metadata is, or any other.
fn place() -> impl Strategy<Value = f64> {
    prop_oneof![2 => 0.0..0.0001_f64, 3 => 0.0..0.05_f64, 1 => 0.0..1.0_f64]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bits(sample in 0_usize..2, flips in prop::collection::vec((place(), 0_u8..8), 1..40)) {
        let mut bytes = SAMPLES[sample].clone();
        for (place, bit) in flips {
            let at = (place * bytes.len() as f64) as usize;
            bytes[at] ^= 1 << bit;
        }
        read_everything(bytes);
    }

    #[test]
    fn overwritten_runs(
        sample in 0_usize..2,
        length in 0.0..1.0_f64,
        runs in prop::collection::vec((place(), prop::collection::vec(any::<u8>(), 1..64)), 0..10),
    ) {
        let mut bytes = SAMPLES[sample].clone();
        for (place, run) in runs {
            let at = (place * (bytes.len() - 64) as f64) as usize;
            bytes[at..at + run.len()].copy_from_slice(&run);
        }
        if length > 0.5 {
            bytes.truncate((bytes.len() as f64 * length) as usize);
        }
        read_everything(bytes);
    }

    #[test]
    fn a_plausible_boot_sector_of_random_numbers(
        sector in prop::collection::vec(any::<u8>(), 512),
        rest in prop::collection::vec(any::<u8>(), 0..9000),
        wide in any::<bool>(),
        shift in 0_u8..4,
    ) {
        let mut bytes = [sector, rest].concat();
        bytes.resize(1 << 20, 0);
        bytes[11..13].copy_from_slice(&(512_u16 << shift).to_le_bytes());
        bytes[13] = 1 << shift;
        bytes[14..17].copy_from_slice(&[1, 0, 2]);
        bytes[19..21].copy_from_slice(&(((1 << 20) / (512_u32 << shift)) as u16).to_le_bytes());
        let table = if wide { [0, 0] } else { [3, 0] };
        bytes[22..24].copy_from_slice(&table);
        bytes[36..40].copy_from_slice(&[4, 0, 0, 0]);
        read_everything(bytes);
    }
}

#[test]
fn a_chain_that_leads_back_to_itself_is_damage() {
    let fat = Fat::new("16", 9000, "1", "512");
    let mut bytes = fs::read(fat.path()).unwrap();
    let entry = bytes
        .windows(11)
        .position(|window| window == b"FRAGME~1   ")
        .unwrap();
    let first = usize::from(u16::from_le_bytes(
        bytes[entry + 26..entry + 28].try_into().unwrap(),
    ));
    // mkfs.vfat's tables begin at the first sector after the reserved ones.
    let table = usize::from(u16::from_le_bytes(bytes[14..16].try_into().unwrap())) * 512;
    bytes[table + 2 * first..][..2].copy_from_slice(&(first as u16).to_le_bytes());
    let source = Memory::new(bytes);
    let tree = VfatTree::open(&source, whole(&source)).unwrap();
    let error = tree.read("/fragmented", 100).unwrap_err();
    assert!(error.reason.contains("leads back to itself"), "{error}");
    assert!(tree.owners(&[0, 500_000]).is_ok());
}
