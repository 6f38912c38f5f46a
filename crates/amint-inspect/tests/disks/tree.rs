//! The file tree against the files that were put in, and against an independent reader.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use amint_inspect::ext4::Ext4Tree;
use amint_inspect::{EntryKind, Metadata, Tree, name};

use crate::fixture::{DEBIAN, Disk, run, tool, whole};

/// Every file of the disk equals the one that it was made from, and what `ext4-view` sees.
pub fn assert_same_files(disk: &Disk, name: &str) {
    let source = disk.open();
    let tree = Ext4Tree::open(&source, whole(&source)).unwrap();
    let file = fs::File::open(disk.path()).unwrap();
    // ext4-view supports fewer layouts (no checksums in small inodes, say); where it reads, it must agree.
    let other = ext4_view::Ext4::load(Box::new(Reader(file)))
        .ok()
        .filter(|view| view.metadata("/").is_ok());
    let mut seen = 0;
    visit(&disk.root(), &mut |path| {
        let below = path.strip_prefix(disk.root()).unwrap();
        let inside = format!("/{}", name::text(below.as_os_str().as_encoded_bytes()));
        let expected = path.symlink_metadata().unwrap();
        let found = tree
            .metadata(&inside)
            .unwrap()
            .unwrap_or_else(|| panic!("{name}: {inside} is missing"));
        assert_eq!(
            u32::from(found.mode),
            expected.mode() & 0o7777,
            "{name}: {inside}"
        );
        assert_eq!(
            (found.uid, found.gid),
            (expected.uid(), expected.gid()),
            "{name}: {inside}"
        );
        if expected.is_file() {
            let content = tree.read(&inside, usize::MAX).unwrap().unwrap();
            assert!(
                content == fs::read(path).unwrap(),
                "{name}: {inside} differs"
            );
            // ext4-view takes paths in UTF-8 only, and cannot read holes in the older block maps.
            if let Some(view) = &other
                && path.to_str().is_some()
                && !(inside == "/var/sparse" && name.starts_with("ext"))
            {
                let bytes = view
                    .read(inside.as_str())
                    .unwrap_or_else(|error| panic!("{name}: {inside}: {error}"));
                assert!(bytes == content, "{name}: {inside} differs from ext4-view");
                seen += 1;
            }
        }
        if expected.is_dir() {
            let mut names: Vec<String> = fs::read_dir(path)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_encoded_bytes())
                .map(|name| name::text(&name))
                .collect();
            names.sort();
            let listed: Vec<String> = tree
                .list(&inside)
                .unwrap()
                .into_iter()
                .filter(|name| name != "lost+found")
                .collect();
            assert_eq!(listed, names, "{name}: {inside}");
        }
    });
    assert!(
        other.is_none() || seen > 200,
        "{name}: the readers were compared on {seen} files only"
    );
    assert!(
        other.is_some() || name != "debian",
        "the usual layout was not compared"
    );
}

fn visit(path: &Path, look: &mut dyn FnMut(&Path)) {
    look(path);
    if path.symlink_metadata().unwrap().is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            visit(&entry.unwrap().path(), look);
        }
    }
}

struct Reader(fs::File);

impl ext4_view::Ext4Read for Reader {
    fn read(
        &mut self,
        start: u64,
        bytes: &mut [u8],
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(std::os::unix::fs::FileExt::read_exact_at(
            &self.0, bytes, start,
        )?)
    }
}

