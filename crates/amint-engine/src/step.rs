//! One step as the user sees it: its events, its output, its log.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use amint_event::{EventKind, Outcome};

use crate::command::CommandEnd;
use crate::context::Context;
use crate::emit::millis;
use crate::error::{BuildError, Tail};
use crate::mask::MaskStream;
use crate::text::Lines;

/// A step that is about to run.
pub(crate) struct Header<'a> {
    /// Position among the steps, from 1.
    pub(crate) index: usize,
    pub(crate) name: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) timeout: Duration,
}

/// A step that did what it should.
#[derive(Clone, Debug)]
pub(crate) struct StepReport {
    pub(crate) duration_ms: u64,
    /// Of its last command.
    pub(crate) exit_code: Option<i32>,
}

/// A step while it runs.
pub(crate) struct Running<'r, 'a> {
    cx: &'r Context<'a>,
    header: &'r Header<'r>,
    start: Duration,
    masked: MaskStream,
    lines: Lines,
    log: Option<(PathBuf, File)>,
    exit_code: Option<i32>,
}

/// Runs `work` as the step `header`: exactly one `StepStarted` and one `StepFinished`.
pub(crate) async fn report(
    cx: &Context<'_>,
    header: Header<'_>,
    work: impl AsyncFnOnce(&mut Running<'_, '_>) -> Result<(), BuildError>,
) -> Result<StepReport, BuildError> {
    cx.check_stop()?;
    let Header {
        index, name, kind, ..
    } = header;
    let (name, step) = (name.to_owned(), kind.to_owned());
    cx.events.emit(EventKind::StepStarted { index, name, step });
    let start = cx.clock.steady();
    let (lines, log, exit_code) = (Lines::default(), None, None);
    let mut running = Running {
        cx,
        header: &header,
        start,
        masked: cx.options.masks.stream(),
        lines,
        log,
        exit_code,
    };
    let result = match running.open_log() {
        Ok(()) => work(&mut running).await,
        Err(error) => Err(error),
    };
    running.flush();
    let exit_code = running.exit_code;
    let duration_ms = millis(cx.clock.steady().saturating_sub(start));
    let outcome = match &result {
        Ok(()) => Outcome::Succeeded,
        Err(error) if error.is_stop() => Outcome::Cancelled,
        Err(_) => Outcome::Failed,
    };
    cx.events.emit(EventKind::StepFinished {
        index,
        outcome,
        exit_code,
        duration_ms,
    });
    result.map(|()| StepReport {
        duration_ms,
        exit_code,
    })
}

impl Running<'_, '_> {
    /// How much of the step's time is left.
    pub(crate) fn time_left(&self) -> Duration {
        let elapsed = self.cx.clock.steady().saturating_sub(self.start);
        self.header.timeout.saturating_sub(elapsed)
    }

    /// Takes in what the step printed: to the events by whole lines, to the log as it came, secrets masked.
    pub(crate) fn output(&mut self, bytes: &[u8]) -> Result<(), BuildError> {
        let bytes = self.masked.push(bytes).into_owned();
        self.tell(&bytes)
    }

    fn tell(&mut self, bytes: &[u8]) -> Result<(), BuildError> {
        if let Some((path, log)) = &mut self.log {
            let write = |source| BuildError::Write {
                path: path.clone(),
                source,
            };
            log.write_all(bytes).map_err(write)?;
        }
        if let Some(text) = self.lines.push(bytes) {
            self.emit(text);
        }
        Ok(())
    }

    /// Takes in how a command of the step ended.
    pub(crate) fn ended(&mut self, end: Result<i32, CommandEnd>) -> Result<(), BuildError> {
        self.flush();
        match end {
            Ok(exit_code) => {
                self.exit_code = Some(exit_code);
                if exit_code == 0 {
                    return Ok(());
                }
                let (step, output) = (self.header.name.to_owned(), self.tail());
                Err(BuildError::StepFailed {
                    step,
                    exit_code,
                    output,
                })
            }
            Err(CommandEnd::TimedOut) => Err(self.timed_out()),
            Err(CommandEnd::Failed(error)) => Err(error),
        }
    }

    /// The error of a step that hung.
    pub(crate) fn timed_out(&self) -> BuildError {
        let (step, timeout) = (self.header.name.to_owned(), self.header.timeout);
        BuildError::StepTimedOut {
            step,
            timeout,
            output: self.tail(),
        }
    }

    fn tail(&self) -> Option<Tail> {
        Tail::from_lines("its output", &self.lines)
    }

    fn flush(&mut self) {
        let rest = self.masked.finish();
        if let Err(error) = self.tell(&rest) {
            tracing::warn!(%error, "the end of a step's output is lost");
        }
        if let Some(text) = self.lines.finish() {
            self.emit(text);
        }
    }

    fn emit(&self, text: String) {
        self.cx.events.emit(EventKind::StepOutput {
            index: self.header.index,
            text,
        });
    }

    /// The log of a step is kept beside the journal, when that is in a folder.
    fn open_log(&mut self) -> Result<(), BuildError> {
        let Some(folder) = self.cx.journal().dir().map(|dir| dir.join("steps")) else {
            return Ok(());
        };
        let path = folder.join(log_name(self.header.index, self.header.name));
        let write = |source| BuildError::Write {
            path: path.clone(),
            source,
        };
        fs::create_dir_all(&folder).map_err(write)?;
        let file = File::create(&path).map_err(write)?;
        self.log = Some((path, file));
        Ok(())
    }
}

/// `NN-name.log`, the name in characters that every file system takes.
fn log_name(index: usize, name: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let slug: String = name.chars().take(60).map(safe).collect();
    format!("{index:02}-{}.log", slug.trim_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::log_name;

    #[test]
    fn a_log_stays_in_its_folder_whatever_the_step_is_called() {
        assert_eq!(
            log_name(3, "Install: the / collector!"),
            "03-install--the---collector.log"
        );
        assert_eq!(log_name(12, "../../etc/passwd"), "12-etc-passwd.log");
        assert!(log_name(1, &"ä".repeat(500)).len() < 80);
    }
}
