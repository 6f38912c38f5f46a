//! The frame around each phase: its events, its record, its time.

use std::future::Future;

use amint_event::{EventKind, Outcome, Phase};

use crate::context::Context;
use crate::emit::millis;
use crate::error::{BuildError, Failure};
use crate::journal::{Handed, Record};

/// How long one phase took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    pub(crate) phase: Phase,
    pub(crate) duration_ms: u64,
}

/// What a phase found out or made, and what of it another process would need to go on after it.
pub(crate) trait HandOver {
    /// Absent where it can be found out again.
    fn handed(&self) -> Option<Handed> {
        None
    }
}

impl HandOver for () {}

/// Runs phases one after the other and keeps their times.
pub(crate) struct Timeline<'r, 'a> {
    cx: &'r Context<'a>,
    finished: Vec<Timing>,
}

impl<'r, 'a> Timeline<'r, 'a> {
    pub(crate) fn new(cx: &'r Context<'a>) -> Self {
        let before = cx.past.done.iter();
        let finished = before.map(|(phase, duration_ms)| Timing {
            phase: *phase,
            duration_ms: *duration_ms,
        });
        Self {
            cx,
            finished: finished.collect(),
        }
    }

    /// The phases that have finished, in order, with the time that all processes together spent in each.
    pub(crate) fn finished(&self) -> Vec<Timing> {
        let mut all: Vec<Timing> = Vec::new();
        for one in &self.finished {
            match all.iter_mut().find(|known| known.phase == one.phase) {
                Some(known) => known.duration_ms += one.duration_ms,
                None => all.push(*one),
            }
        }
        all
    }

    /// What an earlier process `had` from the phase; runs it otherwise.
    pub(crate) async fn unless<T: HandOver>(
        &mut self,
        had: Option<T>,
        phase: Phase,
        work: impl Future<Output = Result<T, BuildError>>,
    ) -> Result<T, Failure> {
        match had {
            Some(had) => Ok(had),
            None => self.phase(phase, work).await,
        }
    }

    /// Runs one phase, unless the build is to stop.
    pub(crate) async fn phase<T: HandOver>(
        &mut self,
        phase: Phase,
        work: impl Future<Output = Result<T, BuildError>>,
    ) -> Result<T, Failure> {
        let cx = self.cx;
        cx.check_stop().map_err(|error| Failure { phase, error })?;
        cx.events.emit(EventKind::PhaseStarted { phase });
        let start = cx.clock.steady();
        let mut result = work.await;
        let duration_ms = millis(cx.clock.steady().saturating_sub(start));
        let outcome = outcome(&result);
        let record = Record::PhaseFinished {
            phase,
            outcome,
            duration_ms,
            handed: result.as_ref().ok().and_then(HandOver::handed),
        };
        let written = cx.record(record);
        if let (Ok(_), Err(error)) = (&result, written) {
            if phase < Phase::Record {
                result = Err(error);
            } else {
                // The manifest is written: the image is there, whatever the journal says.
                tracing::warn!(%error, "could not write down that a phase has finished");
            }
        }
        self.finished.push(Timing { phase, duration_ms });
        let outcome = self::outcome(&result);
        cx.events.emit(EventKind::PhaseFinished {
            phase,
            outcome,
            duration_ms,
        });
        result.map_err(|error| Failure { phase, error })
    }

    /// Runs the last phase, which cannot be stopped and takes nothing back: `failed` says whether its
    /// result is all that it should be.
    pub(crate) async fn last<T>(
        &mut self,
        phase: Phase,
        work: impl Future<Output = T>,
        failed: impl FnOnce(&T) -> bool,
    ) -> T {
        let cx = self.cx;
        cx.events.emit(EventKind::PhaseStarted { phase });
        let start = cx.clock.steady();
        let result = work.await;
        let duration_ms = millis(cx.clock.steady().saturating_sub(start));
        let outcome = if failed(&result) {
            Outcome::Failed
        } else {
            Outcome::Succeeded
        };
        let record = Record::PhaseFinished {
            phase,
            outcome,
            duration_ms,
            handed: None,
        };
        if let Err(error) = cx.record(record) {
            tracing::warn!(%error, "could not write down that a phase has finished");
        }
        cx.events.emit(EventKind::PhaseFinished {
            phase,
            outcome,
            duration_ms,
        });
        result
    }
}

fn outcome<T>(result: &Result<T, BuildError>) -> Outcome {
    match result {
        Ok(_) => Outcome::Succeeded,
        Err(error) if error.is_stop() => Outcome::Cancelled,
        Err(_) => Outcome::Failed,
    }
}
