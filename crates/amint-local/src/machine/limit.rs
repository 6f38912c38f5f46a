//! The dead man's switch from outside: what ends a machine when nobody else does.
//!
//! A guest's own timer is not armed yet when amint dies early, and does not run in a guest that is paused
//! or has panicked. So QEMU runs under `timeout`, which outlives amint, and dies with it: whoever kills
//! `timeout` ends the machine.

use std::path::Path;
use std::time::Duration;

use amint_cloud::{CloudError, ErrorKind};
use jiff::Timestamp;
use tokio::process::Command;

use crate::program::{SETPRIV, TIMEOUT, find};

/// The guest's own switch comes first: it leaves the file systems in order.
const GRACE: Duration = Duration::from_secs(60);

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

    /// A command that runs `program` within the limit. The program takes on no other name or group, so that it is
    /// found by its own command line.
    pub(crate) fn command(self, program: &Path) -> Result<Command, CloudError> {
        let (timeout, setpriv) = (required(TIMEOUT)?, required(SETPRIV)?);
        let with_parent = ["--pdeathsig", "KILL"];
        let mut command = if self.mortal {
            let mut command = Command::new(&setpriv);
            command.args(with_parent).arg(&timeout);
            command
        } else {
            Command::new(&timeout)
        };
        command
            .args(["-s", "KILL"])
            .arg(self.seconds()?.to_string())
            .arg(&setpriv)
            .args(with_parent)
            .arg(program);
        Ok(command)
    }
}

fn required(name: &str) -> Result<std::path::PathBuf, CloudError> {
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

        let mut keeper = long.command(&sleep).unwrap().arg("600.25").spawn().unwrap();
        while running("600.25") < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        keeper.kill().await.unwrap();
        while running("600.25") + running("600.125") > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
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
