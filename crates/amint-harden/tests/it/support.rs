//! Disks for tests: a tree of files that is clean, changed by a test, made into an ext4 image.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use amint_harden::inspection::{Expectations, Inspection, inspect};
use amint_harden::profile;
use amint_inspect::raw::RawFile;
use tempfile::TempDir;

pub(crate) const BUILD: &str = "01jtest";
pub(crate) const MARKER: &str = "build=01jtest\nprofile=marketplace-linux@3\nfailed=\n";

/// A small image that violates nothing, with what a near miss looks like.
const CLEAN: &[(&str, &str)] = &[
    (
        "/etc/passwd",
        "root:x:0:0:root:/root:/bin/bash\n\
         daemon:x:1:1::/usr/sbin:/usr/sbin/nologin\n\
         sync:x:4:65534::/:/bin/sync\n\
         nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n\
         admin:x:1000:1000::/home/admin:/bin/bash\n\
         svc:x:990:990::/srv/svc:/usr/sbin/nologin\n",
    ),
    (
        "/etc/shadow",
        "root:!:20000:0:99999:7:::\ndaemon:*:20000:0:99999:7:::\nsync:*:20000:0:99999:7:::\n\
         nobody:*:20000:0:99999:7:::\nadmin:!!:20000:0:99999:7:::\nsvc:!*:20000::::::\n",
    ),
    ("/etc/group", "root:x:0:\nadmin:x:1000:\nsvc:x:990:admin\n"),
    ("/etc/gshadow", "root:*::\nadmin:!::\nsvc:::admin\n"),
    (
        "/etc/os-release",
        "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian\"\n",
    ),
    (
        "/etc/ssh/sshd_config",
        "Include /etc/ssh/sshd_config.d/*.conf\n#PermitRootLogin yes\nUsePAM yes\n",
    ),
    (
        "/etc/ssh/sshd_config.d/00-amint-root.conf",
        "PermitRootLogin no\n",
    ),
    (
        "/etc/ssh/sshd_config.d/00-amint-passwords.conf",
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitEmptyPasswords no\n",
    ),
    // Too late: the first value wins.
    (
        "/etc/ssh/sshd_config.d/50-cloud-init.conf",
        "PasswordAuthentication yes\n",
    ),
    ("/etc/ssh/moduli", "# no key\n"),
    ("/etc/machine-id", ""),
    ("/root/.bashrc", "alias ll='ls -l'\n"),
    (
        "/home/admin/.ssh/authorized_keys",
        "\n# keys come at launch\n",
    ),
    ("/home/admin/.bash_history", ""),
    ("/srv/svc/data", "payload\n"),
    ("/var/log/syslog", ""),
    ("/var/log/nginx/access.log", ""),
    ("/opt/app/logs/app.log", ""),
    ("/opt/app/lib/app", "a program\n"),
    ("/var/cache/apt/archives/lock", ""),
    ("/var/lib/cloud/seed/nocloud/meta-data", "instance-id: x\n"),
    (
        "/var/lib/cloud/scripts/per-instance/setup.sh",
        "#!/bin/sh\n",
    ),
    ("/var/lib/amint/sealed", MARKER),
];

const FOLDERS: &[&str] = &[
    "/tmp",
    "/var/tmp/empty",
    "/var/lib/dhcp",
    "/var/lib/cloud/instances",
    "/var/log/journal",
];

/// A tree of files on its way to an image.
pub(crate) struct Image {
    folder: TempDir,
}

