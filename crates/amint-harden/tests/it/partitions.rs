//! Disks with several partitions: what each of them holds, and what is mounted where.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use amint_harden::inspection::{Expectations, Inspection};
use amint_harden::tracer::Tracers;
use amint_inspect::partition;
use tempfile::TempDir;

use crate::support::{Image, expectations, found, inspect_disk, tool};

const MIB: u64 = 1 << 20;
const ESP: &str = "type=U";
const BIOS_BOOT: &str = "type=21686148-6449-6E6F-744E-656564454649";
const LINUX: &str = "type=L";
const SWAP: &str = "type=S";

/// What is where.
type Bytes<'a> = &'a [(u64, &'a [u8])];

/// A folder in which disks are made.
struct Bench(TempDir);

impl Bench {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `mebibytes` of zeros.
    fn empty(&self, name: &str, mebibytes: u64) -> PathBuf {
        let path = self.path(name);
        let file = File::create(&path).expect("a file");
        file.set_len(mebibytes * MIB).expect("a size");
        path
    }

    /// An ext4 file system with these files.
    fn ext4(&self, name: &str, options: &[&str], files: &[(&str, &str)]) -> PathBuf {
        let tree = self.path(&format!("{name}-tree"));
        fs::create_dir_all(&tree).expect("a folder");
        for (path, content) in files {
            let path = tree.join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, content).expect("a file");
        }
        self.ext4_of(name, options, &tree)
    }

    fn ext4_of(&self, name: &str, options: &[&str], tree: &Path) -> PathBuf {
        let path = self.empty(name, 4);
        let rest = ["-d", text(tree), text(&path)];
        tool(
            "mke2fs",
            &[&["-q", "-F", "-t", "ext4"], options, &rest].concat(),
        );
        path
    }

    /// A FAT file system with a boot loader, and a file that was removed if `removed` is one.
    fn vfat(&self, name: &str, removed: Option<&str>) -> PathBuf {
        let path = self.empty(name, 2);
        tool("mkfs.vfat", &["-i", "1234ABCD", "-n", "ESP", text(&path)]);
        let file = self.path("file");
        fs::write(&file, removed.unwrap_or("boot loader")).expect("a file");
        tool("mmd", &["-i", text(&path), "::EFI"]);
        tool(
            "mcopy",
            &["-i", text(&path), text(&file), "::EFI/loader.efi"],
        );
        if removed.is_some() {
            tool("mdel", &["-i", text(&path), "::EFI/loader.efi"]);
        }
        path
    }

    fn swap(&self) -> PathBuf {
        let path = self.empty("swap", 1);
        tool("mkswap", &["-L", "swap", text(&path)]);
        path
    }

    /// A disk whose table has these partitions, each with sfdisk's fields and the file that fills it.
    fn disk(&self, label: &str, partitions: &[(&str, &Path)]) -> PathBuf {
        let total: u64 = partitions
            .iter()
            .map(|(_, file)| file.metadata().expect("a file").len())
            .sum();
        let path = self.empty("disk", total / MIB + 4 + partitions.len() as u64);
        let mut script = format!("label: {label}\n");
        for (fields, file) in partitions {
            let size = file.metadata().expect("a file").len() / MIB;
            script += &format!("size={size}MiB,{fields}\n");
        }
        let input = self.path("script");
        fs::write(&input, script).expect("a file");
        let status = Command::new("sfdisk")
            .args(["-q", text(&path)])
            .env("PATH", "/usr/sbin:/sbin:/usr/bin:/bin")
            .stdin(Stdio::from(File::open(&input).expect("a file")))
            .status();
        assert!(status.expect("sfdisk (package fdisk)").success());
        let source = amint_inspect::open(&path).expect("a disk");
        let layout = partition::read(source.as_ref()).expect("a layout");
        let disk = OpenOptions::new().write(true).open(&path).expect("a disk");
        for (one, (_, file)) in layout.partitions.iter().zip(partitions) {
            let content = fs::read(file).expect("a file");
            disk.write_all_at(&content, one.extent.offset)
                .expect("a write");
        }
        path
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a UTF-8 path")
}

fn inspect(disk: &Path) -> Inspection {
    inspect_disk(disk, &expectations())
}

/// `rule: message` of each finding.
fn messages(inspection: &Inspection) -> Vec<String> {
    let one = |finding: &amint_harden::Finding| format!("{}: {}", finding.rule, finding.message);
    inspection.findings.iter().map(one).collect()
}

fn overwrite(path: &Path, offset: u64, bytes: &[u8]) {
    let file = OpenOptions::new().write(true).open(path).expect("a file");
    file.write_all_at(bytes, offset).expect("a write");
}

#[test]
fn what_every_image_has_beside_its_root_is_no_finding() {
    let bench = Bench::new();
    let image = Image::clean();
    image.write(
        "/etc/fstab",
        "# <device> <place>\nLABEL=nothing /srv/none ext4 nofail 0 2\nUUID=1234-ABCD /boot/efi vfat umask=0077 0 1\n\
         UUID=0 none swap sw 0 0\ntmpfs /run tmpfs\n",
    );
    let boot = bench.empty("bios", 1);
    overwrite(&boot, 0, b"boot loader code");
    let disk = bench.disk(
        "gpt",
        &[
            (BIOS_BOOT, &boot),
            (ESP, &bench.vfat("esp", None)),
            (LINUX, &image.disk()),
            (SWAP, &bench.swap()),
            (LINUX, &bench.empty("zeros", 1)),
            (LINUX, &bench.ext4("spare", &[], &[])),
        ],
    );
    let inspection = inspect(&disk);
    assert!(inspection.findings.is_empty(), "{:#?}", inspection.findings);
    let checked: Vec<_> = inspection
        .scope
        .partitions
        .iter()
        .map(|one| one.file_system.as_deref())
        .collect();
    assert_eq!(
        checked,
        [None, Some("vfat"), Some("ext4"), None, None, None]
    );
    let ours = |one: &&String| one.contains("partition") || one.contains("fstab");
    let not_seen: Vec<_> = inspection.scope.not_seen.iter().filter(ours).collect();
    assert_eq!(
        not_seen,
        [
            "the boot loader's code in partition 1",
            "LABEL=nothing on /srv/none, which /etc/fstab mounts: it is not on this disk",
            "the files of partition 6 (ext4)",
        ]
    );
}

#[test]
fn swap_space_that_was_used_is_a_finding() {
    let bench = Bench::new();
    let image = Image::clean();
    let page = b"whatever the builder swapped out";
    for (at, content) in [
        (0, page.as_slice()),
        (40_000, page),
        (1200, page),
        (4086, b"S1SUSPEND\0"),
    ] {
        let swap = bench.swap();
        overwrite(&swap, at, content);
        let disk = bench.disk("gpt", &[(LINUX, &image.disk()), (SWAP, &swap)]);
        let inspection = inspect(&disk);
        assert_eq!(
            messages(&inspection),
            ["AMINT-DISK-004: partition 2 is swap space, and something was written to it"],
            "{at}"
        );
    }
}

#[test]
fn what_is_not_read_is_a_finding() {
    let bench = Bench::new();
    let image = Image::clean();
    const BCACHE: &[u8] = b"\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81";
    let cases: [(Bytes<'_>, &str); 12] = [
        (
            &[(512, b"LABELONE"), (536, b"LVM2 001")],
            "LVM physical volume",
        ),
        (&[(0x10040, b"_BHRfS_M")], "(btrfs)"),
        (&[(0, b"hsqs")], "(squashfs)"),
        (&[(4096, b"\xfc\x4e\x2b\xa9")], "(raid member)"),
        (&[(MIB - 8192, b"\xfc\x4e\x2b\xa9")], "(raid member)"),
        (&[(MIB - 65536, b"\xa9\x2b\x4e\xfc")], "(raid member)"),
        (&[(4120, BCACHE)], "(bcache)"),
        (&[(131_072 + 5 * 1024, b"\x0c\xb1\xba\0\0\0\0\0")], "(zfs)"),
        (&[(131_072, b"\0\0\0\0\0\xba\xb1\x0c")], "(zfs)"),
        (&[(3, b"NTFS    ")], "(ntfs)"),
        (&[(0x8001, b"CD001")], "(iso9660)"),
        (&[(MIB - 1, b"x")], "no file system that is known"),
    ];
    for (content, reason) in cases {
        let other = bench.empty("other", 1);
        for (at, bytes) in content {
            overwrite(&other, *at, bytes);
        }
        let disk = bench.disk("gpt", &[(LINUX, &image.disk()), (LINUX, &other)]);
        let inspection = inspect(&disk);
        let [finding] = inspection.findings.as_slice() else {
            panic!("{reason}: {:#?}", inspection.findings);
        };
        assert_eq!(finding.rule, "AMINT-DISK-001");
        assert!(finding.message.contains(reason), "{}", finding.message);
        assert!(
            finding.message.contains("partition 2"),
            "{}",
            finding.message
        );
    }
}

#[test]
fn encryption_is_a_finding() {
    let bench = Bench::new();
    let image = Image::clean();
    for version in ["luks1", "luks2"] {
        let luks = bench.empty("luks", 20);
        let key = bench.path("key");
        fs::write(&key, "a key").unwrap();
        let fast = ["--pbkdf=pbkdf2", "--pbkdf-force-iterations=1000", "-q"];
        let rest = ["luksFormat", "--type", version, text(&luks), text(&key)];
        tool("cryptsetup", &[fast.as_slice(), &rest].concat());
        let disk = bench.disk("gpt", &[(LINUX, &image.disk()), (LINUX, &luks)]);
        assert_eq!(
            messages(&inspect(&disk)),
            [
                "AMINT-DISK-001: partition 2 is encrypted (luks), so nothing in it can be read",
                "MP-ARCH-007: partition 2 is encrypted (luks)"
            ]
        );
    }
    let spare = bench.ext4("spare", &["-O", "encrypt"], &[]);
    let disk = bench.disk("gpt", &[(LINUX, &image.disk()), (LINUX, &spare)]);
    assert_eq!(
        messages(&inspect(&disk)),
        ["MP-ARCH-007: files in partition 2 may be encrypted"]
    );
}

#[test]
fn a_journal_on_another_device_is_a_finding() {
    let bench = Bench::new();
    let image = Image::clean();
    let spare = bench.ext4("spare", &[], &[]);
    tool(
        "debugfs",
        &["-w", "-R", "set_super_value journal_inum 0", text(&spare)],
    );
    let disk = bench.disk("gpt", &[(LINUX, &image.disk()), (LINUX, &spare)]);
    assert_eq!(
        messages(&inspect(&disk)),
        ["AMINT-DISK-001: the journal of partition 2 is on another device, which is not read"]
    );
}

/// A clean image whose `/var` is a file system of its own, mounted as `line` says.
fn split(bench: &Bench, line: &str, change: fn(&Image)) -> PathBuf {
    let image = Image::clean();
    change(&image);
    image.write("/etc/fstab", line);
    let var = bench.path("var-tree");
    fs::rename(image.path("/var"), &var).expect("a move");
    fs::create_dir(image.path("/var")).expect("a folder");
    if image.path("/hidden").exists() {
        fs::remove_dir(image.path("/var")).expect("a folder");
        fs::rename(image.path("/hidden"), image.path("/var")).expect("a move");
    }
    let uuid = ["-L", "var", "-U", "11111111-2222-3333-4444-555555555555"];
    let var = bench.ext4_of("var", &uuid, &var);
    let disk = bench.disk(
        "gpt",
        &[
            ("type=L,name=root", &image.disk()),
            (
                "type=L,name=\"the var\",uuid=AAAAAAAA-2222-3333-4444-555555555555",
                &var,
            ),
        ],
    );
    fs::remove_dir_all(bench.path("var-tree")).expect("a folder");
    disk
}

#[test]
fn a_file_system_of_its_own_is_checked_as_it_is_mounted() {
    let bench = Bench::new();
    for line in [
        "UUID=11111111-2222-3333-4444-555555555555 /var ext4 defaults 0 2\n",
        "LABEL=var /var ext4 defaults,nofail 0 2\n",
        "PARTUUID=aaaaaaaa-2222-3333-4444-555555555555 /var ext4\n",
        "PARTLABEL=the\\040var /var ext4\n",
        "/dev/disk/by-partlabel/the\\x20var /var ext4\n",
        "/dev/nvme0n1p2 /var/ ext4\n",
        "/dev/xvda2 //var ext4\n",
    ] {
        let inspection = inspect(&split(&bench, line, |_| {}));
        assert!(
            inspection.findings.is_empty(),
            "{line}: {:#?}",
            inspection.findings
        );
        assert_eq!(
            inspection.scope.partitions[1].file_system.as_deref(),
            Some("ext4")
        );

        let disk = split(&bench, line, |image| {
            image.write("/var/log/x", "a log\n");
            // A link out of one file system into the other, and back.
            image.link("/var/log/back", "/srv/logs");
            image.write("/srv/logs/y", "a log\n");
            image.write("/root/.ssh/authorized_keys2", "");
        });
        assert_eq!(
            found(&inspect(&disk)),
            ["MP-CLEAN-003 /var/log/back/y", "MP-CLEAN-003 /var/log/x"],
            "{line}"
        );
    }

    // What the search of all bytes finds has the path that an instance knows, too.
    let disk = split(&bench, "LABEL=var /var ext4\n", |image| {
        image.write("/var/lib/product/key", "AKIAQ7RPZ3LNWB2VXKTD\n");
    });
    assert_eq!(found(&inspect(&disk)), ["MP-SEC-008 /var/lib/product/key"]);
}

#[test]
fn what_a_mount_hides_is_a_finding() {
    let bench = Bench::new();
    let disk = split(&bench, "LABEL=var /var ext4\n", |image| {
        image.write("/hidden/log/old", "a log that nobody sees\n");
    });
    let inspection = inspect(&disk);
    assert_eq!(found(&inspection), ["AMINT-DISK-001 /var"]);
    assert!(
        inspection.findings[0]
            .message
            .contains("such as log, are hidden")
    );
}

#[test]
fn what_nothing_mounts_is_a_finding() {
    let bench = Bench::new();
    for line in [
        "# LABEL=var /var ext4\n",
        "LABEL=other /var ext4\n",
        "/dev/sdb2 /var ext4\n",
    ] {
        let inspection = inspect(&split(&bench, line, |image| {
            image.write("/hidden/lib/amint/sealed", crate::support::MARKER);
            image.write("/hidden/log/none", "");
        }));
        let rules: Vec<String> = messages(&inspection)
            .into_iter()
            .filter(|one| one.contains("fstab"))
            .collect();
        assert_eq!(
            rules,
            [
                "AMINT-DISK-001: /etc/fstab does not mount partition 2 (ext4): its files were not checked"
            ],
            "{line}"
        );
    }
}

#[test]
fn what_lies_in_lost_and_found_is_not_nothing() {
    let bench = Bench::new();
    let image = Image::clean();
    let spare = bench.ext4("spare", &[], &[("lost+found/history", "ls\n")]);
    let disk = bench.disk("gpt", &[(LINUX, &image.disk()), (LINUX, &spare)]);
    assert_eq!(
        messages(&inspect(&disk)),
        [
            "AMINT-DISK-001: /etc/fstab does not mount partition 2 (ext4): its files were not checked"
        ]
    );
}

#[test]
fn of_two_on_one_place_one_was_not_checked() {
    let bench = Bench::new();
    let image = Image::clean();
    image.write(
        "/etc/fstab",
        "LABEL=one /srv/data ext4\nLABEL=two /srv/data ext4\n",
    );
    let one = bench.ext4("one", &["-L", "one"], &[("a", "")]);
    let two = bench.ext4("two", &["-L", "two"], &[("b", "")]);
    let disk = bench.disk(
        "gpt",
        &[(LINUX, &image.disk()), (LINUX, &one), (LINUX, &two)],
    );
    assert_eq!(
        messages(&inspect(&disk)),
        [
            "AMINT-DISK-001: /etc/fstab does not mount partition 3 (ext4): its files were not checked"
        ]
    );
}

#[test]
fn homes_are_found_by_the_type_of_their_partition() {
    let bench = Bench::new();
    let image = Image::clean();
    fs::remove_dir_all(image.path("/home")).unwrap();
    let home = bench.ext4("home", &[], &[("me/.bash_history", "ls\n")]);
    let disk = bench.disk("gpt", &[(LINUX, &image.disk()), ("type=H", &home)]);
    assert_eq!(
        found(&inspect(&disk)),
        ["MP-CLEAN-002 /home/me/.bash_history"]
    );
}

#[test]
fn a_root_in_a_logical_partition_is_inspected() {
    let bench = Bench::new();
    let image = Image::clean();
    image.write("/var/log/x", "a log\n");
    let root = image.disk();
    let path = bench.empty("disk", 16);
    let script = bench.path("script");
    fs::write(
        &script,
        "label: dos\nsize=1MiB,type=83\nsize=12MiB,type=5\n5 : size=8MiB,type=83\n",
    )
    .unwrap();
    let sfdisk = Command::new("sfdisk")
        .args(["-q", text(&path)])
        .env("PATH", "/usr/sbin:/sbin:/usr/bin:/bin")
        .stdin(File::open(&script).unwrap())
        .status();
    assert!(sfdisk.expect("sfdisk (package fdisk)").success());
    let source = amint_inspect::open(&path).unwrap();
    let layout = partition::read(source.as_ref()).unwrap();
    let logical = layout
        .partitions
        .iter()
        .find(|one| one.number == 5)
        .expect("a logical partition");
    overwrite(&path, logical.extent.offset, &fs::read(root).unwrap());
    let inspection = inspect(&path);
    assert_eq!(found(&inspection), ["MP-CLEAN-003 /var/log/x"]);
}

#[test]
fn what_was_removed_from_the_boot_loader_s_partition_is_found() {
    let bench = Bench::new();
    let tracers = Tracers::derive(&[3; 32]).patterns();
    let token = String::from_utf8(tracers[0].clone()).unwrap();
    let esp = bench.vfat("esp", Some(&token));
    let image = Image::clean();
    let disk = bench.disk("gpt", &[(ESP, &esp), (LINUX, &image.disk())]);
    let searched = Expectations {
        tracers,
        ..expectations()
    };
    let inspection = inspect_disk(&disk, &searched);
    assert_eq!(
        messages(&inspection),
        ["MP-CLEAN-004: still on the disk: a line of root's shell history (free block)"]
    );
}

#[test]
fn a_damaged_boot_loader_s_partition_is_a_finding() {
    let bench = Bench::new();
    let image = Image::clean();
    let esp = bench.vfat("esp", None);
    // Sectors of a cluster.
    overwrite(&esp, 13, &[3]);
    let disk = bench.disk("gpt", &[(ESP, &esp), (LINUX, &image.disk())]);
    let inspection = inspect(&disk);
    assert_eq!(inspection.findings[0].rule, "AMINT-DISK-002");
    assert!(
        inspection.findings[0]
            .message
            .contains("impossible cluster size")
    );
}
