//! A booted machine saved to a file, so that the next builder's agent answers at once.
//!
//! What the saved guest generated while it booted (host keys, machine id, random seed) is the same in
//! every builder; the seal removes it and the inspection proves that. The kernel's generators are
//! reseeded by the generation id and the random-number device, which were there when it was saved.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use amint_cloud::{CloudError, ErrorKind};
use tracing::debug;

use crate::agent::Agent;
use crate::cache::{Cache, remove};
use crate::files::{copy_sparse, file_error, tail, write_atomically};
use crate::guest::Guest;
use crate::launch::Launch;
use crate::machine::{Limit, Machine, Paths, STATE_DEADLINE, end_all, saved_file_uri};
use crate::options::LocalOptions;
use crate::scratch::{self, Scratch};

/// How long a first boot may take; an emulated guest on a busy computer needs minutes.
const BOOT_DEADLINE: Duration = Duration::from_secs(600);

/// Begins the name of the runtime folder of a machine that is being saved.
const SOCKETS: &str = "warm-";

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
pub(crate) async fn find_or_make(launch: &Launch<'_>) -> Result<Saved, CloudError> {
    let Launch {
        cache,
        base,
        options,
        ..
    } = launch;
    let digest = base.image.digest.as_deref().unwrap_or(&base.image.id);
    let key = launch.spec.key(&launch.qemu_version, digest, &host_cpu());
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
    (launch.progress)("booting the base image once, to save its state (then cached)");
    let made = cache.scratch()?;
    let runtime = &options.runtime_dir;
    let describe = |error| file_error("write to", runtime, error);
    std::fs::create_dir_all(runtime).map_err(describe)?;
    let sockets = Scratch::new_in(runtime, SOCKETS).map_err(describe)?;
    let paths = Paths {
        runtime: sockets.path().to_owned(),
        disk: made.path().join("disk.raw"),
    };
    boot_and_save(launch, &paths, &made.path().join("state")).await?;
    write_atomically(&made.path().join("finished"), b"")?;
    cache.keep(made, &saved.folder)?;
    Ok(saved)
}

async fn boot_and_save(launch: &Launch<'_>, paths: &Paths, state: &Path) -> Result<(), CloudError> {
    let patience = launch.patience.min(BOOT_DEADLINE);
    let (from, to) = (launch.base.disk(), paths.disk.clone());
    tokio::task::spawn_blocking(move || copy_sparse(&from, &to))
        .await
        .map_err(|error| CloudError::other("copying was cut short").caused_by(error))??;
    // Nobody goes on with it: it ends with this process, or a little after its own patience.
    let limit = Limit::mortal(patience + STATE_DEADLINE + Duration::from_secs(60));
    let mut machine = Machine::start(&launch.spec, paths, None, limit, Arc::default()).await?;
    machine.run(true).await?;
    let guest = Guest::new(Agent::new(paths.agent()));
    let settled = async {
        while !guest.agent().answers(Duration::from_secs(2)).await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        guest.run(SETTLE).await
    };
    let booted = tokio::select! {
        settled = tokio::time::timeout(patience, settled) => settled,
        end = machine.wait_end(std::future::pending()) => {
            return Err(no_boot(format!("it ended while it booted ({end:?})"), paths));
        }
    };
    match booted {
        Ok(Ok(0)) => {}
        Ok(Ok(code)) => {
            return Err(CloudError::other(format!(
                "the base image did not finish booting (exit code {code})"
            )));
        }
        Ok(Err(error)) => return Err(error),
        Err(_) => {
            let waited = patience.as_secs();
            return Err(no_boot(
                format!("no guest agent answered within {waited} s"),
                paths,
            ));
        }
    }
    guest.agent().disconnect().await;
    machine.save(&launch.qemu_version, state).await?;
    machine.kill().await;
    Ok(())
}

/// Removes what processes left that were killed while they made something to keep.
pub(crate) async fn sweep(cache: &Cache, options: &LocalOptions) {
    for orphan in scratch::orphans(&options.runtime_dir, SOCKETS) {
        let paths = Paths {
            runtime: orphan.path().to_owned(),
            disk: PathBuf::new(),
        };
        match end_all(&paths).await {
            Ok(()) => orphan.remove(),
            Err(error) => debug!(%error, "cannot end a machine that was to be saved"),
        }
    }
    cache.sweep();
}

/// The base itself does not boot: trying again without saving would end the same way.
fn no_boot(reason: String, paths: &Paths) -> CloudError {
    let console = tail(&paths.console_log(), 2000);
    CloudError::new(
        ErrorKind::Gone,
        format!("the base image does not boot: {reason}"),
    )
    .hint("a base image needs systemd and qemu-guest-agent")
    .caused_by(format!(
        "the last lines of the serial console:\n{}",
        console.trim_end()
    ))
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
