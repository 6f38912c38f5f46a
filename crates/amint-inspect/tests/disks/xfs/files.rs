//! The files that the tests put on their disks.

use std::ffi::OsStr;
use std::fmt::Write;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, XattrFlags};

use crate::fixture::{noise, run, tool};

/// Unlike each other, and what a file's content is found by on the disk.
pub fn content(name: &str, length: usize) -> Vec<u8> {
    let mut bytes = noise(length);
    let mark = format!("<<{name}>>");
    for chunk in bytes.chunks_mut(512) {
        let length = mark.len().min(chunk.len());
        chunk[..length].copy_from_slice(&mark.as_bytes()[..length]);
    }
    bytes
}

/// Everything that the kernel can be asked to put on a disk, mounted at `root`.
pub fn populate(root: &Path) {
    directories(root);
    contents(root);
    links(root);
    attributes(root);
    specials(root);
}

/// A name of `length` bytes.
pub fn long_name(index: usize, length: usize) -> String {
    let mut name = format!("{index:05}-{length}-");
    let rest = length.saturating_sub(name.len());
    name.extend("a-rather-long-name-".chars().cycle().take(rest));
    name
}

/// Every form that a directory has, and one that has room after most of its names were removed.
fn directories(root: &Path) {
    let forms = [
        ("few", 3, 10),
        ("block", 30, 20),
        ("leaf", 300, 40),
        ("node", 10_000, 60),
        ("long", 700, 255),
    ];
    for (name, count, length) in forms {
        let folder = root.join(name);
        fs::create_dir(&folder).unwrap();
        for index in 0..count {
            File::create(folder.join(long_name(index, length))).unwrap();
        }
    }
    let holes = root.join("holes");
    fs::create_dir(&holes).unwrap();
    for index in 0..3000 {
        File::create(holes.join(long_name(index, 90))).unwrap();
    }
    for index in (0..3000).filter(|index| index % 50 != 0 || *index > 2000) {
        fs::remove_file(holes.join(long_name(index, 90))).unwrap();
    }
    fs::create_dir_all(root.join("a/b/c/d/e/f")).unwrap();
    fs::write(root.join("a/b/c/d/e/f/deep"), "deep").unwrap();
}

fn contents(root: &Path) {
    for length in [0, 1, 511, 4096, 70_000, 3_000_000] {
        fs::write(
            root.join(format!("plain-{length}")),
            content("plain", length),
        )
        .unwrap();
    }
    pieces(&root.join("pieces"), 2000);
    let huge = File::create(root.join("huge")).unwrap();
    huge.write_all_at(b"far out", 1 << 42).unwrap();
    huge.write_all_at(&content("huge", 9000), 12_345).unwrap();
    huge.set_len((1 << 42) + 123_456_789).unwrap();
    // Reserved and in part written; reserved behind the end.
    let reserved = File::create(root.join("reserved")).unwrap();
    rustix::fs::fallocate(&reserved, FallocateFlags::empty(), 0, 1 << 20).unwrap();
    reserved
        .write_all_at(&content("reserved", 10_000), 500_000)
        .unwrap();
    rustix::fs::fallocate(&reserved, FallocateFlags::KEEP_SIZE, 1 << 20, 1 << 20).unwrap();
    fs::write(root.join("shared"), content("shared", 100_000)).unwrap();
    // Shared blocks where the file system has them, a copy elsewhere.
    run(tool("cp")
        .arg("--reflink=auto")
        .arg(root.join("shared"))
        .arg(root.join("shared-too")));
    let changed = File::options()
        .write(true)
        .open(root.join("shared-too"))
        .unwrap();
    changed.write_all_at(b"changed", 50_000).unwrap();
    fs::hard_link(root.join("plain-70000"), root.join("a/again")).unwrap();
}

/// A piece in every other block: more extents than an inode has room for.
pub fn pieces(path: &Path, count: u64) {
    let file = File::create(path).unwrap();
    for index in 0..count {
        let piece = content(&format!("piece-{index}"), 4096);
        file.write_all_at(&piece, index * 8192).unwrap();
        if index % 100 == 0 {
            file.sync_all().unwrap();
        }
    }
}

/// One of each kind, for a small disk.
pub fn populate_little(root: &Path) {
    pieces(&root.join("pieces"), 400);
    links_to(root, &[300, 1000]);
    for (name, count, length) in [("block", 20, 20), ("leaf", 100, 40), ("node", 1500, 100)] {
        let folder = root.join(name);
        fs::create_dir(&folder).unwrap();
        for index in 0..count {
            symlink("nowhere", folder.join(long_name(index, length))).unwrap();
        }
    }
    let file = root.join("attributes");
    File::create(&file).unwrap();
    for index in 0..150 {
        let name = format!("user.{}", long_name(index, 100));
        set(&file, name.as_bytes(), &content("node", index % 150));
    }
    set(&file, b"user.remote", &content("remote", 20_000));
}

/// Targets of these lengths.
fn links_to(root: &Path, lengths: &[usize]) {
    for length in lengths {
        let target = format!("{}plain-4096", "./".repeat((length - 10) / 2));
        symlink(target, root.join(format!("remote-{length}"))).unwrap();
    }
}

