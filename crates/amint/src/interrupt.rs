//! Ctrl-C and its relatives: the first cancels the build and unwinds, the second abandons the unwind.

use std::{fs, io};

use amint_engine::Cancel;
use tokio::signal::unix::{SignalKind, signal};

/// Turns SIGINT, SIGTERM and SIGHUP into cancellations, for as long as the runtime lives.
///
/// # Errors
/// When the system refuses to report signals.
pub(crate) fn watch(cancel: &Cancel) -> io::Result<()> {
    let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
    if !hangup_is_ignored() {
        kinds.push(SignalKind::hangup());
    }
    for kind in kinds {
        let mut received = signal(kind)?;
        let cancel = cancel.clone();
        tokio::spawn(async move {
            while received.recv().await.is_some() {
                cancel.cancel();
            }
        });
    }
    Ok(())
}

/// Whether whoever started us asked that we outlive the terminal (`nohup`): listening would undo that.
fn hangup_is_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let hangup = 1_u64 << (SignalKind::hangup().as_raw_value() - 1);
    mask.is_some_and(|mask| mask & hangup != 0)
}
