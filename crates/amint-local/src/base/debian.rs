//! A Debian release, made on this computer by mmdebstrap and mke2fs, as an ordinary user or as root.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use amint_cloud::{BaseImage, CloudError, ErrorKind};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use super::{Base, BaseBoot, DISK, INITRD, KERNEL, Progress};
use crate::files::{copy_sparse, file_error, hex, require_space, sha256};
use crate::program::{self, SETPRIV};
use crate::scratch::{self, Scratch};

/// Runs inside mmdebstrap's user namespace: configures the tree and makes the file system from it.
const HOOK: &str = include_str!("debian.sh");

/// What a machine needs to boot, be reached and be prepared; nothing more.
const PACKAGES: &str = "systemd-sysv,udev,dbus,linux-image-cloud-amd64,openssh-server,cloud-init,\
                        sudo,qemu-guest-agent";

/// Where the root partition starts, and how much room the backup partition table has: 1 MiB.
const ALIGNMENT: u64 = 1 << 20;

/// The whole disk.
const DISK_SIZE: u64 = 3 << 30;

/// The tree, the disk made from it and its copy in the cache.
const SPACE: u64 = 3 << 30;

/// How often the tree of a killed mmdebstrap is tried to be removed.
const REMOVAL_TRIES: u32 = 20;

/// Names the base in the cache; changes when the way it is made changes.
pub(super) fn key(release: &str) -> Result<String, CloudError> {
    let valid = !release.is_empty()
        && release
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if !valid {
        return Err(CloudError::new(
            ErrorKind::NotFound,
            format!("`{release}` is not the code name of a Debian release"),
        )
        .hint("for example `bookworm`"));
    }
    let mut hasher = Sha256::new();
    hasher.update(HOOK);
    hasher.update(PACKAGES);
    hasher.update(DISK_SIZE.to_le_bytes());
    Ok(format!(
        "debian-{release}-{}",
        &hex(&hasher.finalize())[..12]
    ))
}

/// Makes the base in `folder`.
pub(super) async fn make(
    release: &str,
    key: &str,
    folder: &Path,
    progress: Progress<'_>,
) -> Result<Base, CloudError> {
    program::require_debian()?;
    sweep();
    progress(&format!(
        "making the Debian {release} base image (once, then cached)"
    ));
    let work = Workshop::new()?;
    require_space(work.folder.path(), SPACE)?;
    bootstrap(release, &work, progress).await?;

    progress("writing the partition table");
    let made = work.out();
    let disk = folder.join(DISK);
    let (from, to) = (made.join(DISK), disk.clone());
    let digest = blocking(move || {
        copy_sparse(&from, &to)?;
        write_partition_table(&to)?;
        sha256(&to)
    })
    .await?;
    for name in [KERNEL, INITRD] {
        let to = folder.join(name);
        fs::copy(made.join(name), &to).map_err(|error| file_error("write", &to, error))?;
    }
    let list = made.join("packages.txt");
    let packages = fs::read_to_string(&list).map_err(|error| file_error("read", &list, error))?;
    Ok(Base {
        folder: folder.to_owned(),
        image: BaseImage {
            digest: Some(digest),
            packages: packages
                .lines()
                .map(|line| line.replace('\t', " "))
                .collect(),
            ..identify(release, key)
        },
        boot: BaseBoot::Direct {
            initrd: true,
            root: "/dev/vda1".into(),
        },
    })
}

/// The base, unmade: the way it is made is in `key`, what is in Debian on that day is not.
pub(super) fn identify(release: &str, key: &str) -> BaseImage {
    BaseImage::new(key, format!("debian {release}"))
}

/// A folder that mmdebstrap's user namespace can reach and write to: inside it, "root" is one of the
/// user's subordinate ids, which may not even enter a home directory.
struct Workshop {
    folder: Scratch,
}

/// Where workshops are.
const WORKSHOPS: &str = "/var/tmp";

/// Begins their names.
const WORKSHOP: &str = "amint-debian-";

/// What mmdebstrap left when it was killed belongs to subordinate ids, so only a user namespace can
/// remove it.
impl Drop for Workshop {
    fn drop(&mut self) {
        empty(&self.temporary());
    }
}

