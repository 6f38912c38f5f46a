//! A builder: one machine over its reboots, until it is stopped or gone.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use amint_cloud::{BuilderState, CloudError, ErrorKind, OnPowerOff};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::agent::Agent;
use crate::cache::remove;
use crate::files::{file_error, tail};
use crate::guest::Guest;
use crate::kernel;
use crate::machine::{Boot, End, Machine, MachineSpec, Paths};

/// Bytes of the console shown with a failure.
const CONSOLE_TAIL: u64 = 4000;

/// Replaces the login prompt, which nobody has a password for.
const SHELL_ON_CONSOLE: &str = "systemctl stop serial-getty@ttyS0.service
exec setsid --ctty sh -c 'cd /root; exec bash -i 2>/dev/null || exec sh -i' \
    </dev/ttyS0 >/dev/ttyS0 2>&1";

/// A builder, shared by the port and the task that watches its machine.
pub(crate) struct Builder {
    pub(crate) paths: Paths,
    /// The hidden folder in the output folder that holds the disk.
    work: PathBuf,
    pub(crate) guest: Guest,
    on_power_off: Mutex<OnPowerOff>,
    life: watch::Sender<Life>,
    kill: CancellationToken,
    ended: CancellationToken,
    /// Whether the machine outlives this process.
    pub(crate) detached: Arc<AtomicBool>,
    changed: Notify,
    network: bool,
}

/// Where a builder is in its life.
#[derive(Clone, Debug)]
enum Life {
    Running,
    Restarting,
    Ended(BuilderState),
    Broken(String),
}

impl Builder {
    /// A builder whose machine is yet to be [adopted](Self::adopt).
    pub(crate) fn new(paths: Paths, work: PathBuf, network: bool) -> Arc<Self> {
        Arc::new(Self {
            guest: Guest::new(Agent::new(paths.agent())),
            paths,
            work,
            on_power_off: Mutex::new(OnPowerOff::Terminate),
            life: watch::Sender::new(Life::Running),
            kill: CancellationToken::new(),
            ended: CancellationToken::new(),
            detached: Arc::default(),
            changed: Notify::new(),
            network,
        })
    }

    /// Watches a running machine to its end.
    pub(crate) fn adopt(self: &Arc<Self>, machine: Machine, spec: MachineSpec) {
        tokio::spawn(Arc::clone(self).supervise(machine, spec));
    }

    async fn supervise(self: Arc<Self>, mut machine: Machine, mut spec: MachineSpec) {
        // Dropped after the machine, whichever way this ends.
        let _ended = self.ended.clone().drop_guard();
        loop {
            let watched = self.watch_disk(&machine);
            let end = machine.wait_end(self.kill.cancelled()).await;
            watched.abort();
            debug!(?end, disk = %self.paths.disk.display(), "machine ended");
            self.guest.agent().disconnect().await;
            match end {
                End::Reset => {
                    self.set(Life::Restarting);
                    match self.restart(&mut spec).await {
                        Ok(next) => {
                            machine = next;
                            self.set(Life::Running);
                        }
                        Err(error) => {
                            return self.set(Life::Broken(format!("it did not restart: {error}")));
                        }
                    }
                }
                End::PowerOff => return self.set(self.power_off()),
                End::Killed => return self.set(Life::Ended(BuilderState::Terminated)),
                End::Crashed => {
                    let said = machine.last_words();
                    return self.set(Life::Broken(format!("QEMU ended by itself: {said}")));
                }
            }
        }
    }

    /// After a reboot the disk's own kernel runs: an upgrade may have brought a new one.
    async fn restart(&self, spec: &mut MachineSpec) -> Result<Machine, CloudError> {
        if let Boot::Direct { .. } = spec.boot {
            let disk = self.paths.disk.clone();
            let found = tokio::task::spawn_blocking(move || kernel::find(&disk))
                .await
                .map_err(|error| CloudError::other("reading was cut short").caused_by(error))??;
            let kernel = self.paths.runtime.join("vmlinuz");
            let initrd = self.paths.runtime.join("initrd.img");
            found.write(&kernel, &initrd)?;
            let initrd = found.initrd.is_some().then_some(initrd);
            spec.boot = Boot::Direct {
                kernel,
                initrd,
                root: found.root,
            };
        }
        let machine = Machine::start(spec, &self.paths, None, self.detached.clone()).await?;
        machine.run(self.network).await?;
        Ok(machine)
    }

    /// The machine switched itself off: as the dead man's switch, or because it was sealed.
    fn power_off(&self) -> Life {
        match self.on_power_off() {
            OnPowerOff::Stop => Life::Ended(BuilderState::Stopped),
            OnPowerOff::Terminate => match remove(&self.work) {
                Ok(()) => Life::Ended(BuilderState::Terminated),
                Err(error) => Life::Broken(error.to_string()),
            },
        }
    }

