//! The file tree against what the kernel sees, and against the files that mkfs.xfs was given.

use std::fs;
use std::os::unix::fs::MetadataExt;

use amint_inspect::xfs::XfsTree;
use amint_inspect::{EntryKind, Tree, file_system, name};

use super::files::{long_name, populate};
use super::fixture::Disk;
use crate::fixture::{run, tool, whole};
use crate::kernel::compare;

const SIZE: u64 = 160 << 20;

/// What mkfs.xfs of Debian 12, RHEL 8 and 9 and Amazon Linux 2023 turn on, and what they can turn on.
pub const LAYOUTS: [(&str, &str); 12] = [
    ("default", ""),
    (
        "rhel 8",
        "-m bigtime=0,inobtcount=0,finobt=1,reflink=1 -i sparse=1",
    ),
    (
        "older",
        "-m bigtime=0,inobtcount=0,finobt=0,reflink=0 -i sparse=0",
    ),
    (
        "all",
        "-m rmapbt=1,reflink=1,bigtime=1,inobtcount=1,finobt=1 -i sparse=1,nrext64=1",
    ),
    ("1 KiB blocks", "-b size=1024"),
    (
        "1 KiB blocks, large directory blocks",
        "-b size=1024 -n size=16384",
    ),
    ("2 KiB blocks", "-b size=2048 -m rmapbt=1"),
    ("16 KiB blocks", "-b size=16384"),
    ("large inodes", "-i size=2048"),
    ("many groups", "-d agcount=9"),
    ("large sectors", "-s size=4096 -n size=8192"),
    ("stripes", "-d su=32k,sw=2 -l su=32k"),
];

#[test]
fn every_file_is_what_the_kernel_sees() {
    for (name, options) in LAYOUTS {
        let disk = Disk::new(options, SIZE);
        let Some(mount) = disk.mount() else {
            return;
        };
        populate(mount.path());
        drop(mount);
        let source = disk.open();
        let tree = file_system::open(&source, whole(&source)).unwrap().unwrap();
        assert!(tree.is_clean() && !tree.needs_recovery(), "{name}");
        compare(&disk.path(), "xfs", &*tree);
    }
}

#[test]
fn a_new_identity_keeps_the_old_one_in_the_metadata() {
    let disk = Disk::with_files("", SIZE);
    let identity = "11111111-2222-3333-4444-555555555555";
    run(tool("xfs_admin").args(["-U", identity]).arg(disk.path()));
    let source = disk.open();
    let tree = XfsTree::open(&source, whole(&source)).unwrap();
    assert_eq!(tree.read("/plain", 8).unwrap().unwrap(), b"<<plain>");
    compare(&disk.path(), "xfs", &tree);
}

/// Without the kernel, which knows version 4 no more, and without rights.
#[test]
fn files_are_those_that_mkfs_was_given() {
    let layouts = LAYOUTS
        .iter()
        .map(|(name, options)| (*name, (*options).to_owned()));
    let old = [
        "-m crc=0",
        "-m crc=0 -b size=512",
        "-m crc=0 -n ftype=1",
        "-m crc=0 -i size=256",
    ];
    let old = old.map(|options| ("version 4", options.to_owned()));
    for (name, options) in layouts.chain(old) {
        let disk = Disk::with_files(&options, SIZE);
        let source = disk.open();
        let tree = file_system::open(&source, whole(&source)).unwrap().unwrap();
        assert!(
            tree.is_clean() && !tree.needs_recovery(),
            "{name} {options}"
        );
        let root = disk.path().with_file_name("root");
        let mut seen = 0;
        for folder in ["", "many", "some"] {
            let mut names = Vec::new();
            for entry in fs::read_dir(root.join(folder)).unwrap() {
                let entry = entry.unwrap();
                let path = format!(
                    "/{folder}/{}",
                    name::text(entry.file_name().as_encoded_bytes())
                );
                names.push(path.rsplit('/').next().unwrap().to_owned());
                let facts = entry.path().symlink_metadata().unwrap();
                let found = tree.metadata(&path).unwrap().unwrap();
                assert_eq!(
                    found.kind == EntryKind::Symlink,
                    facts.is_symlink(),
                    "{path}"
                );
                if facts.is_file() {
                    let bytes = fs::read(entry.path()).unwrap();
                    let read = tree.read(&path, usize::MAX).unwrap();
                    assert!(read == Some(bytes), "{name}: {path} {options}");
                    assert_eq!(
                        (found.uid, found.gid, found.size),
                        (12, 70_000, facts.size())
                    );
                }
                seen += 1;
            }
            names.extend(folder.is_empty().then(|| "pipe".to_owned()));
            names.sort();
            assert_eq!(
                tree.list(&format!("/{folder}")).unwrap(),
                names,
                "{name} {options}"
            );
        }
        assert!(seen > 400);
        assert_eq!(tree.metadata("/setuid").unwrap().unwrap().mode, 0o4755);
        assert_eq!(
            tree.metadata("/pipe").unwrap().unwrap().kind,
            EntryKind::Special
        );
        assert_eq!(
            tree.list("/remote").unwrap(),
            tree.list("/").unwrap(),
            "{name} {options}"
        );
        assert_eq!(
            tree.read("/link", 7).unwrap().unwrap(),
            b"<<plain",
            "{name} {options}"
        );
        assert_eq!(tree.read("/lost", 7).unwrap(), None);
    }
}

/// The kernel can't be asked for version 4's attributes; xfs_db sets them without it, values of one letter.
#[test]
fn attributes_of_version_4_are_those_that_were_set() {
    for (options, count) in [
        ("-m crc=0", 3),
        ("-m crc=0", 90),
        ("-m crc=0 -b size=512", 300),
    ] {
        let disk = Disk::with_files(options, SIZE);
        let mut expected: Vec<(String, usize)> = (1..=count)
            .map(|index| (format!("user.{}", long_name(index, 40)), index % 100 + 1))
            .collect();
        expected.push(("trusted.root".into(), 7));
        expected.push(("security.secure".into(), 9));
        if count > 3 {
            expected.push(("user.big".into(), 3000));
            expected.push(("user.huge".into(), 50_000));
        }
        let place = format!("inode {}", disk.inode("/plain"));
        let mut command = tool("xfs_db");
        command.args(["-x", "-c", &place]);
        for (name, length) in &expected {
            let (space, name) = name.split_once('.').unwrap();
            let space = match space {
                "trusted" => "-r",
                "security" => "-s",
                _ => "-u",
            };
            command.args(["-c", &format!("attr_set {space} -v {length} {name}")]);
        }
        run(command.arg(disk.path()));
        disk.check();
        let source = disk.open();
        let tree = XfsTree::open(&source, whole(&source)).unwrap();
        let found = tree.attributes("/plain").unwrap();
        expected.sort();
        let names = found.iter().map(|one| (one.name.clone(), one.value.len()));
        assert_eq!(names.collect::<Vec<_>>(), expected, "{options}");
        let first = found.first().and_then(|one| one.value.first()).copied();
        for attribute in &found {
            assert!(
                attribute.value.iter().all(|byte| Some(*byte) == first),
                "{attribute:?}"
            );
        }
        assert!(
            first.is_some_and(|byte| byte.is_ascii_alphabetic()),
            "{first:?}"
        );
    }
}
