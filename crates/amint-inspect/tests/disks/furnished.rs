//! ext4 file systems that the kernel filled with everything that it can, and then removed some of.

use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, PermissionsExt, chown, lchown, symlink};
use std::path::Path;

use rustix::fs::{CWD, FallocateFlags, FileType, Mode, XattrFlags};

use crate::fixture::{Disk, noise};
use crate::kernel::Mount;
use crate::{attributes, owners, slack};

/// What names and contents begin with that are removed again.
pub const TELLTALE: &str = "telltale-";
/// Layouts that keep their metadata differently.
pub const LAYOUTS: &[(&str, &[&str])] = &[
    ("debian", crate::fixture::DEBIAN),
    (
        "small blocks, large directories",
        &[
            "-b",
            "1024",
            "-I",
            "256",
            "-O",
            "has_journal,extent,huge_file,flex_bg,metadata_csum,64bit,dir_nlink,extra_isize,sparse_super,filetype,dir_index,ext_attr,large_file,large_dir,orphan_file",
        ],
    ),
    (
        "no checksums",
        &[
            "-b",
            "4096",
            "-I",
            "256",
            "-O",
            "has_journal,extent,^metadata_csum,^uninit_bg,dir_index,ext_attr,filetype",
        ],
    ),
    (
        "small inodes, block maps",
        &[
            "-b",
            "1024",
            "-I",
            "128",
            "-O",
            "has_journal,^extent,^metadata_csum,dir_index,ext_attr,filetype",
        ],
    ),
    (
        "attributes in inodes",
        &[
            "-b",
            "4096",
            "-I",
            "512",
            "-O",
            "has_journal,extent,metadata_csum,64bit,dir_index,ext_attr,filetype,ea_inode,metadata_csum_seed",
        ],
    ),
    (
        "inline data",
        &[
            "-b",
            "4096",
            "-I",
            "512",
            "-O",
            "has_journal,extent,metadata_csum,64bit,dir_index,ext_attr,filetype,inline_data",
        ],
    ),
];

/// A disk in the layout `options` that the kernel filled; `None`, after saying so, for who may not mount.
fn furnished(name: &str, options: &[&str]) -> Option<Disk> {
    let disk = Disk::ext4(options, "64M");
    let mount = Mount::new(&disk.path(), "ext4", "rw")?;
    fill(name, mount.path());
    drop(mount);
    // Names that were added and removed in one go might never have reached the disk.
    let mount = Mount::new(&disk.path(), "ext4", "rw")?;
    remove(mount.path());
    drop(mount);
    remove_as_older_kernels_do(&disk);
    disk.fsck();
    Some(disk)
}

/// All that is to be known of a furnished disk: making one takes longer.
#[test]
fn every_layout_is_read_attributed_and_cleaned() {
    for (name, options) in LAYOUTS {
        let Some(disk) = furnished(name, options) else {
            return;
        };
        attributes::are_what_the_kernel_sees(name, &disk);
        owners::are_who_debugfs_says(name, options, &disk);
        owners::are_told_for_every_kind_of_place(name, &disk);
        // Last: it changes the disk.
        slack::is_cleaned(name, &disk);
    }
}

fn set(path: &Path, name: &str, value: &[u8]) {
    rustix::fs::lsetxattr(path, name, value, XattrFlags::empty())
        .unwrap_or_else(|error| panic!("{name} of {}: {error}", path.display()));
}

/// An access control list as setxattr(2) takes it: owner, one user, group, mask, others.
fn acl() -> Vec<u8> {
    let entries: [(u16, u16, u32); 5] = [
        (1, 6, u32::MAX),
        (2, 4, 1000),
        (4, 4, u32::MAX),
        (0x10, 4, u32::MAX),
        (0x20, 0, u32::MAX),
    ];
    let mut acl = 2_u32.to_le_bytes().to_vec();
    for (tag, permissions, id) in entries {
        acl.extend(tag.to_le_bytes());
        acl.extend(permissions.to_le_bytes());
        acl.extend(id.to_le_bytes());
    }
    acl
}