    /// A full disk pauses the machine without a word to the guest.
    fn watch_disk(self: &Arc<Self>, machine: &Machine) -> tokio::task::JoinHandle<()> {
        let mut seen = machine.watch();
        let builder = Arc::clone(self);
        tokio::spawn(async move {
            while seen.changed().await.is_ok() {
                let trouble = seen.borrow().disk_error.clone();
                if let Some(reason) = trouble {
                    builder.set(Life::Broken(format!(
                        "its disk {} cannot be written: {reason}",
                        builder.paths.disk.display()
                    )));
                }
            }
        })
    }

    fn set(&self, life: Life) {
        self.life.send_replace(life);
        self.changed.notify_waiters();
    }

    /// Where it is in its life; an error when it is broken.
    pub(crate) fn state(&self) -> Result<BuilderState, CloudError> {
        match &*self.life.borrow() {
            Life::Running | Life::Restarting => Ok(BuilderState::Running),
            Life::Ended(state) => Ok(*state),
            Life::Broken(reason) => Err(CloudError::new(
                ErrorKind::Prerequisite,
                format!("the builder broke down: {reason}"),
            )),
        }
    }

    /// Fails unless its guest can be asked now.
    pub(crate) fn require_running(&self) -> Result<(), CloudError> {
        match (self.state()?, &*self.life.borrow()) {
            (_, Life::Restarting) => Err(CloudError::new(
                ErrorKind::NotFound,
                "the builder is restarting",
            )),
            (BuilderState::Running, _) => Ok(()),
            _ => Err(CloudError::new(ErrorKind::Gone, "the builder has ended")),
        }
    }

    /// Returns when its life has changed.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// What a power-off from inside means.
    pub(crate) fn on_power_off(&self) -> OnPowerOff {
        *self
            .on_power_off
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Sets what a power-off from inside means.
    pub(crate) fn set_on_power_off(&self, action: OnPowerOff) {
        *self
            .on_power_off
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = action;
    }

    /// The end of its serial console.
    pub(crate) fn console(&self) -> String {
        tail(&self.paths.console_log(), CONSOLE_TAIL)
    }

    /// Leaves the machine to a person: a root shell on its console, until the dead man's switch ends it.
    pub(crate) async fn keep(&self) -> Result<String, CloudError> {
        self.guest.launch(SHELL_ON_CONSOLE).await?;
        self.detached.store(true, Ordering::Relaxed);
        Ok(format!(
            "a root shell (leave it with Ctrl-]): socat -,raw,echo=0,escape=0x1d UNIX-CONNECT:{}\n\
             end it now: kill $(cat {})",
            self.paths.console().display(),
            self.paths.pid().display()
        ))
    }

    /// Ends the machine and removes its runtime folder.
    pub(crate) async fn release(&self) -> Result<(), CloudError> {
        self.kill.cancel();
        self.ended.cancelled().await;
        remove(&self.paths.runtime)
    }
}

/// Folders of a builder, named after its build.
pub(crate) fn folders(options: &crate::LocalOptions, build: &str) -> (PathBuf, PathBuf) {
    (
        options.runtime_dir.join(build),
        options.output_dir.join(format!(".amint-{build}")),
    )
}

/// Makes the folders of a builder; only their owner may enter.
pub(crate) fn make_folders(runtime: &PathBuf, work: &PathBuf) -> Result<(), CloudError> {
    use std::os::unix::fs::DirBuilderExt;
    // The output folder itself is as open as the user's other folders.
    if let Some(output) = work.parent() {
        fs::create_dir_all(output).map_err(|error| file_error("create", output, error))?;
    }
    for folder in [runtime, work] {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| file_error("create", folder, error))?;
    }
    Ok(())
}

/// Ends a machine that an earlier amint process started, found by the process id in its folder.
pub(crate) fn end_orphan(paths: &Paths) -> Result<(), CloudError> {
    let Ok(text) = fs::read_to_string(paths.pid()) else {
        return Ok(());
    };
    let Some(pid) = text
        .trim()
        .parse()
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    else {
        return Ok(());
    };
    // The number may belong to another process by now; the machine's command line names its folder.
    let line = fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())).unwrap_or_default();
    let folder = paths.runtime.display().to_string();
    if String::from_utf8_lossy(&line).contains(&folder) {
        rustix::process::kill_process(pid, rustix::process::Signal::KILL)
            .map_err(|error| CloudError::other("cannot end QEMU").caused_by(error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn a_builder_is_private_and_the_output_folder_is_not() {
        let place = tempfile::tempdir().unwrap();
        let plain = place.path().join("plain");
        fs::create_dir(&plain).unwrap();
        let (runtime, output) = (place.path().join("run/b1"), place.path().join("out"));
        let work = output.join(".amint-b1");
        make_folders(&runtime, &work).unwrap();
        let mode = |folder: &PathBuf| fs::metadata(folder).unwrap().mode() & 0o777;
        assert_eq!(mode(&output), mode(&plain));
        assert_eq!((mode(&work), mode(&runtime)), (0o700, 0o700));
    }
}
