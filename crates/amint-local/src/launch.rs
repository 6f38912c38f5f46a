//! Starting a builder's machine: continued from a saved state where that works, booted otherwise.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use amint_cloud::{CloudError, ErrorKind, LaunchRequest, VirtualMachine};

use crate::accel;
use crate::base::{self, Base, Progress};
use crate::builder::Builder;
use crate::cache::Cache;
use crate::files::{copy_sparse, create_hole, file_error, remove_file};
use crate::kernel;
use crate::machine::{Boot, Machine, MachineSpec, Paths, end_all};
use crate::options::LocalOptions;
use crate::program::{self, QEMU};
use crate::scratch::Scratch;
use crate::warm::{self, Saved};

/// A machine that is to be started.
pub(crate) struct Launch<'a> {
    pub(crate) cache: &'a Cache,
    pub(crate) options: &'a LocalOptions,
    pub(crate) base: Base,
    pub(crate) spec: MachineSpec,
    pub(crate) qemu_version: String,
    /// How long a boot may take.
    pub(crate) patience: Duration,
    pub(crate) progress: Progress<'a>,
}

/// Starts the builder's machine and hands it over.
pub(crate) async fn start(
    cache: &Cache,
    options: &LocalOptions,
    builder: &Arc<Builder>,
    request: &LaunchRequest,
    machine: &VirtualMachine,
    progress: Progress<'_>,
) -> Result<(), CloudError> {
    let base = base::load(cache, &request.base.id)?;
    let qemu_version = qemu_version().await?;
    let boot = base.machine_boot();
    let kernel = kernel_of(cache, &base, &boot)?;
    let kernel_file = kernel.as_ref().map(|(file, _)| file.as_path());
    let spec = MachineSpec {
        accelerator: accel::choose(cache, &qemu_version, kernel_file, progress).await,
        vcpus: machine.vcpus,
        memory_mib: machine.memory_mib,
        boot,
    };
    let left = request.owner.expires.duration_since(jiff::Timestamp::now());
    let launch = Launch {
        cache,
        options,
        base,
        spec,
        qemu_version,
        patience: left.try_into().unwrap_or_default(),
        progress,
    };
    let machine = launch.machine(builder).await?;
    builder.launched(&launch.spec)?;
    builder.watch(machine, launch.spec);
    Ok(())
}

impl Launch<'_> {
    async fn machine(&self, builder: &Builder) -> Result<Machine, CloudError> {
        if !self.options.cold {
            match warm::find_or_make(self).await {
                Ok(saved) => match self.continue_saved(&saved, builder).await {
                    Ok(machine) => return Ok(machine),
                    // Its time is over: no fault of the saved machine.
                    Err(error) if error.kind == ErrorKind::Gone => return Err(error),
                    Err(error) => {
                        (self.progress)(&format!("the saved machine does not continue ({error})"));
                        saved.forget()?;
                        end_all(&builder.paths).await?;
                        remove_file(&builder.paths.disk)?;
                    }
                },
                Err(error) if matches!(error.kind, ErrorKind::Prerequisite | ErrorKind::Gone) => {
                    return Err(error);
                }
                Err(error) => {
                    (self.progress)(&format!("cannot save a booted machine ({error})"));
                }
            }
        }
        (self.progress)("booting the builder");
        copy_disk(self.base.disk(), &builder.paths).await?;
        let detached = builder.detached.clone();
        let limit = builder.limit();
        let machine = Machine::start(&self.spec, &builder.paths, None, limit, detached).await?;
        builder.run(&machine).await?;
        Ok(machine)
    }

    async fn continue_saved(
        &self,
        saved: &Saved,
        builder: &Builder,
    ) -> Result<Machine, CloudError> {
        let uri = saved.uri(&self.qemu_version)?;
        let disk = saved.disk();
        let size = std::fs::metadata(&disk)
            .map_err(|error| file_error("read", &disk, error))?
            .len();
        create_hole(&builder.paths.disk, size)?;
        // A machine that is loading its state does not look at its disk yet.
        let loaded = async {
            let detached = builder.detached.clone();
            let limit = builder.limit();
            let machine =
                Machine::start(&self.spec, &builder.paths, Some(&uri), limit, detached).await?;
            machine.wait_loaded().await?;
            Ok(machine)
        };
        let (copied, loaded) = tokio::join!(copy_disk(disk, &builder.paths), loaded);
        copied?;
        let machine = loaded?;
        builder.run(&machine).await?;
        // The guest's clock stands where it was saved; timers with absolute times need the real one.
        builder.guest.set_clock().await?;
        Ok(machine)
    }
}

/// The kernel that shows whether KVM works. A disk with its own boot loader is asked for one; where it
/// cannot be read, the machine is emulated. The scratch folder keeps the file alive.
fn kernel_of(
    cache: &Cache,
    base: &Base,
    boot: &Boot,
) -> Result<Option<(PathBuf, Option<Scratch>)>, CloudError> {
    if let Boot::Direct { kernel, .. } = boot {
        return Ok(Some((kernel.clone(), None)));
    }
    let scratch = cache.scratch()?;
    let file = scratch.path().join("vmlinuz");
    let written = kernel::find(&base.disk())
        .and_then(|found| found.write(&file, &scratch.path().join("initrd")));
    Ok(written.is_ok().then_some((file, Some(scratch))))
}

async fn copy_disk(from: PathBuf, paths: &Paths) -> Result<(), CloudError> {
    let to = paths.disk.clone();
    tokio::task::spawn_blocking(move || copy_sparse(&from, &to))
        .await
        .map_err(|error| CloudError::other("copying was cut short").caused_by(error))?
}

/// QEMU's version, packaging included: a saved state fits no other.
pub(crate) async fn qemu_version() -> Result<String, CloudError> {
    let text = program::run(QEMU, &["--version".as_ref()]).await?;
    // "QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)"
    let version = text
        .lines()
        .next()
        .and_then(|line| line.split("version ").nth(1));
    version
        .map(|version| version.trim().to_owned())
        .ok_or_else(|| CloudError::other(format!("`{QEMU} --version` names no version")))
}