fn fill(name: &str, root: &Path) {
    let attributes = root.join("attributes");
    fs::create_dir(&attributes).unwrap();
    let file = attributes.join("file");
    fs::write(&file, "few bytes").unwrap();
    chown(&file, Some(70_000), Some(80_000)).unwrap();
    set(&file, "user.short", b"value");
    set(&file, "user.empty", b"");
    set(&file, "trusted.overlay.opaque", b"y");
    set(&file, "security.capability", &capability());
    set(&file, "system.posix_acl_access", &acl());
    set(&attributes, "system.posix_acl_default", &acl());
    let many = attributes.join("many");
    fs::write(&many, noise(10_000)).unwrap();
    for number in 0..12 {
        set(&many, &format!("user.number-{number}"), &[number; 40]);
    }
    if name == "attributes in inodes" {
        set(&many, "user.large", &noise(30_000));
        set(&file, "user.larger", &noise(60_000));
    }
    let link = attributes.join("link");
    symlink("file", &link).unwrap();
    set(&link, "trusted.of-a-link", b"not followed");
    // The same attributes share one block.
    for number in 0..3 {
        let file = attributes.join(format!("shared-{number}"));
        fs::write(&file, "").unwrap();
        set(&file, "user.shared", &[7; 600]);
    }

    let kinds = root.join("kinds");
    fs::create_dir(&kinds).unwrap();
    for (name, kind) in [
        ("pipe", FileType::Fifo),
        ("null", FileType::CharacterDevice),
        ("disk", FileType::BlockDevice),
        ("socket", FileType::Socket),
    ] {
        let device = rustix::fs::makedev(1, 3);
        rustix::fs::mknodat(
            CWD,
            kinds.join(name),
            kind,
            Mode::from_raw_mode(0o600),
            device,
        )
        .unwrap();
    }
    symlink("x".repeat(59), kinds.join("short")).unwrap();
    symlink("y".repeat(60), kinds.join("just-too-long")).unwrap();
    symlink(format!("./{}large", "./".repeat(300)), kinds.join("long")).unwrap();
    lchown(kinds.join("long"), Some(5), Some(6)).unwrap();
    fs::write(kinds.join("large"), noise(3_000_000)).unwrap();
    fs::write(kinds.join("odd"), noise(5_001)).unwrap();
    for size in [0, 1, 60, 61, 150, 300, 4096] {
        fs::write(kinds.join(format!("of-{size}")), noise(size)).unwrap();
    }
    fs::hard_link(kinds.join("odd"), root.join("a-second-name")).unwrap();
    fs::hard_link(kinds.join("odd"), root.join("z-third-name")).unwrap();
    fs::set_permissions(kinds.join("odd"), fs::Permissions::from_mode(0o6711)).unwrap();
    fs::write(kinds.join(std::ffi::OsStr::from_bytes(b"\xff\xfe")), "odd").unwrap();

    let sparse = File::create(kinds.join("sparse")).unwrap();
    for piece in 0..600_u64 {
        sparse.write_all_at(b"piece", piece * 20_000).unwrap();
    }
    sparse.write_all_at(b"far", 4 << 30).unwrap();
    let reserved = File::create(kinds.join("reserved")).unwrap();
    reserved.write_all_at(b"begins", 0).unwrap();
    // Block maps cannot reserve.
    let _ = rustix::fs::fallocate(&reserved, FallocateFlags::KEEP_SIZE, 0, 200_000);

    let names = root.join("names");
    fs::create_dir(&names).unwrap();
    let hashed = root.join("hashed");
    fs::create_dir(&hashed).unwrap();
    for number in 0..3000 {
        let name = format!("{number}-{}", "n".repeat(1 + number % 50));
        File::create(hashed.join(name)).unwrap();
    }
    let told = |what: &str| format!("{TELLTALE}{what}");
    fs::write(names.join(told("first")), told("content")).unwrap();
    fs::write(names.join("between"), "stays").unwrap();
    fs::write(names.join(told("middle")), told("content").repeat(1000)).unwrap();
    symlink(told("target"), names.join(told("link"))).unwrap();
    symlink(told("target").repeat(20), names.join(told("long-link"))).unwrap();
    fs::create_dir(names.join(told("directory"))).unwrap();
    fs::write(names.join(told("directory")).join(told("inside")), "x").unwrap();
    fs::write(names.join(told("attributes")), "x").unwrap();
    set(
        &names.join(told("attributes")),
        "user.telltale-name",
        told("value").as_bytes(),
    );
    set(
        &names.join(told("attributes")),
        "user.telltale-large",
        told("value").repeat(40).as_bytes(),
    );
    fs::write(names.join("behind"), "stays").unwrap();
    fs::write(names.join(told("renamed")), "stays under another name").unwrap();
    fs::write(names.join(told("last")), told("content")).unwrap();
    for number in 0..1500 {
        File::create(hashed.join(told(&format!("hashed-{number}")))).unwrap();
    }
    let small = root.join("small");
    fs::create_dir(&small).unwrap();
    for name in ["stays", &told("first"), "stays-too", &told("last")] {
        fs::write(small.join(name), "x").unwrap();
    }
    // All names of its only block go.
    let few = root.join("few");
    fs::create_dir(&few).unwrap();
    for number in 0..20 {
        fs::write(few.join(told(&number.to_string())), "x").unwrap();
    }
}

/// A file capability (`cap_net_bind_service`, effective and permitted), revision 2.
fn capability() -> Vec<u8> {
    let mut value = 0x0200_0001_u32.to_le_bytes().to_vec();
    value.extend(0x400_u32.to_le_bytes());
    value.extend([0; 12]);
    value
}

/// Removes many names the way this kernel does: since Linux 5.14 it wipes them, but not those that it moved before.
fn remove(root: &Path) {
    for entry in fs::read_dir(root.join("hashed")).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().to_string_lossy().starts_with(TELLTALE) {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    // Of this one debugfs would forget the block of attributes.
    fs::remove_file(root.join(format!("names/{TELLTALE}attributes"))).unwrap();
}

/// debugfs leaves names, targets and attributes where they are.
fn remove_as_older_kernels_do(disk: &Disk) {
    let told = |what: &str| format!("/names/{TELLTALE}{what}");
    disk.debugfs(&format!("link {} /names/now", told("renamed")));
    disk.debugfs(&format!("unlink {}", told("renamed")));
    for file in [
        "first",
        "middle",
        "last",
        "link",
        "long-link",
        "directory/telltale-inside",
    ] {
        disk.debugfs(&format!("rm {}", told(file)));
    }
    disk.debugfs(&format!("rmdir {}", told("directory")));
    for file in ["first", "last"] {
        disk.debugfs(&format!("rm /small/{TELLTALE}{file}"));
    }
    for number in 0..20 {
        disk.debugfs(&format!("rm /few/{TELLTALE}{number}"));
    }
}
