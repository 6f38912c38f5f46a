//! A machine's processes: found by their command line, ended by handles that a reused number cannot mislead.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use amint_cloud::{CloudError, ErrorKind};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open, pidfd_send_signal};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::process::Child;
use tracing::{debug, warn};

use super::spec::Paths;
use crate::program::QEMU;

/// How long a killed process may take to be gone: its memory is given back, its disk closed.
const END_DEADLINE: Duration = Duration::from_secs(30);

/// How long what limited QEMU's time may take to notice that it has ended.
const PARTING: Duration = Duration::from_secs(2);

/// A process of a machine: QEMU, or what limits its time.
#[derive(Debug)]
struct Process {
    handle: AsyncFd<OwnedFd>,
    is_qemu: bool,
}

impl Process {
    /// The process of this number, if it belongs to the machine whose process id goes to `pid_file`.
    fn of_machine(pid: Pid, pid_file: &Path) -> io::Result<Option<Self>> {
        if belongs(pid, pid_file).is_none() {
            return Ok(None);
        }
        let handle = match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(handle) => handle,
            Err(Errno::SRCH | Errno::INVAL) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // The number may have changed hands just before the handle was taken; from here on, it cannot.
        let Some(is_qemu) = belongs(pid, pid_file) else {
            return Ok(None);
        };
        #[allow(
            deprecated,
            reason = "its successor is unsafe code, for handles that are not owned; this one is"
        )]
        let handle = AsyncFd::with_interest(handle, Interest::READABLE)?;
        Ok(Some(Self { handle, is_qemu }))
    }

    fn kill(&self) {
        match pidfd_send_signal(self.handle.get_ref(), Signal::KILL) {
            Ok(()) | Err(Errno::SRCH) => {}
            Err(error) => warn!(%error, "cannot end QEMU"),
        }
    }

    async fn ended(&self) {
        if let Err(error) = self.handle.readable().await {
            warn!(%error, "cannot wait for QEMU");
        }
    }
}

/// Whether a process is of the machine, and then whether it is QEMU itself. A process that merely names one of the
/// machine's files (an editor, `tail`) is not; one that has ended has no command line.
fn belongs(pid: Pid, pid_file: &Path) -> Option<bool> {
    let line = fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())).ok()?;
    let arguments: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
    let ours = arguments
        .windows(2)
        .any(|pair| pair == [b"-pidfile", pid_file.as_os_str().as_bytes()]);
    let program = Path::new(OsStr::from_bytes(arguments.first()?));
    ours.then(|| program.file_name() == Some(OsStr::new(QEMU)))
}

/// All processes of the machine whose files are in `paths`. The process id's file alone would miss QEMU before it
/// wrote it, and what limits its time.
fn find(paths: &Paths) -> io::Result<Vec<Process>> {
    let pid_file = paths.pid();
    let mut found = Vec::new();
    for process in fs::read_dir("/proc")? {
        let name = process?.file_name();
        let number = name.to_str().and_then(|name| name.parse().ok());
        if let Some(pid) = number.and_then(Pid::from_raw)
            && let Some(process) = Process::of_machine(pid, &pid_file)?
        {
            found.push(process);
        }
    }
    Ok(found)
}

/// Whether QEMU runs for the machine whose files are in `paths`.
pub(crate) fn is_running(paths: &Paths) -> bool {
    let pid_file = paths.pid();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|process| process.file_name().to_str()?.parse().ok())
        .filter_map(Pid::from_raw)
        .any(|pid| belongs(pid, &pid_file).is_some())
}

/// What is to be killed: QEMU alone, because what limits its time then reaps it and ends by itself.
fn killed(found: &[Process]) -> impl Iterator<Item = &Process> {
    let has_qemu = found.iter().any(|process| process.is_qemu);
    found
        .iter()
        .filter(move |process| process.is_qemu || !has_qemu)
}

fn kill(found: &[Process]) {
    for process in killed(found) {
        process.kill();
    }
}

async fn all_ended(found: &[Process]) {
    for process in found {
        process.ended().await;
    }
}

