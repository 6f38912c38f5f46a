//! A disk whose last changes are in the journal only, against the same disk after `e2fsck` replayed it.

use std::fs;

use amint_inspect::FileSystem;
use amint_inspect::Tree;
use amint_inspect::ext4::Ext4Tree;

use crate::fixture::{DEBIAN, Disk, free_map, run, tool, whole};

/// Where a change went: each layout writes its journal down differently.
const LAYOUTS: &[(&str, &str)] = &[
    (
        "64-bit, checksums",
        "has_journal,extent,metadata_csum,64bit,filetype",
    ),
    (
        "32-bit, checksums",
        "has_journal,extent,metadata_csum,^64bit,filetype",
    ),
    (
        "64-bit, no checksums",
        "has_journal,extent,^metadata_csum,64bit,filetype",
    ),
    (
        "32-bit, no checksums",
        "has_journal,^extent,^metadata_csum,^64bit,filetype",
    ),
];

/// Makes `change` on a copy of `disk`, and puts the blocks that differ into the journal of `disk`.
fn change_in_journal(disk: &Disk, changes: &[&str], revoked: bool) {
    let before = disk.bytes();
    for change in changes {
        disk.debugfs(change);
    }
    let after = disk.bytes();
    fs::write(disk.path(), &before).unwrap();
    let pairs = before.chunks(4096).zip(after.chunks(4096)).enumerate();
    // Block 0 holds the superblock, whose time of last write is of no interest here.
    let differing: Vec<usize> = pairs
        .filter(|(block, (old, new))| *block > 0 && old != new)
        .map(|(block, _)| block)
        .collect();
    assert!(!differing.is_empty());
    let content = disk.root().with_extension("journal");
    let blocks: Vec<u8> = differing
        .iter()
        .flat_map(|block| after[block * 4096..][..4096].to_vec())
        .collect();
    fs::write(&content, blocks).unwrap();
    let list = differing
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(",");
    let mut script = format!("jo -c\njw -b {list} {}\n", content.display());
    if revoked {
        script += &format!("jw -r {list}\n");
    }
    script += "jc\n";
    let commands = disk.root().with_extension("commands");
    fs::write(&commands, script).unwrap();
    let output = run(tool("debugfs")
        .arg("-w")
        .arg("-f")
        .arg(&commands)
        .arg(disk.path()));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        !errors.contains("jw:") && !errors.contains("jo:"),
        "{errors}"
    );
}

/// Mode of a file and content of another, as an inspection sees them.
fn seen(disk: &Disk) -> (u16, Vec<String>, bool) {
    let source = disk.open();
    let tree = Ext4Tree::open(&source, whole(&source)).unwrap();
    let mode = tree.metadata("/etc/shadow").unwrap().unwrap().mode;
    (mode, tree.list("/var/log").unwrap(), tree.needs_recovery())
}

#[test]
fn changes_that_wait_in_the_journal_are_seen() {
    for (name, features) in LAYOUTS {
        let disk = Disk::ext4(&["-b", "4096", "-I", "256", "-O", features], "48M");
        change_in_journal(
            &disk,
            &[
                "set_inode_field /etc/shadow mode 0100604",
                "unlink /var/log/victim",
            ],
            false,
        );
        let (mode, names, dirty) = seen(&disk);
        assert_eq!(
            (mode, names.as_slice(), dirty),
            (0o604, &["deep".to_owned(), "large".to_owned()][..], true),
            "{name}"
        );
        let map = free_map(&disk.open(), whole(&disk.open())).unwrap();
        assert!(!map.clean && !map.journal_clean, "{name}");
        // An independent reader, where it supports the layout, and e2fsck see the same.
        if let Ok(view) = ext4_view::Ext4::load(Box::new(disk.bytes())) {
            assert_eq!(
                view.metadata("/etc/shadow").unwrap().mode(),
                0o604,
                "{name}"
            );
        }
        let status = tool("e2fsck")
            .arg("-fy")
            .arg(disk.path())
            .output()
            .unwrap()
            .status;
        assert!(matches!(status.code(), Some(0 | 1)), "{name}: {status}");
        let (mode, names, dirty) = seen(&disk);
        assert_eq!(
            (mode, names.as_slice(), dirty),
            (0o604, &["deep".to_owned(), "large".to_owned()][..], false),
            "{name}"
        );
    }
}

#[test]
fn revoked_changes_are_not_seen() {
    for (name, features) in LAYOUTS {
        let disk = Disk::ext4(&["-b", "4096", "-I", "256", "-O", features], "48M");
        change_in_journal(&disk, &["set_inode_field /etc/shadow mode 0100604"], true);
        assert_eq!(seen(&disk).0, 0o640, "{name}");
    }
}

#[test]
fn a_transaction_without_its_commit_never_happened() {
    let disk = Disk::ext4(DEBIAN, "48M");
    let source = disk.open();
    let journal = free_map(&source, whole(&source)).unwrap().journal[0].offset - 4096;
    change_in_journal(&disk, &["set_inode_field /etc/shadow mode 0100604"], false);
    assert_eq!(seen(&disk).0, 0o604);
    // The commit block is the last one of the transaction that bears the journal's magic.
    let bytes = disk.bytes();
    let magic = 0xc03b_3998_u32.to_be_bytes();
    let commit = (1..64)
        .map(|block| journal + 4096 * block)
        .rfind(|at| bytes[*at as usize..].starts_with(&magic))
        .unwrap();
    disk.write(commit + 100, &[1]);
    assert_eq!(seen(&disk).0, 0o640);
}

#[test]
fn a_journal_that_runs_in_circles_is_an_error_or_ends() {
    let disk = Disk::ext4(DEBIAN, "48M");
    let source = disk.open();
    let journal = free_map(&source, whole(&source)).unwrap().journal[0].offset - 4096;
    disk.debugfs("feature needs_recovery");
    for (start, first) in [
        (1_u32, u32::MAX),
        (u32::MAX, 1),
        (u32::MAX, u32::MAX),
        (5, 0),
    ] {
        disk.write(journal + 0x14, &first.to_be_bytes());
        disk.write(journal + 0x1c, &start.to_be_bytes());
        let source = disk.open();
        if let Ok(tree) = Ext4Tree::open(&source, whole(&source)) {
            assert!(tree.metadata("/etc/shadow").unwrap().is_some());
        }
    }
}
