//! A builder: one machine over its reboots, until it is stopped or gone.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use amint_cloud::{BuilderState, CloudError, ErrorKind, OnPowerOff};
use jiff::Timestamp;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::agent::Agent;
use crate::cache::remove;
use crate::files::{file_error, tail};
use crate::guest::Guest;
use crate::kernel;
use crate::machine::{Boot, End, Limit, Machine, MachineSpec, Paths};
use crate::record::{Place, Record, Records};

/// Bytes of the console shown with a failure.
const CONSOLE_TAIL: u64 = 4000;

/// Replaces the login prompt, which nobody has a password for.
const SHELL_ON_CONSOLE: &str = "systemctl stop serial-getty@ttyS0.service
exec setsid --ctty sh -c 'cd /root; exec bash -i 2>/dev/null || exec sh -i' \
    </dev/ttyS0 >/dev/ttyS0 2>&1";

/// A builder, shared by the port and the task that watches its machine.
pub(crate) struct Builder {
    build: String,
    pub(crate) place: Place,
    pub(crate) paths: Paths,
    pub(crate) guest: Guest,
    records: Records,
    /// When its machine must be gone; the same after every reboot.
    expires: Timestamp,
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
    /// The builder of a record; its machine is yet to be [watched](Self::watch).
    pub(crate) fn new(records: &Records, record: &Record) -> Arc<Self> {
        let paths = record.place.paths();
        Arc::new(Self {
            build: record.build.clone(),
            place: record.place.clone(),
            guest: Guest::new(Agent::new(paths.agent())),
            paths,
            records: records.clone(),
            expires: record.expires,
            on_power_off: Mutex::new(record.on_power_off),
            life: watch::Sender::new(Life::Running),
            kill: CancellationToken::new(),
            ended: CancellationToken::new(),
            detached: Arc::default(),
            changed: Notify::new(),
            network: record.network,
        })
    }

    /// Watches a running machine to its end.
    pub(crate) fn watch(self: &Arc<Self>, machine: Machine, spec: MachineSpec) {
        tokio::spawn(Arc::clone(self).supervise(machine, spec));
    }

    /// Restarts a machine that ended as the first half of a reboot, and watches it.
    pub(crate) async fn resurrect(
        self: &Arc<Self>,
        mut spec: MachineSpec,
    ) -> Result<(), CloudError> {
        let machine = self.restart(&mut spec).await?;
        self.watch(machine, spec);
        Ok(())
    }

    /// Writes down that its machine runs: from now on another process can go on with it.
    pub(crate) fn launched(&self, spec: &MachineSpec) -> Result<(), CloudError> {
        let machine = Some(spec.clone());
        self.records
            .update(&self.build, |record| record.machine = machine)?;
        Ok(())
    }

    /// There is no machine to watch any more.
    pub(crate) fn end(&self, state: BuilderState) {
        self.life.send_replace(Life::Ended(state));
        self.ended.cancel();
    }

    /// How long its next machine may run.
    pub(crate) fn limit(&self) -> Limit {
        Limit::at(self.expires)
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
                    // The guest may have rebooted unasked, too.
                    self.note_reboot(true);
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
                // The limit from outside: the guest's own switch did not end it.
                End::Crashed if Timestamp::now() >= self.expires => {
                    return self.set(self.power_off());
                }
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
        let detached = self.detached.clone();
        let machine = Machine::start(spec, &self.paths, None, self.limit(), detached).await?;
        self.run(&machine).await?;
        Ok(machine)
    }

    /// Lets a started machine run. With that, a reboot is done.
    pub(crate) async fn run(&self, machine: &Machine) -> Result<(), CloudError> {
        machine.run(self.network).await?;
        self.note_reboot(false);
        Ok(())
    }

    /// What is not written down here costs at most a reboot that another process does not go on with.
    fn note_reboot(&self, rebooting: bool) {
        let noted = self
            .records
            .update(&self.build, |record| record.rebooting = rebooting);
        if let Err(error) = noted {
            warn!(%error, "cannot write down that the builder reboots");
        }
    }

    /// Starts a reboot from inside.
    pub(crate) async fn reboot(&self) -> Result<(), CloudError> {
        self.records
            .update(&self.build, |record| record.rebooting = true)?;
        self.guest.launch("exec systemctl --no-block reboot").await
    }

    /// The machine switched itself off: as the dead man's switch, or because it was sealed.
    fn power_off(&self) -> Life {
        let action = *self.action();
        match action {
            OnPowerOff::Stop => Life::Ended(BuilderState::Stopped),
            OnPowerOff::Terminate => match remove(&self.place.work) {
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
                    builder.stuck(&reason);
                }
            }
        })
    }

    /// Its disk cannot be written.
    pub(crate) fn stuck(&self, reason: &str) {
        self.set(Life::Broken(format!(
            "its disk {} cannot be written: {reason}",
            self.paths.disk.display()
        )));
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

    fn action(&self) -> std::sync::MutexGuard<'_, OnPowerOff> {
        self.on_power_off
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets what a power-off from inside means, for whoever watches it then.
    pub(crate) fn set_on_power_off(&self, action: OnPowerOff) -> Result<(), CloudError> {
        // Held until it is written down: a power-off in between means one thing to everybody.
        let mut held = self.action();
        let noted = self
            .records
            .update(&self.build, |record| record.on_power_off = action)?;
        if !noted {
            return Err(CloudError::new(
                ErrorKind::Gone,
                "the builder's record is gone",
            ));
        }
        *held = action;
        Ok(())
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

    /// Ends the machine.
    pub(crate) async fn release(&self) {
        self.kill.cancel();
        self.ended.cancelled().await;
    }
}

/// The end of a machine's serial console, whoever watches it.
pub(crate) fn console(paths: &Paths) -> String {
    tail(&paths.console_log(), CONSOLE_TAIL)
}

/// Makes the folders of a builder; only their owner may enter.
pub(crate) fn make_folders(place: &Place) -> Result<(), CloudError> {
    use std::os::unix::fs::DirBuilderExt;
    let Place {
        runtime,
        work,
        output,
    } = place;
    // The output folder itself is as open as the user's other folders.
    fs::create_dir_all(output).map_err(|error| file_error("create", output, error))?;
    for folder in [runtime, work] {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| file_error("create", folder, error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    use super::*;

    #[test]
    fn a_builder_is_private_and_the_output_folder_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let plain = folder.path().join("plain");
        fs::create_dir(&plain).unwrap();
        let options = crate::LocalOptions {
            cache_dir: folder.path().join("cache"),
            runtime_dir: folder.path().join("run"),
            output_dir: folder.path().join("out"),
            cold: false,
            overwrite: false,
        };
        let place = Place::of(&options, "b1");
        make_folders(&place).unwrap();
        let mode = |folder: &Path| fs::metadata(folder).unwrap().mode() & 0o777;
        assert_eq!(mode(&place.output), mode(&plain));
        assert_eq!((mode(&place.work), mode(&place.runtime)), (0o700, 0o700));
    }
}