fn links(root: &Path) {
    symlink("plain-4096", root.join("inline")).unwrap();
    symlink("/plain-4096", root.join("absolute")).unwrap();
    symlink("../../../..", root.join("a/up")).unwrap();
    symlink("loop", root.join("loop")).unwrap();
    symlink("nowhere", root.join("dangling")).unwrap();
    links_to(root, &[300, 500, 1000, 1023]);
    symlink("./".repeat(450), root.join("folder")).unwrap();
}

pub fn set(path: &Path, name: &[u8], value: &[u8]) {
    rustix::fs::lsetxattr(path, name, value, XattrFlags::empty()).unwrap();
}

/// Every form that attributes have.
fn attributes(root: &Path) {
    let file = |name: &str| {
        let path = root.join(name);
        File::create(&path).unwrap();
        path
    };
    let few = file("attributes-few");
    set(&few, b"user.short", b"value");
    set(&few, b"trusted.owner", b"root");
    set(
        &few,
        b"security.capability",
        b"\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
    );
    set(&few, b"user.not-utf8-\xff", b"");
    let leaf = file("attributes-leaf");
    for index in 0..20 {
        set(
            &leaf,
            format!("user.attribute-{index}").as_bytes(),
            &noise(50),
        );
    }
    let node = file("attributes-node");
    for index in 0..600 {
        let name = format!("user.{}", long_name(index, 100));
        set(&node, name.as_bytes(), &content("node", index % 150));
    }
    for index in (0..600).step_by(3) {
        let name = format!("user.{}", long_name(index, 100));
        rustix::fs::lremovexattr(&node, name.as_bytes()).unwrap();
    }
    let remote = file("attributes-remote");
    for length in [900, 5000, 40_000, 65_536] {
        set(
            &remote,
            format!("user.remote-{length}").as_bytes(),
            &content("remote", length),
        );
    }
    let folder = root.join("attributes-folder");
    fs::create_dir(&folder).unwrap();
    set(&folder, b"user.folder", &noise(3000));
    // Owner, somebody, group, mask, others.
    let entries: [(u16, u16, u32); 5] = [
        (1, 6, !0),
        (2, 4, 12_345),
        (4, 4, !0),
        (0x10, 4, !0),
        (0x20, 0, !0),
    ];
    let mut acl = 2_u32.to_le_bytes().to_vec();
    for (tag, rights, identity) in entries {
        acl.extend(tag.to_le_bytes());
        acl.extend(rights.to_le_bytes());
        acl.extend(identity.to_le_bytes());
    }
    set(&folder, b"system.posix_acl_access", &acl);
    set(&folder, b"system.posix_acl_default", &acl);
    let link = root.join("attributes-link");
    symlink("plain-1", &link).unwrap();
    set(&link, b"trusted.link", b"of a link");
}

fn specials(root: &Path) {
    run(tool("mkfifo").arg(root.join("pipe")));
    run(tool("mknod").arg(root.join("device")).args(["c", "1", "3"]));
    let setuid = root.join("setuid");
    fs::write(&setuid, "#!/bin/sh\n").unwrap();
    chown(&setuid, Some(70_000), Some(4_000_000_000)).unwrap();
    fs::set_permissions(&setuid, fs::Permissions::from_mode(0o4755)).unwrap();
    fs::set_permissions(root.join("few"), fs::Permissions::from_mode(0o1777)).unwrap();
    for name in [&b"not-utf8-\xff"[..], b"with space", "naïve".as_bytes()] {
        fs::write(root.join(OsStr::from_bytes(name)), name).unwrap();
    }
}

/// Files that mkfs.xfs itself can put in: what it reads, and beside it the tree that it describes.
pub fn prototype(folder: &Path) -> PathBuf {
    let root = folder.join("root");
    fs::create_dir(&root).unwrap();
    let mut text = "-\n0 0\nd--755 0 0\n".to_owned();
    let file = |text: &mut String, inside: &str, mode: &str, length: usize| {
        let (path, name) = (root.join(inside), inside.rsplit('/').next().unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content(inside, length)).unwrap();
        writeln!(text, "{name} {mode} 12 70000 {}", path.display()).unwrap();
    };
    file(&mut text, "empty", "---600", 0);
    file(&mut text, "plain", "---644", 5000);
    file(&mut text, "setuid", "-u-755", 100);
    file(&mut text, "large", "---640", 900_000);
    text.push_str("many d--755 0 0\n");
    for index in 0..400 {
        file(
            &mut text,
            &format!("many/{}", long_name(index, 60)),
            "---644",
            index,
        );
    }
    text.push_str("$\nsome d--1777 0 0\n".replace("1777", "777").as_str());
    for index in 0..30 {
        file(
            &mut text,
            &format!("some/{}", long_name(index, 20)),
            "---644",
            10,
        );
    }
    text.push_str("$\n");
    // In the inode, except for version 4's small ones: a longer one mkfs.xfs writes without its header.
    for (name, target) in [
        ("link", "plain"),
        ("remote", &"./".repeat(100)),
        ("lost", "nowhere"),
    ] {
        writeln!(text, "{name} l--777 0 0 {target}").unwrap();
        symlink(target, root.join(name)).unwrap();
    }
    text.push_str("pipe p--644 0 0\n$\n");
    let path = folder.join("prototype");
    fs::write(&path, text).unwrap();
    path
}