impl Image {
    /// A tree without anything in it.
    pub(crate) fn empty() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let image = Self { folder };
        fs::create_dir(image.root()).expect("a folder");
        image
    }

    pub(crate) fn clean() -> Self {
        let image = Self::empty();
        for folder in FOLDERS {
            fs::create_dir_all(image.path(folder)).expect("a folder");
        }
        for (path, content) in CLEAN {
            image.write(path, content);
        }
        symlink("/etc/machine-id", image.parent("/var/lib/dbus/machine-id")).expect("a link");
        image
    }

    /// Where the tree is on this machine.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("tree")
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root().join(path.trim_start_matches('/'))
    }

    fn parent(&self, path: &str) -> PathBuf {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        path
    }

    pub(crate) fn write(&self, path: &str, content: &str) {
        let target = self.parent(path);
        // A link would be written through.
        let before = fs::symlink_metadata(&target).ok();
        let _ = fs::remove_file(&target);
        fs::write(&target, content).expect("a file");
        if let Some(before) = before.filter(fs::Metadata::is_file) {
            fs::set_permissions(target, before.permissions()).expect("rights");
        }
    }

    /// A file whose path is not UTF-8, or its content.
    pub(crate) fn write_bytes(&self, path: &[u8], content: impl AsRef<[u8]>) {
        let path = path.strip_prefix(b"/").expect("an absolute path");
        let target = self.root().join(OsStr::from_bytes(path));
        fs::create_dir_all(target.parent().expect("a parent")).expect("a folder");
        fs::write(target, content).expect("a file");
    }

    pub(crate) fn append(&self, path: &str, content: &str) {
        let before = fs::read_to_string(self.path(path)).unwrap_or_default();
        self.write(path, &(before + content));
    }

    pub(crate) fn replace(&self, path: &str, old: &str, new: &str) {
        let before = fs::read_to_string(self.path(path)).expect("a file");
        assert!(before.contains(old), "{path} has no {old}");
        self.write(path, &before.replace(old, new));
    }

    pub(crate) fn link(&self, path: &str, target: &str) {
        symlink(target, self.parent(path)).expect("a link");
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).expect("a file");
    }

    /// Sets the rights of a file or a folder.
    pub(crate) fn chmod(&self, path: &str, mode: u32) {
        fs::set_permissions(self.path(path), fs::Permissions::from_mode(mode)).expect("rights");
    }

    /// The tree as an ext4 file system that fills a disk of 8 MiB.
    pub(crate) fn disk(&self) -> PathBuf {
        let disk = self.folder.path().join("disk");
        make_disk(&disk, 8 << 20);
        tool(
            "mke2fs",
            &[
                "-q",
                "-F",
                "-t",
                "ext4",
                "-d",
                text(&self.root()),
                text(&disk),
            ],
        );
        disk
    }

    /// The tree as an XFS file system, which root fills; `None` for another user.
    pub(crate) fn xfs_disk(&self) -> Option<PathBuf> {
        let (disk, folder) = (
            self.folder.path().join("disk"),
            self.folder.path().join("mounted"),
        );
        make_disk(&disk, 512 << 20);
        tool("mkfs.xfs", &["-q", "-f", text(&disk)]);
        fs::create_dir_all(&folder).expect("a folder");
        let mounted = Command::new("mount")
            .args(["-o", "loop"])
            .args([&disk, &folder])
            .status();
        if !mounted.is_ok_and(|status| status.success()) {
            return None;
        }
        let source = format!("{}/.", text(&self.root()));
        let copied = Command::new("cp")
            .args(["-a", &source, text(&folder)])
            .status();
        tool("umount", &[text(&folder)]);
        // A namespace that another test made meanwhile has the mount too: the last one to go writes what is left.
        let mut devices = Command::new("losetup");
        devices.arg("--associated").arg(&disk);
        let is_used = || !devices.output().expect("losetup").stdout.is_empty();
        std::iter::repeat_with(is_used)
            .take(1200)
            .take_while(|used| *used)
            .for_each(|_| std::thread::sleep(std::time::Duration::from_millis(50)));
        assert!(copied.expect("cp").success());
        Some(disk)
    }

    pub(crate) fn inspect(&self) -> Inspection {
        inspect_disk(&self.disk(), &expectations())
    }

    /// The disk checks of another profile. The tree's marker says so.
    pub(crate) fn inspect_by(&self, name: &str) -> Inspection {
        let profile = profile(name).expect("a profile");
        let marker = format!("build={BUILD}\nprofile={}\nfailed=\n", profile.reference());
        self.write("/var/lib/amint/sealed", &marker);
        inspect_disk(&self.disk(), &expected_by(name))
    }
}

pub(crate) fn expectations() -> Expectations {
    Expectations {
        build_id: Some(BUILD.to_owned()),
        tracers: Vec::new(),
        secrets: Vec::new(),
        application_logs: vec!["/opt/app/logs".to_owned(), "/opt/app/missing".to_owned()],
        agent_removed: false,
        digest: false,
        profile: profile("marketplace-linux").expect("a profile"),
    }
}

/// The same by another profile.
pub(crate) fn expected_by(name: &str) -> Expectations {
    Expectations {
        profile: profile(name).expect("a profile"),
        ..expectations()
    }
}

pub(crate) fn inspect_disk(disk: &Path, expectations: &Expectations) -> Inspection {
    let source = RawFile::open(disk).expect("a raw disk");
    inspect(&source, expectations).expect("a disk that can be read")
}

/// `rule location` of each finding.
pub(crate) fn found(inspection: &Inspection) -> Vec<String> {
    let one = |finding: &amint_harden::Finding| format!("{} {}", finding.rule, finding.location);
    inspection.findings.iter().map(one).collect()
}

/// Runs a program of e2fsprogs or another package of its kind.
pub(crate) fn tool(name: &str, arguments: &[&str]) {
    let path = format!(
        "{}:/usr/sbin:/sbin",
        std::env::var("PATH").unwrap_or_default()
    );
    let output = Command::new(name)
        .args(arguments)
        .env("PATH", path)
        .output();
    let output = output.unwrap_or_else(|error| panic!("{name}: {error}"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} {arguments:?}: {stderr}");
}

fn make_disk(path: &Path, size: u64) {
    let disk = fs::File::create(path).expect("a disk");
    disk.set_len(size).expect("a size");
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a UTF-8 path")
}
