// A small real file system, as a seal leaves it: made once, with mke2fs.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use amint_cloud::sim::MemoryDisk;

/// The build whose marker is on the disk.
pub(crate) const BUILD: &str = "01testbuild";
/// What a deleted file held: it is in free blocks only.
pub(crate) const DELETED: &str = "what-a-deleted-file-held";

/// The disk; the same bytes each time.
#[allow(dead_code, reason = "not every example needs it")]
pub(crate) fn sealed() -> MemoryDisk {
    static DISK: OnceLock<MemoryDisk> = OnceLock::new();
    DISK.get_or_init(|| make("2M", 400).expect("mke2fs and debugfs (e2fsprogs) are there"))
        .fork()
}

/// The smallest disk that passes, where it is not the inspection that is looked at.
#[allow(dead_code, reason = "not every example needs it")]
pub(crate) fn small() -> MemoryDisk {
    static DISK: OnceLock<MemoryDisk> = OnceLock::new();
    DISK.get_or_init(|| make("128K", 40).expect("mke2fs and debugfs (e2fsprogs) are there"))
        .fork()
}

/// A folder in memory, or else a temporary one on disk.
pub(crate) fn memory_folder() -> std::io::Result<tempfile::TempDir> {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())
}

fn make(size: &str, lines: usize) -> std::io::Result<MemoryDisk> {
    let folder = tempfile::tempdir()?;
    let (tree, disk) = (folder.path().join("tree"), folder.path().join("disk"));
    let write = |path: &str, content: &str| {
        let path = tree.join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/")))?;
        fs::write(path, content)
    };
    let marker = format!("build={BUILD}\nprofile=marketplace-linux@3\nfailed=\n");
    write("var/lib/amint/sealed", &marker)?;
    write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")?;
    write("etc/shadow", "root:!*:19000:0:99999:7:::\n")?;
    write("etc/group", "root:x:0:\n")?;
    write("etc/gshadow", "root:*::\n")?;
    write("etc/machine-id", "")?;
    write(
        "etc/os-release",
        "ID=debian\nVERSION_ID=\"12\"\nHOME_URL=https://www.example.org/a-page-that-is-long-enough-for-a-tracer-in-its-name\n",
    )?;
    write("deleted", &format!("{DELETED}\n").repeat(lines))?;
    fs::create_dir_all(tree.join("root"))?;
    fs::create_dir_all(tree.join("var/log"))?;
    fs::create_dir_all(tree.join("tmp"))?;
    let shape = ["-b", "1024", "-N", "64", "-E", "root_owner=0:0", "-d"];
    tool("mke2fs", |one| {
        one.args(["-q", "-t", "ext4"])
            .args(shape)
            .arg(&tree)
            .arg(&disk)
            .arg(size)
    })?;
    tool("debugfs", |one| {
        one.args(["-w", "-R", "rm /deleted"]).arg(&disk)
    })?;
    Ok(MemoryDisk::new(fs::read(&disk)?))
}

fn tool(name: &str, arguments: impl FnOnce(&mut Command) -> &mut Command) -> std::io::Result<()> {
    let mut command = Command::new(name);
    // Debian keeps them where an ordinary user's PATH does not look.
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{path}:/usr/sbin:/sbin"));
    let output = arguments(&mut command).output()?;
    match output.status.success() {
        true => Ok(()),
        false => Err(std::io::Error::other(
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )),
    }
}
