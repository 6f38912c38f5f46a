//! The dead man's switch from outside: what ends a machine when nobody else does.
//!
//! A guest's own timer is not armed yet when amint dies early, and does not run in a guest that is paused
//! or has panicked. So QEMU runs under `timeout`, which outlives amint, and dies with it: whoever kills
//! `timeout` ends the machine.

use std::path::{Path, PathBuf};
use std::time::Duration;

use amint_cloud::{CloudError, ErrorKind};
use jiff::Timestamp;
use tokio::process::Command;

use crate::program::{SETPRIV, TIMEOUT, find};

/// The guest's own switch comes first: it leaves the file systems in order.
const GRACE: Duration = Duration::from_secs(60);

const SHELL: &str = "/bin/sh";

/// Takes the seconds, the process that it ends with, and the program.
const SCRIPT: &str = include_str!("limit.sh");

/// How long a process may run, whoever died.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    end: Timestamp,
    /// Nobody goes on with it: it ends with the process that started it.
    mortal: bool,
}

impl Limit {
    /// For a builder: a little longer than its time, and longer than this process when that dies.
    pub(crate) fn at(expires: Timestamp) -> Self {
        Self {
            end: expires.saturating_add(GRACE).unwrap_or(expires),
            mortal: false,
        }
    }

    /// For a machine that is of no use to another process.
    pub(crate) fn mortal(patience: Duration) -> Self {
        let now = Timestamp::now();
        Self {
            end: now.saturating_add(patience).unwrap_or(now),
            mortal: true,
        }
    }

    /// `timeout 0` would be no limit at all.
    fn seconds(self) -> Result<u64, CloudError> {
        let left = self.end.duration_since(Timestamp::now()).as_millis();
        match u64::try_from(left) {
            Ok(left @ 1..) => Ok(left.div_ceil(1000)),
            _ => Err(CloudError::new(
                ErrorKind::Gone,
                "the builder's time is over",
            )),
        }
    }

    /// A command that runs `program` within the limit; its arguments are the program's.
    pub(crate) fn command(self, program: &Path) -> Result<Command, CloudError> {
        required(TIMEOUT)?;
        let setpriv = required(SETPRIV)?;
        let seconds = self.seconds()?.to_string();
        let mut command;
        let parent;
        if self.mortal {
            command = Command::new(setpriv);
            command.args(["--pdeathsig", "KILL", SHELL]);
            parent = std::process::id().to_string();
        } else {
            command = Command::new(SHELL);
            parent = String::new();
        }
        command
            .args(["-c", SCRIPT, "sh", &seconds, &parent])
            .arg(program);
        Ok(command)
    }
}

fn required(name: &str) -> Result<PathBuf, CloudError> {
    find(name).ok_or_else(|| {
        CloudError::new(
            ErrorKind::Prerequisite,
            format!("`{name}` is not installed"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_is_over_starts_nothing() {
        let sleep = Path::new("/bin/sleep");
        let over = Limit::at(Timestamp::now() - GRACE);
        assert_eq!(over.command(sleep).unwrap_err().kind, ErrorKind::Gone);
        let left = Limit::at(Timestamp::now() + Duration::from_secs(5));
        assert!((60..=65).contains(&left.seconds().unwrap()), "{left:?}");
    }

    #[tokio::test]
    async fn what_runs_longer_is_killed_and_what_is_killed_takes_it_along() {
        let long = Limit::mortal(Duration::from_secs(600));
        let short = Limit::mortal(Duration::from_secs(1));
        let sleep = find("sleep").unwrap();
        let mut ended = short.command(&sleep).unwrap();
        let status = ended.arg("600.125").status().await.unwrap();
        assert!(!status.success());

        // At whatever instant it is killed.
        for delay in 0..12 {
            let mut keeper = long.command(&sleep).unwrap().arg("600.25").spawn().unwrap();
            tokio::time::sleep(Duration::from_millis(delay)).await;
            keeper.kill().await.unwrap();
            while running("600.25") + running("600.125") > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }

    /// Processes whose last argument is this one.
    fn running(argument: &str) -> usize {
        let suffix = format!("\0{argument}\0");
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        processes
            .filter_map(|process| std::fs::read_to_string(process.path().join("cmdline")).ok())
            .filter(|line| line.ends_with(&suffix))
            .count()
    }
}
