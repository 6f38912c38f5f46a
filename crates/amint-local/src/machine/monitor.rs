//! QEMU's monitor: connected to, negotiated with, heard.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use amint_cloud::{CloudError, ErrorKind};
use futures_util::StreamExt;
use qapi::futures::{QapiService, QmpStreamTokio};
use qapi::qmp;
use tokio::io::WriteHalf;
use tokio::net::UnixStream;
use tokio::process::Child;
use tokio::sync::watch;
use tracing::debug;

/// How long QEMU may take to open its monitor, or to answer on it.
pub(super) const MONITOR_DEADLINE: Duration = Duration::from_secs(30);

/// A connection to the monitor.
pub(super) type Monitor = QapiService<QmpStreamTokio<WriteHalf<UnixStream>>>;

/// What the monitor reported last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// The reason of a shutdown.
    pub(super) shutdown: Option<qmp::ShutdownCause>,
    /// The machine is paused because its disk could not be written.
    pub(crate) disk_error: Option<String>,
}

/// Waits for the monitor's socket, and gives up when the process has ended.
pub(super) async fn connect(socket: &Path, child: &mut Child) -> std::io::Result<UnixStream> {
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

/// Negotiates with the monitor and keeps what its events say.
pub(super) async fn open(
    stream: UnixStream,
) -> Result<(Monitor, watch::Receiver<Seen>), CloudError> {
    let negotiated = async { QmpStreamTokio::open(stream).await?.negotiate().await };
    let (monitor, mut events) = tokio::time::timeout(MONITOR_DEADLINE, negotiated)
        .await
        // It greets one client at a time.
        .map_err(|_| CloudError::new(ErrorKind::Conflict, "another process watches the machine"))?
        .map_err(|error| CloudError::other("QEMU's monitor does not speak QMP").caused_by(error))?
        .into_parts();
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
