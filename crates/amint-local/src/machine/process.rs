//! The QEMU process: started, watched over its monitor, ended.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use amint_cloud::{CloudError, ErrorKind};
use futures_util::StreamExt;
use qapi::futures::{QapiService, QmpStreamTokio};
use qapi::qmp;
use tokio::io::WriteHalf;
use tokio::net::UnixStream;
use tokio::process::Child;
use tokio::sync::watch;
use tracing::{debug, warn};

use super::spec::{MachineSpec, Paths};
use crate::files::{file_error, tail};
use crate::program::{QEMU, find};

/// How long QEMU may take to open its monitor, or to answer on it.
const MONITOR_DEADLINE: Duration = Duration::from_secs(30);

/// How long saving or loading a machine's state may take.
const STATE_DEADLINE: Duration = Duration::from_secs(120);

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

/// What the monitor reported last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// The reason of a shutdown.
    shutdown: Option<qmp::ShutdownCause>,
    /// The machine is paused because its disk could not be written.
    pub(crate) disk_error: Option<String>,
}

/// A QEMU process and its monitor.
pub(crate) struct Machine {
    process: KillOnDrop,
    monitor: QapiService<QmpStreamTokio<WriteHalf<UnixStream>>>,
    seen: watch::Receiver<Seen>,
    paths: Paths,
}

/// The process; ended with this value, unless it is to outlive it.
struct KillOnDrop {
    child: Child,
    /// Set when a builder is kept for a look.
    detached: Arc<AtomicBool>,
}

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        if !self.detached.load(Ordering::Relaxed)
            && let Err(error) = self.child.start_kill()
        {
            debug!(%error, "QEMU had ended");
        }
    }
}

impl Machine {
    /// Starts QEMU, paused; `incoming` continues a saved state.
    pub(crate) async fn start(
        spec: &MachineSpec,
        paths: &Paths,
        incoming: Option<&str>,
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
        let mut command = tokio::process::Command::new(program);
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
        let mut child = KillOnDrop { child, detached };
        let stream = match connect(&paths.monitor(), &mut child.child).await {
            Ok(stream) => stream,
            Err(error) => {
                let said = tail(&paths.said(), 2000);
                return Err(CloudError::other(format!(
                    "QEMU did not start: {}",
                    said.trim().lines().last().unwrap_or("it said nothing")
                ))
                .caused_by(error));
            }
        };
        let (monitor, seen) = open_monitor(stream).await?;
        Ok(Self {
            process: child,
            monitor,
            seen,
            paths: paths.clone(),
        })
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
            _ = self.process.child.wait() => false,
            () = kill => true,
        };
        if killed {
            self.kill().await;
            return End::Killed;
        }
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
        if let Err(error) = self.process.child.kill().await {
            warn!(%error, "cannot end QEMU");
        }
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

/// Waits for the monitor's socket, and gives up when the process has ended.
async fn connect(socket: &Path, child: &mut Child) -> std::io::Result<UnixStream> {
    let deadline = tokio::time::Instant::now() + MONITOR_DEADLINE;
    loop {
        match UnixStream::connect(socket).await {
            Ok(stream) => return Ok(stream),
            Err(error) if tokio::time::Instant::now() > deadline => return Err(error),
            Err(_) => {}
        }
        if let Some(status) = child.try_wait()? {
            return Err(std::io::Error::other(format!("it ended ({status})")));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

type Monitor = QapiService<QmpStreamTokio<WriteHalf<UnixStream>>>;

/// Negotiates with the monitor and keeps what its events say.
async fn open_monitor(stream: UnixStream) -> Result<(Monitor, watch::Receiver<Seen>), CloudError> {
    let describe = |error: std::io::Error| {
        CloudError::other("QEMU's monitor does not speak QMP").caused_by(error)
    };
    let greeted = QmpStreamTokio::open(stream).await.map_err(describe)?;
    let (monitor, mut events) = greeted.negotiate().await.map_err(describe)?.into_parts();
    // Lets the event stream end when the monitor is dropped.
    let _ = events.release();
    let (sender, seen) = watch::channel(Seen::default());
    let sender = Arc::new(sender);
    tokio::spawn(async move {
        while let Some(event) = events.next().await {
            match event {
                Ok(qmp::Event::SHUTDOWN { data, .. }) => {
                    sender.send_modify(|seen| seen.shutdown = Some(data.reason));
                }
                Ok(qmp::Event::BLOCK_IO_ERROR { data, .. }) => {
                    sender.send_modify(|seen| seen.disk_error = Some(data.reason));
                }
                Ok(event) => debug!(?event, "QEMU event"),
                Err(error) => debug!(%error, "QEMU's monitor closed"),
            }
        }
    });
    Ok((monitor, seen))
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
