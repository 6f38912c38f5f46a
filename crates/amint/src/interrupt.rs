//! Ctrl-C and its relatives: the first cancels the build and unwinds, the second abandons the unwind.

use std::time::Duration;
use std::{env, fs, io};

use amint_engine::Cancel;
use rustix::process::getppid;
use tokio::signal::unix::{SignalKind, signal};

/// How often it is looked who our parent is.
const LOOK: Duration = Duration::from_millis(200);

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
    if env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false") {
        watch_parent(cancel);
    }
    Ok(())
}

/// A cancelled job on GitHub signals a step's entry process only: a shell, which ends at the second signal without a
/// word to what it started. So in CI the end of our parent is an interrupt. It is noticed by being given another one:
/// what `prctl` offers is the end of the parent's *thread*, and a runner has many that come and go.
fn watch_parent(cancel: &Cancel) {
    let parent = getppid();
    let cancel = cancel.clone();
    tokio::spawn(async move {
        while getppid() == parent {
            tokio::time::sleep(LOOK).await;
        }
        tracing::warn!("the process that started amint has ended: that is an interrupt");
        // Whoever ended both sends us a signal too, and that would be the second.
        cancel.trip();
    });
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
