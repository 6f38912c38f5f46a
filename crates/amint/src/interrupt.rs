//! Ctrl-C and its relatives: the first cancels the build and unwinds, the second abandons the unwind.

use std::os::fd::OwnedFd;
use std::{env, fs, io};

use amint_engine::Cancel;
use rustix::process::{PidfdFlags, getppid, pidfd_open};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
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
    if env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false") {
        watch_parent(cancel);
    }
    Ok(())
}

/// A cancelled job on GitHub signals a step's entry process only: a shell, which ends at the second signal without a
/// word to what it started. So where nobody else starts us in the background, the end of our parent is an interrupt.
/// Its death is asked for by its process: by its thread, as `prctl` has it, a runner's thread pool would end us.
fn watch_parent(cancel: &Cancel) {
    let Some(parent) = getppid() else {
        return;
    };
    let opened = pidfd_open(parent, PidfdFlags::NONBLOCK).map_err(io::Error::from);
    let watched = opened.and_then(|fd| AsyncFd::<OwnedFd>::with_interest(fd, Interest::READABLE));
    let watched = match watched {
        Ok(watched) => watched,
        // Before Linux 5.3: signals only.
        Err(error) => return tracing::debug!(%error, "the parent process cannot be watched"),
    };
    let cancel = cancel.clone();
    tokio::spawn(async move {
        // It may have ended before it was watched.
        if getppid() == Some(parent) && watched.readable().await.is_err() {
            return;
        }
        tracing::warn!("the process that started amint has ended: that is an interrupt");
        cancel.cancel();
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
