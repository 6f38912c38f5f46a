//! Several file systems as one tree.

use std::fs;
use std::os::unix::fs::symlink;

use amint_inspect::ext4::Ext4Tree;
use amint_inspect::mounted::Mounted;
use amint_inspect::raw::RawFile;
use amint_inspect::{EntryKind, Tree};
use tempfile::TempDir;

use crate::fixture::{run, tool, whole};

/// What is put into a file system: a path, and a file's content or, after `-> `, where a link leads.
type Files<'a> = &'a [(&'a str, &'a str)];

fn disk(folder: &TempDir, name: &str, files: Files<'_>) -> RawFile {
    let root = folder.path().join(format!("{name}-root"));
    fs::create_dir(&root).unwrap();
    for (path, content) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match content.strip_prefix("-> ") {
            Some(target) => symlink(target, path).unwrap(),
            None => fs::write(path, content).unwrap(),
        }
    }
    let path = folder.path().join(name);
    run(tool("mke2fs")
        .args(["-q", "-F", "-t", "ext4", "-d"])
        .arg(root)
        .arg(&path)
        .arg("4M"));
    RawFile::open(path).unwrap()
}

const ROOT: Files<'_> = &[
    ("etc/passwd", "root"),
    ("etc/hostname", "the host"),
    ("var/hidden", "below the mount"),
    ("to-log", "-> /var/log/syslog"),
    ("deep/up", "-> ../var/lib"),
    ("mnt/point", "-> /srv"),
    ("loop", "-> /var/loop"),
    ("file", "no folder"),
];
const VAR: Files<'_> = &[
    ("log/syslog", "a line"),
    ("lib/state", "a state"),
    ("absolute", "-> /etc/hostname"),
    ("relative", "-> ../etc/passwd"),
    ("out/of", "-> ../../../../../etc/hostname"),
    ("loop", "-> ../loop"),
    ("journal", "-> /var/log/journal/a"),
];
const JOURNAL: Files<'_> = &[("a", "an entry"), ("b", "-> ../syslog")];

#[test]
fn links_and_dots_lead_from_one_file_system_into_another() {
    let folder = TempDir::new().unwrap();
    let disks = [
        disk(&folder, "root", ROOT),
        disk(&folder, "var", VAR),
        disk(&folder, "journal", JOURNAL),
    ];
    let trees = disks
        .each_ref()
        .map(|disk| Ext4Tree::open(disk, whole(disk)).unwrap());
    let [root, var, journal] = &trees;
    let mut whole = Mounted::new(root);
    assert_eq!(whole.mount("/var/", var).unwrap(), "/var");
    // The place is not there, and is reached by a link.
    assert_eq!(
        whole.mount("/deep/up/../log/journal", journal).unwrap(),
        "/var/log/journal"
    );

    let read = |path: &str| {
        whole
            .read(path, 100)
            .unwrap()
            .map(|text| String::from_utf8(text).unwrap())
    };
    for (path, content) in [
        ("/etc/passwd", Some("root")),
        ("/var/hidden", None),
        ("/to-log", Some("a line")),
        ("/deep/up/state", Some("a state")),
        ("/var/absolute", Some("the host")),
        ("/var/relative", Some("root")),
        ("/var/out/of", Some("the host")),
        ("/var/../etc/hostname", Some("the host")),
        ("/var/log/../../var/lib/state", Some("a state")),
        ("/var/journal", Some("an entry")),
        ("/var/log/journal/b", Some("a line")),
        ("/../../var/log/journal/../journal/a", Some("an entry")),
        ("/file/../etc/passwd", None),
        ("/none/../etc/passwd", None),
        ("/var/log", None),
    ] {
        assert_eq!(read(path).as_deref(), content, "{path}");
    }
    assert_eq!(whole.list("/var/log").unwrap(), ["journal", "syslog"]);
    assert_eq!(
        whole.list("/var/log/journal/").unwrap(),
        ["a", "b", "lost+found"]
    );
    assert_eq!(whole.list("/file").unwrap(), [""; 0]);
    let kind = |path: &str| whole.metadata(path).unwrap().map(|metadata| metadata.kind);
    assert_eq!(kind("/var"), Some(EntryKind::Directory));
    assert_eq!(kind("/var/absolute"), Some(EntryKind::Symlink));
    assert_eq!(kind("/to-log/x"), None);
    assert_eq!(
        whole.target("/var/absolute").unwrap().as_deref(),
        Some("/etc/hostname")
    );
    assert_eq!(whole.target("/var/log/syslog").unwrap(), None);
    let mut part = [0; 3];
    assert_eq!(whole.read_at("/to-log", 2, &mut part).unwrap(), Some(3));
    assert_eq!(&part, b"lin");
    assert_eq!(whole.attributes("/none").unwrap(), []);

    let error = whole.read("/loop", 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read /loop: too many levels of symbolic links"
    );
    assert!(whole.metadata(&"/a".repeat(5000)).is_err());
}

#[test]
fn a_place_that_is_a_link_is_where_the_link_leads() {
    let folder = TempDir::new().unwrap();
    let disks = [disk(&folder, "root", ROOT), disk(&folder, "other", JOURNAL)];
    let trees = disks
        .each_ref()
        .map(|disk| Ext4Tree::open(disk, whole(disk)).unwrap());
    let mut whole = Mounted::new(&trees[0]);
    assert_eq!(whole.mount("/mnt/point", &trees[1]).unwrap(), "/srv");
    assert!(whole.list("/").unwrap().contains(&"srv".to_owned()));
    assert_eq!(
        whole.read("/mnt/point/a", 100).unwrap().unwrap(),
        b"an entry"
    );
}

#[test]
fn one_tree_alone_looks_as_it_does() {
    let folder = TempDir::new().unwrap();
    let root = disk(&folder, "root", ROOT);
    let tree = Ext4Tree::open(&root, whole(&root)).unwrap();
    let mounted = Mounted::new(&tree);
    for path in [
        "/",
        "/etc",
        "/to-log",
        "/deep/up",
        "/var/hidden",
        "/file/x",
        "/mnt/../etc/passwd",
    ] {
        assert_eq!(
            mounted.metadata(path).unwrap(),
            tree.metadata(path).unwrap(),
            "{path}"
        );
        assert_eq!(
            mounted.list(path).unwrap(),
            tree.list(path).unwrap(),
            "{path}"
        );
        assert_eq!(
            mounted.read(path, 9).unwrap(),
            tree.read(path, 9).unwrap(),
            "{path}"
        );
        assert_eq!(
            mounted.target(path).unwrap(),
            tree.target(path).unwrap(),
            "{path}"
        );
    }
}
