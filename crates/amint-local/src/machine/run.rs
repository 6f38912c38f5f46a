//! A running machine: started or taken over, watched over its monitor, ended.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use amint_cloud::{CloudError, ErrorKind};
use qapi::qmp;
use tokio::net::UnixStream;
use tokio::sync::watch;
use tracing::debug;

use super::limit::Limit;
use super::monitor::{self, MONITOR_DEADLINE, Monitor, Seen};
use super::process::Processes;
use super::spec::{MachineSpec, Paths};
use crate::files::{file_error, tail};
use crate::program::{QEMU, find};

/// How long saving or loading a machine's state may take.
pub(crate) const STATE_DEADLINE: Duration = Duration::from_secs(120);

/// How a machine ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum End {
    /// The guest asked for a restart.
    Reset,
    /// The guest powered off.
    PowerOff,
    /// It was killed from here.
    Killed,
    /// QEMU ended by itself.
    Crashed,
}

/// A QEMU process and its monitor.
pub(crate) struct Machine {
    processes: Processes,
    monitor: Monitor,
    seen: watch::Receiver<Seen>,
    paths: Paths,
}

impl Machine {
    /// Starts QEMU, paused; `incoming` continues a saved state.
    pub(crate) async fn start(
        spec: &MachineSpec,
        paths: &Paths,
        incoming: Option<&str>,
        limit: Limit,
        detached: Arc<AtomicBool>,
    ) -> Result<Self, CloudError> {
        for socket in [paths.monitor(), paths.agent(), paths.console()] {
            // Left by the machine before a reboot.
            let _ = std::fs::remove_file(socket);
        }
        let log = File::create(paths.said())
            .map_err(|error| file_error("create", &paths.said(), error))?;
        let program = find(QEMU).ok_or_else(|| {
            CloudError::new(
                ErrorKind::Prerequisite,
                format!("`{QEMU}` is not installed"),
            )
        })?;
        let mut command = limit.command(&program)?;
        command
            .args(spec.arguments(paths))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            // A Ctrl-C in the terminal is for amint, which then ends the machine in order.
            .process_group(0);
        if let Some(uri) = incoming {
            command.args(["-incoming", uri]);
        }
        debug!(?command, "starting QEMU");
        let child = command.spawn().map_err(|error| {
            CloudError::other(format!("cannot start `{QEMU}`")).caused_by(error)
        })?;
        let mut processes = Processes::started(child, detached);
        let connected = match processes.child() {
            Some(child) => monitor::connect(&paths.monitor(), child).await,
            None => UnixStream::connect(paths.monitor()).await,
        };
        let unstarted = || {
            let said = tail(&paths.said(), 2000);
            CloudError::other(format!(
                "QEMU did not start: {}",
                said.trim().lines().last().unwrap_or("it said nothing")
            ))
        };
        let stream = connected.map_err(|error| unstarted().caused_by(error))?;
        if !processes.look(paths)? {
            return Err(unstarted());
        }
        let (monitor, seen) = monitor::open(stream).await?;
        Ok(Self {
            processes,
            monitor,
            seen,
            paths: paths.clone(),
        })
    }

    /// Takes over a machine that another process started; `None` when it has ended.
    pub(crate) async fn running(
        paths: &Paths,
        detached: Arc<AtomicBool>,
    ) -> Result<Option<Self>, CloudError> {
        // Until it is known to be ours, another process may be at work with it.
        let looked = Arc::new(AtomicBool::new(true));
        let Some(mut processes) = Processes::running(paths, looked)? else {
            return Ok(None);
        };
        let stream = tokio::select! {
            stream = UnixStream::connect(paths.monitor()) => stream,
            () = processes.qemu_ended() => return Ok(None),
        };
        let stream = match stream {
            Ok(stream) => stream,
            // It closes its sockets while it ends.
            Err(error) => {
                let ended = tokio::time::timeout(MONITOR_DEADLINE, processes.qemu_ended()).await;
                return match ended {
                    Ok(()) => Ok(None),
                    Err(_) => {
                        Err(CloudError::other("QEMU's monitor cannot be reached").caused_by(error))
                    }
                };
            }
        };
        let (monitor, seen) = match monitor::open(stream).await {
            Ok(opened) => opened,
            Err(_) if !processes.look(paths)? => return Ok(None),
            Err(error) => return Err(error),
        };
        processes.own(detached);
        Ok(Some(Self {
            processes,
            monitor,
            seen,
            paths: paths.clone(),
        }))
    }

    /// What the monitor reports, as it comes.
    pub(crate) fn watch(&self) -> watch::Receiver<Seen> {
        self.seen.clone()
    }

