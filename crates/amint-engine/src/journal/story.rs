//! What a journal tells people: where its build stands, what it holds, what it has cost so far.

use std::time::Duration;

use amint_cloud::ResourceKind;
use amint_event::{Outcome, Phase};
use jiff::Timestamp;
use serde::Serialize;

use super::record::{Entry, Handed, Record};
use super::{Journal, Past};

/// Where a build stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It has ended.
    Ended(Outcome),
    /// It was given up, and what it acquired was being given back in the end.
    GivingBack,
    /// It was in the middle of something.
    Underway,
}

/// What a journal tells.
#[derive(Clone, Debug)]
pub struct Story {
    /// When its first record was written; absent when there is none.
    pub started: Option<Timestamp>,
    /// When its last record was written.
    pub last: Option<Timestamp>,
    /// Where the build stands.
    pub standing: Standing,
    /// The phase that it is in, or ended in.
    pub phase: Phase,
    /// How many processes have gone on with it.
    pub resumed: u32,
    /// What it holds.
    pub holds: Vec<(ResourceKind, String)>,
    /// What it was about to make when its process ended, without anybody knowing whether it did.
    pub unknown: Vec<ResourceKind>,
    /// How long its builders were there, by now.
    pub builder_time: Duration,
    /// How large the disks are of what it captured, in bytes; 0 before.
    pub image_bytes: u64,
}

impl Story {
    /// What `journal` tells at the time `now`.
    pub fn of(journal: &Journal, now: Timestamp) -> Self {
        let entries = journal.entries();
        let past = Past::of(entries);
        Self {
            started: past.started,
            last: entries.last().map(|entry| entry.at),
            standing: standing(entries),
            phase: phase(entries, &past),
            resumed: past.resumed,
            holds: journal.held(),
            unknown: journal
                .open_intents()
                .into_iter()
                .map(|one| one.1)
                .collect(),
            builder_time: builder_time(entries, past.expires, now),
            image_bytes: image_bytes(entries),
        }
    }
}

fn standing(entries: &[Entry]) -> Standing {
    let mut standing = Standing::Underway;
    for entry in entries {
        match entry.record {
            Record::Unwinding { .. } => standing = Standing::GivingBack,
            Record::Finished { outcome } => standing = Standing::Ended(outcome),
            _ => {}
        }
    }
    standing
}

/// The one that failed, or the first that has not succeeded.
fn phase(entries: &[Entry], past: &Past) -> Phase {
    let failed = entries.iter().rev().find_map(|entry| match entry.record {
        Record::PhaseFinished { phase, outcome, .. } => {
            Some((outcome != Outcome::Succeeded).then_some(phase))
        }
        _ => None,
    });
    if let Some(phase) = failed.flatten() {
        return phase;
    }
    let next = Phase::ALL.into_iter().find(|phase| !past.has_done(*phase));
    next.unwrap_or(Phase::Retire)
}

/// A builder that is held may have ended itself; it has when its time is over.
fn builder_time(entries: &[Entry], expires: Option<Timestamp>, now: Timestamp) -> Duration {
    let now = expires.map_or(now, |expires| expires.min(now));
    let mut there: Vec<(&str, Timestamp)> = Vec::new();
    let mut total = Duration::ZERO;
    let between = |from: Timestamp, to: Timestamp| to.duration_since(from).try_into();
    for entry in entries {
        match &entry.record {
            Record::Acquired {
                kind: ResourceKind::Builder,
                id,
                ..
            } => there.push((id, entry.at)),
            Record::Released {
                kind: ResourceKind::Builder,
                id,
            } => {
                if let Some(index) = there.iter().position(|(one, _)| one == id) {
                    let (_, from) = there.swap_remove(index);
                    // A clock that was set back gives no time, rather than a negative one.
                    total += between(from, entry.at).unwrap_or(Duration::ZERO);
                }
            }
            _ => {}
        }
    }
    for (_, from) in there {
        total += between(from, now).unwrap_or(Duration::ZERO);
    }
    total
}

fn image_bytes(entries: &[Entry]) -> u64 {
    let bytes = entries.iter().filter_map(|entry| match &entry.record {
        Record::PhaseFinished {
            handed: Some(Handed::Image { bytes, .. }),
            ..
        } => *bytes,
        _ => None,
    });
    bytes.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(second: i64, record: Record) -> Entry {
        let at = Timestamp::from_second(second).expect("a time");
        Entry { at, record }
    }

    fn builder(acquired: bool) -> Record {
        let (kind, id) = (ResourceKind::Builder, "i-1".to_owned());
        match acquired {
            true => Record::Acquired {
                token: "t".to_owned(),
                kind,
                id,
            },
            false => Record::Released { kind, id },
        }
    }

    #[test]
    fn a_builder_costs_until_it_is_released_or_its_time_is_over() {
        let at = |second| Timestamp::from_second(second).expect("a time");
        let held = [entry(100, builder(true))];
        assert_eq!(builder_time(&held, None, at(160)).as_secs(), 60);
        assert_eq!(builder_time(&held, Some(at(130)), at(160)).as_secs(), 30);
        let released = [entry(100, builder(true)), entry(140, builder(false))];
        assert_eq!(builder_time(&released, None, at(900)).as_secs(), 40);
        let clock_set_back = [entry(100, builder(true)), entry(40, builder(false))];
        assert_eq!(builder_time(&clock_set_back, None, at(900)).as_secs(), 0);
    }
}
