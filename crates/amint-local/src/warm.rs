//! A booted machine saved to a file, so that the next builder's agent answers at once.
//!
//! What the saved guest generated while it booted (host keys, machine id, random seed) is the same in
//! every builder; the seal removes it and the inspection proves that. The kernel's generators are
//! reseeded by the generation id and the random-number device, which were there when it was saved.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use amint_cloud::{CloudError, ErrorKind};

use crate::agent::Agent;
use crate::base::{Base, Progress};
use crate::cache::{Cache, remove};
use crate::files::{copy_sparse, file_error, tail, write_atomically};
use crate::guest::Guest;
use crate::machine::{Machine, MachineSpec, Paths, saved_file_uri};

/// How long a first boot may take; an emulated guest on a busy computer needs minutes.
const BOOT_DEADLINE: Duration = Duration::from_secs(600);

/// Waits for the end of the boot, keeps timers from starting work in a builder, and leaves as little as
/// possible in memory to save. Masks are in `/run`: nothing of this is on the disk.
const SETTLE: &str = include_str!("guest/settle.sh");

/// A saved machine.
#[derive(Clone, Debug)]
pub(crate) struct Saved {
    folder: PathBuf,
}

impl Saved {
    /// The disk as it was at the moment of saving.
    pub(crate) fn disk(&self) -> PathBuf {
        self.folder.join("disk.raw")
    }

    /// The state, as QEMU is told to read it.
    pub(crate) fn uri(&self, qemu_version: &str) -> Result<String, CloudError> {
        saved_file_uri(qemu_version, &self.folder.join("state"))
    }

    /// Removes it: it did not continue.
    pub(crate) fn forget(&self) -> Result<(), CloudError> {
        remove(&self.folder)
    }
}

/// Finds the saved machine in the cache, or boots one and saves it.
pub(crate) async fn find_or_make(
    cache: &Cache,
    base: &Base,
    spec: &MachineSpec,
    qemu_version: &str,
    runtime: &Path,
    progress: Progress<'_>,
) -> Result<Saved, CloudError> {
    let digest = base.image.digest.as_deref().unwrap_or(&base.image.id);
    let key = spec.key(qemu_version, digest, &host_cpu());
    let saved = Saved {
        folder: cache.entry("warm", &key),
    };
    let finished = || saved.folder.join("finished").is_file();
    if finished() {
        return Ok(saved);
    }
    let _lock = cache.lock("warm", &key).await?;
    if finished() {
        return Ok(saved);
    }
    progress("booting the base image once, to save its state (then cached)");
    let made = cache.scratch()?;
    let describe = |error| file_error("write to", runtime, error);
    std::fs::create_dir_all(runtime).map_err(describe)?;
    let sockets = tempfile::Builder::new()
        .prefix("warm-")
        .tempdir_in(runtime)
        .map_err(describe)?;
    let paths = Paths {
        runtime: sockets.path().to_owned(),
        disk: made.path().join("disk.raw"),
    };
    boot_and_save(base, spec, qemu_version, &paths, made.path()).await?;
    write_atomically(&made.path().join("finished"), b"")?;
    cache.keep(made, &saved.folder)?;
    Ok(saved)
}

async fn boot_and_save(
    base: &Base,
    spec: &MachineSpec,
    qemu_version: &str,
    paths: &Paths,
    folder: &Path,
) -> Result<(), CloudError> {
    let (from, to) = (base.disk(), paths.disk.clone());
    tokio::task::spawn_blocking(move || copy_sparse(&from, &to))
        .await
        .map_err(|error| CloudError::other("copying was cut short").caused_by(error))??;
    let mut machine = Machine::start(spec, paths, None, Arc::default()).await?;
    machine.run(true).await?;
    let guest = Guest::new(Agent::new(paths.agent()));
    let settled = async {
        while !guest.agent().answers(Duration::from_secs(2)).await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        guest.run(SETTLE).await
    };
    match tokio::time::timeout(BOOT_DEADLINE, settled).await {
        Ok(Ok(0)) => {}
        Ok(Ok(code)) => {
            return Err(CloudError::other(format!(
                "the base image did not finish booting (exit code {code})"
            )));
        }
        Ok(Err(error)) => return Err(error),
        Err(_) => {
            return Err(CloudError::new(
                ErrorKind::Gone,
                format!(
                    "the base image started no guest agent within {} s; its console ends with:\n{}",
                    BOOT_DEADLINE.as_secs(),
                    tail(&paths.console_log(), 2000)
                ),
            ));
        }
    }
    guest.agent().disconnect().await;
    machine.save(qemu_version, &folder.join("state")).await?;
    machine.kill().await;
    Ok(())
}

/// What KVM passes through to the guest; a saved state fits no other processor.
fn host_cpu() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let fields = ["model name", "flags", "microcode"];
    text.lines()
        .filter(|line| fields.iter().any(|field| line.starts_with(field)))
        .take(3)
        .collect()
}