    /// Asks the monitor.
    pub(crate) async fn ask<C>(&self, command: C) -> Result<C::Ok, CloudError>
    where
        C: qmp::QmpCommand + 'static,
    {
        let answer = tokio::time::timeout(MONITOR_DEADLINE, self.monitor.execute(command)).await;
        match answer {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                Err(CloudError::other(format!("QEMU refused `{}`", C::NAME)).caused_by(error))
            }
            Err(_) => Err(CloudError::other(format!(
                "QEMU did not answer `{}`",
                C::NAME
            ))),
        }
    }

    /// Waits until a saved state is loaded. Not every version has an event for that, so this asks.
    pub(crate) async fn wait_loaded(&self) -> Result<(), CloudError> {
        let poll = async {
            while self.ask(qmp::query_status {}).await?.status == qmp::RunState::inmigrate {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Ok(())
        };
        tokio::time::timeout(STATE_DEADLINE, poll)
            .await
            .map_err(|_| CloudError::other("QEMU did not finish loading a saved state"))?
    }

    /// Whether it was started and never ran: whoever started it died in between.
    pub(crate) async fn is_waiting(&self) -> Result<bool, CloudError> {
        Ok(self.ask(qmp::query_status {}).await?.status == qmp::RunState::prelaunch)
    }

    /// Whether its disk could not be written before somebody listened.
    pub(crate) async fn is_stuck(&self) -> Result<bool, CloudError> {
        Ok(self.ask(qmp::query_status {}).await?.status == qmp::RunState::io_error)
    }

    /// Connects or cuts the network, then lets the machine run.
    pub(crate) async fn run(&self, network: bool) -> Result<(), CloudError> {
        self.ask(qmp::set_link {
            name: "nic".into(),
            up: network,
        })
        .await?;
        self.ask(qmp::cont {}).await?;
        Ok(())
    }

    /// Pauses the machine and saves its state to `file`. It does not run again.
    pub(crate) async fn save(&self, version: &str, file: &Path) -> Result<(), CloudError> {
        self.ask(qmp::stop {}).await?;
        let uri = saved_file_uri(version, file)?;
        self.ask(qmp::migrate {
            channels: None,
            detach: None,
            resume: None,
            uri: Some(uri),
        })
        .await?;
        let poll = async {
            loop {
                match self.ask(qmp::query_migrate {}).await?.status {
                    Some(qmp::MigrationStatus::completed) => return Ok(()),
                    Some(qmp::MigrationStatus::failed | qmp::MigrationStatus::cancelled) => {
                        return Err(CloudError::other("QEMU could not save the machine's state"));
                    }
                    _ => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        };
        tokio::time::timeout(STATE_DEADLINE, poll)
            .await
            .map_err(|_| CloudError::other("QEMU did not finish saving the machine's state"))?
    }

    /// Waits until the process has ended, by itself or because `kill` completed.
    pub(crate) async fn wait_end(&mut self, kill: impl Future<Output = ()>) -> End {
        let killed = tokio::select! {
            () = self.processes.qemu_ended() => false,
            () = kill => true,
        };
        if killed {
            self.kill().await;
            return End::Killed;
        }
        self.processes.reap().await;
        // The process may be gone before the last event was read; the stream ends right after it.
        let mut seen = self.seen.clone();
        let drained = async { while seen.changed().await.is_ok() {} };
        let _ = tokio::time::timeout(Duration::from_secs(2), drained).await;
        let shutdown = self.seen.borrow().shutdown;
        match shutdown {
            Some(qmp::ShutdownCause::guest_reset) => End::Reset,
            Some(qmp::ShutdownCause::guest_shutdown) => End::PowerOff,
            _ => End::Crashed,
        }
    }

    /// Ends the process at once; the disk is as the guest left it.
    pub(crate) async fn kill(&mut self) {
        self.processes.kill();
        self.processes.reap().await;
    }

    /// What QEMU printed before it ended.
    pub(crate) fn last_words(&self) -> String {
        tail(&self.paths.said(), 2000).trim().to_owned()
    }
}

/// How QEMU is told to read or write a saved state. `file:` came with 8.2; before it, a program does.
pub(crate) fn saved_file_uri(version: &str, file: &Path) -> Result<String, CloudError> {
    let path = file
        .to_str()
        .ok_or_else(|| CloudError::other(format!("the path {} is not UTF-8", file.display())))?;
    let number = |index: usize| -> u32 {
        version
            .split('.')
            .nth(index)
            .and_then(|part| part.parse().ok())
            .unwrap_or(0)
    };
    if (number(0), number(1)) >= (8, 2) {
        return Ok(format!("file:{path}"));
    }
    let quoted = format!("'{}'", path.replace('\'', r"'\''"));
    // One command both ways: writing, stdin is the state; reading, stdout is.
    Ok(format!(
        "exec:if [ -s {quoted} ]; then cat {quoted}; else cat > {quoted}; fi"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_qemu_saves_through_a_program() {
        let file = Path::new("/cache/it's/state");
        assert_eq!(
            saved_file_uri("10.0.2", file).unwrap(),
            "file:/cache/it's/state"
        );
        assert_eq!(
            saved_file_uri("8.2.0", file).unwrap(),
            "file:/cache/it's/state"
        );
        let old = saved_file_uri("7.2.22", file).unwrap();
        assert!(
            old.starts_with(r"exec:if [ -s '/cache/it'\''s/state' ]"),
            "{old}"
        );
    }

    #[test]
    fn the_program_writes_a_state_and_reads_it_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("it's, a $(state)");
        let uri = saved_file_uri("7.2.22", &file).unwrap();
        let program = uri.strip_prefix("exec:").unwrap();
        let run = |input: &Path| {
            let output = std::process::Command::new("/bin/sh")
                .args(["-c", program])
                .stdin(File::open(input).unwrap())
                .output()
                .unwrap();
            assert!(output.status.success());
            output.stdout
        };
        let state = folder.path().join("memory");
        std::fs::write(&state, "state").unwrap();
        assert_eq!(run(&state), b"");
        assert_eq!(std::fs::read(&file).unwrap(), b"state");
        assert_eq!(run(Path::new("/dev/null")), b"state");
    }
}