fn with_tree(check: impl FnOnce(&Ext4Tree<'_>)) {
    let disk = Disk::ext4(DEBIAN, "32M");
    let source = disk.open();
    check(&Ext4Tree::open(&source, whole(&source)).unwrap());
}

#[test]
fn reads_attributes_without_following_the_last_link() {
    with_tree(|tree| {
        let shadow = tree.metadata("/etc/shadow").unwrap().unwrap();
        assert!(
            matches!(
                shadow,
                Metadata {
                    kind: EntryKind::File,
                    size: 15,
                    mode: 0o640,
                    ..
                }
            ),
            "{shadow:?}"
        );
        assert_eq!(
            tree.metadata("/absolute").unwrap().unwrap().kind,
            EntryKind::Symlink
        );
        assert_eq!(tree.metadata("/logs/large").unwrap().unwrap().size, 300_000);
        assert_eq!(tree.metadata("/setuid").unwrap().unwrap().mode, 0o4755);
        assert_eq!(
            tree.metadata("/").unwrap().unwrap().kind,
            EntryKind::Directory
        );
    });
}

#[test]
fn links_resolve_inside_the_tree() {
    with_tree(|tree| {
        for path in [
            "/absolute",
            "/escape",
            "/long",
            "/etc/../etc/./shadow",
            "/../../etc/shadow",
            "etc/shadow",
        ] {
            assert_eq!(
                tree.read(path, 100).unwrap().unwrap(),
                b"root:*:1::::::\n",
                "{path}"
            );
        }
        assert_eq!(tree.read("/var/relative", 100).unwrap().unwrap(), b"");
        assert_eq!(tree.list("/logs").unwrap(), ["deep", "large", "victim"]);
    });
}

#[test]
fn what_is_not_there_is_none_and_a_loop_is_an_error() {
    with_tree(|tree| {
        for path in [
            "/nothing",
            "/dangling",
            "/etc/shadow/below",
            "/nothing/at/all",
            "/etc",
            "/a\0b",
        ] {
            assert_eq!(tree.read(path, 100).unwrap(), None, "{path}");
        }
        assert_eq!(tree.metadata("/nothing").unwrap(), None);
        assert!(tree.list("/nothing").unwrap().is_empty());
        assert!(tree.list("/etc/shadow").unwrap().is_empty());
        let error = tree.read("/loop-a", 100).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot read /loop-a: too many levels of symbolic links"
        );
    });
}

#[test]
fn a_limit_cuts_and_holes_are_zeros() {
    with_tree(|tree| {
        assert_eq!(tree.read("/etc/shadow", 4).unwrap().unwrap(), b"root");
        let sparse = tree.read("/var/sparse", usize::MAX).unwrap().unwrap();
        assert_eq!(sparse.len(), 2_000_000);
        assert_eq!(&sparse[1_000_000..1_000_006], b"middle");
        assert!(sparse[..1_000_000].iter().all(|byte| *byte == 0));
    });
}

#[test]
fn a_name_that_is_not_utf8_is_listed_and_looked_up() {
    with_tree(|tree| {
        let names = tree.list("/").unwrap();
        let odd = names.iter().find(|name| name.starts_with("not-utf8-"));
        assert_eq!(odd.map(String::as_str), Some("not-utf8-\u{f7ff}"));
        assert!(tree.metadata("/not-utf8-\u{f7ff}").unwrap().is_some());
        assert!(tree.metadata("/not-utf8-\u{fffd}").unwrap().is_none());
    });
}

#[test]
fn a_file_of_a_tebibyte_costs_nothing_until_it_is_read() {
    let disk = Disk::ext4(DEBIAN, "32M");
    disk.debugfs("set_inode_field /etc/machine-id size 1099511627776");
    let source = disk.open();
    let tree = Ext4Tree::open(&source, whole(&source)).unwrap();
    assert_eq!(
        tree.metadata("/etc/machine-id").unwrap().unwrap().size,
        1 << 40
    );
    assert_eq!(tree.read("/etc/machine-id", 5).unwrap().unwrap(), [0; 5]);
    let error = tree
        .read("/etc/machine-id", usize::MAX)
        .unwrap_err()
        .to_string();
    assert!(
        error.ends_with("is too large: more than 67108864"),
        "{error}"
    );
}

#[test]
fn reserved_blocks_read_as_zeros_not_as_what_they_held() {
    let disk = Disk::ext4(DEBIAN, "32M");
    disk.debugfs("rm /var/log/large");
    disk.debugfs("fallocate /etc/machine-id 0 79");
    disk.debugfs("set_inode_field /etc/machine-id size 300000");
    let source = disk.open();
    let tree = Ext4Tree::open(&source, whole(&source)).unwrap();
    let content = tree.read("/etc/machine-id", usize::MAX).unwrap().unwrap();
    assert_eq!(content.len(), 300_000);
    assert!(content.iter().all(|byte| *byte == 0));
}

#[test]
fn hashed_directories_list_and_look_up() {
    let disk = Disk::ext4(DEBIAN, "32M");
    // Rebuilds directories with hash trees; exit code 1 says that it changed something.
    let status = tool("e2fsck")
        .args(["-fyD"])
        .arg(disk.path())
        .output()
        .unwrap()
        .status;
    assert!(matches!(status.code(), Some(0 | 1)), "{status}");
    let output = run(tool("debugfs")
        .args(["-R", "htree_dump /etc/many"])
        .arg(disk.path()));
    assert!(String::from_utf8_lossy(&output.stdout).contains("Root node dump"));
    assert_same_files(&disk, "hashed");
}