/// Ends every process of the machine, whoever started it, and waits until they are gone.
pub(crate) async fn end_all(paths: &Paths) -> Result<(), CloudError> {
    let end = async {
        loop {
            let found = find(paths).map_err(unseen)?;
            if found.is_empty() {
                return Ok(());
            }
            kill(&found);
            for process in killed(&found) {
                process.ended().await;
            }
            let _ = tokio::time::timeout(PARTING, all_ended(&found)).await;
        }
    };
    tokio::time::timeout(END_DEADLINE, end)
        .await
        .map_err(|_| CloudError::new(ErrorKind::Busy, "QEMU was killed and does not end"))?
}

fn unseen(error: io::Error) -> CloudError {
    CloudError::other("cannot look for QEMU's process").caused_by(error)
}

/// The processes of one machine, started here or by an earlier amint. Ended with this value, unless they are to outlive
/// it.
pub(crate) struct Processes {
    found: Vec<Process>,
    /// What was started here, to be reaped.
    child: Option<Child>,
    /// Set when a builder is kept for a look.
    detached: Arc<AtomicBool>,
}

impl Processes {
    /// A process that was just started, in a group of its own.
    pub(super) fn started(child: Child, detached: Arc<AtomicBool>) -> Self {
        Self {
            found: Vec::new(),
            child: Some(child),
            detached,
        }
    }

    /// What runs already; `None` when QEMU does not.
    pub(super) fn running(
        paths: &Paths,
        detached: Arc<AtomicBool>,
    ) -> Result<Option<Self>, CloudError> {
        let found = find(paths).map_err(unseen)?;
        let runs = found.iter().any(|process| process.is_qemu);
        Ok(runs.then_some(Self {
            found,
            child: None,
            detached,
        }))
    }

    /// What was started, while that is all that is known.
    pub(super) fn child(&mut self) -> Option<&mut Child> {
        self.child.as_mut()
    }

    /// Finds what the started process has become. False when QEMU has ended already.
    pub(super) fn look(&mut self, paths: &Paths) -> Result<bool, CloudError> {
        self.found = find(paths).map_err(unseen)?;
        Ok(self.found.iter().any(|process| process.is_qemu))
    }

    /// From now on they end with this value, unless `detached` is set.
    pub(super) fn own(&mut self, detached: Arc<AtomicBool>) {
        self.detached = detached;
    }

    /// Returns when QEMU has ended.
    pub(super) async fn qemu_ended(&self) {
        for process in self.found.iter().filter(|process| process.is_qemu) {
            process.ended().await;
        }
    }

    /// Waits for what ends after QEMU, so that nothing of it is left.
    pub(super) async fn reap(&mut self) {
        let all = async {
            all_ended(&self.found).await;
            if let Some(child) = &mut self.child {
                let _ = child.wait().await;
            }
        };
        if tokio::time::timeout(END_DEADLINE, all).await.is_err() {
            warn!("QEMU was killed and does not end");
        }
    }

    pub(super) fn kill(&self) {
        if !self.found.is_empty() {
            return kill(&self.found);
        }
        // Not found yet; the number is its own until it is reaped.
        let group = self.child.as_ref().and_then(Child::id);
        if let Some(group) = group.and_then(|id| Pid::from_raw(i32::try_from(id).ok()?))
            && let Err(error) = kill_process_group(group, Signal::KILL)
        {
            debug!(%error, "QEMU had ended");
        }
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        if !self.detached.load(Ordering::Relaxed) {
            self.kill();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_what_has_the_machine_s_process_id_file_belongs_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths {
            runtime: folder.path().to_owned(),
            disk: folder.path().join("disk.raw"),
        };
        let script = "while :; do sleep 0.05; done";
        let start = |arguments: &[&OsStr]| {
            tokio::process::Command::new("/bin/sh")
                .args(["-c", script])
                .args(arguments)
                .kill_on_drop(true)
                .spawn()
                .unwrap()
        };
        let pid_file = paths.pid();
        let mut ours = start(&["-pidfile".as_ref(), pid_file.as_os_str()]);
        let mut reader = start(&[pid_file.as_os_str()]);
        // A number that was reused: the file names a process that has nothing to do with the machine.
        fs::write(&pid_file, reader.id().unwrap().to_string()).unwrap();
        while !is_running(&paths) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        end_all(&paths).await.unwrap();
        assert!(ours.wait().await.is_ok());
        assert!(!is_running(&paths));
        assert!(reader.try_wait().unwrap().is_none());
        end_all(&paths).await.unwrap();
    }
}