fn empty(folder: &Path) {
    for _ in 0..REMOVAL_TRIES {
        let left = fs::read_dir(folder).is_ok_and(|mut files| files.next().is_some());
        if !left {
            return;
        }
        if let Err(error) = remove_tree(folder) {
            tracing::debug!(%error, folder = %folder.display(), "cannot empty");
        }
        // A process that was just killed may have finished one more file.
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Removes workshops whose makers were killed.
pub(super) fn sweep() {
    for orphan in scratch::orphans(Path::new(WORKSHOPS), WORKSHOP) {
        empty(&orphan.path().join(TEMPORARY));
        orphan.remove();
    }
}

const TEMPORARY: &str = "tmp";

impl Workshop {
    fn new() -> Result<Self, CloudError> {
        let parent = Path::new(WORKSHOPS);
        let describe = |error| file_error("write to", parent, error);
        let folder = Scratch::new_in(parent, WORKSHOP).map_err(describe)?;
        let open = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
        open(folder.path(), 0o711).map_err(describe)?;
        let work = Self { folder };
        for inner in [work.out(), work.temporary()] {
            fs::create_dir(&inner).map_err(describe)?;
            open(&inner, 0o777).map_err(describe)?;
        }
        fs::write(work.hook(), HOOK).map_err(describe)?;
        open(&work.hook(), 0o644).map_err(describe)?;
        Ok(work)
    }

    fn out(&self) -> std::path::PathBuf {
        self.folder.path().join("out")
    }

    fn temporary(&self) -> std::path::PathBuf {
        self.folder.path().join(TEMPORARY)
    }

    fn hook(&self) -> std::path::PathBuf {
        self.folder.path().join("hook.sh")
    }
}

async fn bootstrap(
    release: &str,
    work: &Workshop,
    progress: Progress<'_>,
) -> Result<(), CloudError> {
    let file_system_kib = (DISK_SIZE - 2 * ALIGNMENT) >> 10;
    let hook = format!(
        "sh {} \"$1\" {} {ALIGNMENT} {file_system_kib}",
        work.hook().display(),
        work.out().display()
    );
    let child = mmdebstrap()
        .args([
            "--variant=minbase",
            "--format=null",
            "--dpkgopt=force-unsafe-io",
        ])
        .arg(format!("--include={PACKAGES}"))
        .arg(format!("--customize-hook={hook}"))
        .args([release, "/dev/null"])
        .env("TMPDIR", work.temporary())
        .env("LC_ALL", "C.UTF-8")
        .stdout(Stdio::null())
        .kill_on_drop(false)
        // A Ctrl-C in the terminal is for amint, which then ends all of it.
        .process_group(0)
        .spawn()
        .map_err(|error| CloudError::other("cannot start `mmdebstrap`").caused_by(error))?;
    let mut bootstrap = Bootstrap { child };
    let mut last = String::new();
    if let Some(stderr) = bootstrap.child.stderr.take() {
        let mut lines = BufReader::new(stderr).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some(note) = line.strip_prefix("I: ") {
                progress(&format!("mmdebstrap: {}", note.trim_end_matches('.')));
            } else if !line.trim().is_empty() {
                last = line;
            }
        }
    }
    let status = bootstrap
        .child
        .wait()
        .await
        .map_err(|error| CloudError::other("cannot wait for `mmdebstrap`").caused_by(error))?;
    if status.success() {
        return Ok(());
    }
    Err(CloudError::new(
        ErrorKind::Prerequisite,
        format!("cannot make a Debian {release} base image: {}", last.trim()),
    )
    .hint(
        "check that this computer reaches a Debian mirror and that unprivileged user namespaces \
           are allowed; `mmdebstrap` can be tried alone",
    ))
}

/// mmdebstrap, which ends with this process, and in namespaces of its own, so that its processes and mounts end with
/// it. For an ordinary user, it makes them itself.
fn mmdebstrap() -> tokio::process::Command {
    let mut command = program::command(SETPRIV);
    command.args(["--pdeathsig", "KILL"]);
    if rustix::process::geteuid().is_root() {
        command.args(["unshare", "--mount", "--pid", "--fork", "--kill-child"]);
    }
    command.arg("mmdebstrap");
    command
}

/// A running mmdebstrap. When the build is cancelled, all its processes are killed: asked to end, it
/// would go on for as long as the step that it is at.
struct Bootstrap {
    child: Child,
}

impl Drop for Bootstrap {
    fn drop(&mut self) {
        // None when it has ended and was waited for.
        let group = self.child.id().and_then(|id| i32::try_from(id).ok());
        let Some(group) = group.and_then(rustix::process::Pid::from_raw) else {
            return;
        };
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        for _ in 0..100 {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Empties a folder whose files may belong to this user's subordinate ids.
fn remove_tree(folder: &Path) -> std::io::Result<()> {
    let find = ["find", "-mindepth", "1", "-delete"];
    let mut command = if rustix::process::geteuid().is_root() {
        let mut command = std::process::Command::new(find[0]);
        command.args(&find[1..]);
        command
    } else {
        let mut command = program::command("mmdebstrap").into_std();
        command.arg("--unshare-helper").args(find);
        command
    };
    use std::os::unix::process::CommandExt;
    let output = command
        .current_dir(folder)
        .stdin(Stdio::null())
        .process_group(0)
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(std::io::Error::other(said.trim().to_owned()))
}

/// One partition from the first MiB to the last.
fn write_partition_table(disk: &Path) -> Result<(), CloudError> {
    let write = || -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let mut device = fs::OpenOptions::new().read(true).write(true).open(disk)?;
        device.set_len(DISK_SIZE)?;
        let sectors = u32::try_from(DISK_SIZE / 512 - 1).unwrap_or(u32::MAX);
        gpt::mbr::ProtectiveMBR::with_lb_size(sectors).overwrite_lba0(&mut device)?;
        let mut table = gpt::GptConfig::new()
            .writable(true)
            .logical_block_size(gpt::disk::LogicalBlockSize::Lb512)
            .create_from_device(device, None)?;
        let first = ALIGNMENT / 512;
        let length = (DISK_SIZE - 2 * ALIGNMENT) / 512;
        table.add_partition_at(
            "root",
            1,
            first,
            length,
            gpt::partition_types::LINUX_ROOT_X64,
            0,
        )?;
        table.write()?;
        Ok(())
    };
    write().map_err(|error| {
        CloudError::other(format!(
            "cannot write a partition table to {}",
            disk.display()
        ))
        .caused_by(error)
    })
}

/// Runs slow file work where it does not hold up the machine's monitor.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CloudError> + Send + 'static,
) -> Result<T, CloudError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| CloudError::other("file work was cut short").caused_by(error))?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an interrupted build leaves: a process that starts another one, and a tree that is not empty.
    #[tokio::test]
    async fn a_dropped_bootstrap_ends_its_processes_and_its_tree() {
        let work = Workshop::new().unwrap();
        let (folder, started) = (work.folder.path().to_owned(), work.out().join("pid"));
        let tree = work.temporary().join("tree");
        let script =
            r#"mkdir "$1"; : >"$1/file"; sleep 600 & echo $! >"$2.new"; mv "$2.new" "$2"; wait"#;
        let child = program::command("sh")
            .args(["-c", script, "sh"])
            .args([&tree, &started])
            .kill_on_drop(false)
            .process_group(0)
            .spawn()
            .unwrap();
        let bootstrap = Bootstrap { child };
        while !started.exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let pid = fs::read_to_string(&started).unwrap();
        drop(bootstrap);
        drop(work);
        assert!(!folder.exists());
        let command = fs::read(format!("/proc/{}/cmdline", pid.trim())).unwrap_or_default();
        assert!(!command.starts_with(b"sleep"), "{command:?}");
    }

    #[test]
    fn a_release_is_a_code_name() {
        assert!(key("bookworm").unwrap().starts_with("debian-bookworm-"));
        for bad in ["", "Bookworm", "../x", "a b", "-x"] {
            assert_eq!(key(bad).unwrap_err().kind, ErrorKind::NotFound, "{bad:?}");
        }
    }

    #[test]
    fn the_partition_table_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let disk = folder.path().join(DISK);
        fs::File::create(&disk).unwrap().set_len(DISK_SIZE).unwrap();
        write_partition_table(&disk).unwrap();
        let table = gpt::GptConfig::new().open(&disk).unwrap();
        let partition = &table.partitions()[&1];
        assert_eq!(partition.first_lba * 512, ALIGNMENT);
        assert_eq!((partition.last_lba + 1) * 512, DISK_SIZE - ALIGNMENT);
    }
}
