// A build whose processes die, on a simulated cloud that stays: each process knows the journal's text and no more.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use amint_cloud::sim::{Hook, SimClock, SimCloud};
use amint_cloud::{Clock, Resource, SecretValue};
use amint_engine::cleanup::{Cleanup, Scope};
use amint_engine::journal::{Entry, JournalStore, Record};
use amint_engine::secret::Secret;
use amint_engine::{Cancel, Journal, Options, Summary, execute};
use amint_event::{Event, EventKind, Outcome};
use amint_plan::BuildPlan;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

/// The death of one process: from then on it does nothing and writes nothing.
#[derive(Clone, Default)]
pub(crate) struct Death(Arc<(AtomicBool, Notify)>);

impl Death {
    pub(crate) fn strike(&self) {
        self.0.0.store(true, Ordering::Relaxed);
        self.0.1.notify_one();
    }

    pub(crate) fn hook(&self) -> Hook {
        let death = self.clone();
        Hook::new(move || death.strike())
    }

    fn has_struck(&self) -> bool {
        self.0.0.load(Ordering::Relaxed)
    }

    async fn wait(&self) {
        self.0.1.notified().await;
    }
}

/// How much of the record that it dies at a process still writes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Torn {
    Nothing,
    Half,
    Whole,
}

/// The journal's text, which outlives each process.
type Text = Arc<Mutex<Vec<u8>>>;

struct Store {
    text: Text,
    death: Death,
    /// After how many records the process dies, and how.
    dies: Option<(usize, Torn)>,
    /// After how many records the disk is full, for one of them.
    full: Option<usize>,
}

impl JournalStore for Store {
    fn append(&mut self, line: &[u8]) -> std::io::Result<()> {
        if self.death.has_struck() {
            return Ok(());
        }
        if let Some(left) = &mut self.full {
            if *left == 0 {
                self.full = None;
                return Err(std::io::ErrorKind::StorageFull.into());
            }
            *left -= 1;
        }
        let mut written = line;
        if let Some((left, torn)) = &mut self.dies {
            if *left == 0 {
                written = match torn {
                    Torn::Nothing => &[],
                    Torn::Half => &line[..line.len() / 2],
                    Torn::Whole => line,
                };
                self.death.strike();
            }
            *left = left.saturating_sub(1);
        }
        lock(&self.text).extend_from_slice(written);
        Ok(())
    }
}

/// What became of a process.
pub(crate) struct Life {
    /// Absent when it died.
    pub(crate) summary: Option<Summary>,
    pub(crate) events: Vec<EventKind>,
}

impl Life {
    /// Whether it brought the build to its end: it did not die, and did not leave it as it was.
    pub(crate) fn ended(&self) -> bool {
        let given_up = |event: &EventKind| matches!(event, EventKind::UnwindStarted);
        let summary = self.summary.as_ref();
        let succeeded = summary.is_some_and(|summary| summary.outcome == Outcome::Succeeded);
        succeeded || summary.is_some() && self.events.iter().any(given_up)
    }
}

/// A clock whose wall time is set forward and back, as people and NTP do.
struct Jumping<'l> {
    clock: SimClock,
    seconds: &'l AtomicI64,
}

#[async_trait::async_trait]
impl Clock for Jumping<'_> {
    fn now(&self) -> Timestamp {
        let jump = SignedDuration::from_secs(self.seconds.load(Ordering::Relaxed));
        self.clock
            .now()
            .saturating_add(jump)
            .unwrap_or(Timestamp::MAX)
    }

    fn steady(&self) -> Duration {
        self.clock.steady()
    }

    async fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration).await;
    }
}

/// The cloud, the journal, and what processes are run with.
pub(crate) struct Lab {
    pub(crate) plan: BuildPlan,
    pub(crate) cloud: SimCloud,
    pub(crate) clock: SimClock,
    pub(crate) manifest: PathBuf,
    /// How many seconds the wall clock is ahead.
    pub(crate) ahead: AtomicI64,
    processes: AtomicU64,
    /// After how many records the next process's disk is full for a moment.
    pub(crate) full: Mutex<Option<usize>>,
    text: Text,
}

impl Lab {
    pub(crate) fn new(
        plan: BuildPlan,
        cloud: SimCloud,
        clock: SimClock,
        manifest: PathBuf,
    ) -> Self {
        Self {
            plan,
            cloud,
            clock,
            manifest,
            ahead: AtomicI64::new(0),
            processes: AtomicU64::new(0),
            full: Mutex::default(),
            text: Text::default(),
        }
    }

    /// How many processes there were.
    pub(crate) fn processes(&self) -> u64 {
        self.processes.load(Ordering::Relaxed)
    }

    /// The lines of the journal that are complete.
    pub(crate) fn text(&self) -> Vec<u8> {
        let mut text = lock(&self.text).clone();
        let complete = text.iter().rposition(|byte| *byte == b'\n');
        text.truncate(complete.map_or(0, |last| last + 1));
        text
    }

    /// How the build ended, by the last record: all before it are read by the next process.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        let text = self.text();
        let mut lines = text
            .rsplit(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        // A clean-up may have released something after it.
        lines.find_map(|line| {
            let entry: Entry = serde_json::from_slice(line).ok()?;
            match entry.record {
                Record::Finished { outcome } => Some(Some(outcome)),
                Record::Released { .. } | Record::Voided { .. } | Record::Acquired { .. } => None,
                _ => Some(None),
            }
        })?
    }

    /// Puts another journal in its place.
    #[allow(dead_code, reason = "not every user of this needs it")]
    pub(crate) fn set_text(&self, text: &[u8]) {
        *lock(&self.text) = text.to_vec();
    }

    /// The journal as another process finds it.
    pub(crate) fn journal(&self, death: &Death, dies: Option<(usize, Torn)>) -> Journal {
        let text = self.text();
        *lock(&self.text) = text.clone();
        let store = Store {
            text: self.text.clone(),
            death: death.clone(),
            dies,
            full: self.full.lock().ok().and_then(|mut full| full.take()),
        };
        Journal::after(&text, &self.plan, Box::new(store)).expect("any prefix can be read")
    }

    /// One process, to its end or to its death: `dies` by the records that it writes, `death` by what else strikes.
    pub(crate) async fn process(&self, death: Death, dies: Option<(usize, Torn)>) -> Life {
        self.processes.fetch_add(1, Ordering::Relaxed);
        let mut journal = self.journal(&death, dies);
        let (cancel, mut events) = (Cancel::new(), Vec::new());
        let mut options = Options::new([7; 32], self.manifest.clone(), "0.0.0-test".to_owned());
        let secrets = self.plan.secrets.iter();
        let values = secrets.map(|secret| Secret {
            name: secret.name.clone(),
            value: SecretValue::new("correct horse battery staple".to_owned()),
        });
        options.values = values.collect();
        let mut sink = |event: &Event| {
            events.push(event.kind.clone());
            Ok(())
        };
        let clock: &dyn Clock = &Jumping {
            clock: self.clock,
            seconds: &self.ahead,
        };
        let cloud = &self.cloud;
        let work = execute(
            &self.plan,
            cloud,
            clock,
            &mut journal,
            &cancel,
            &options,
            &mut sink,
        );
        let summary = tokio::select! {
            biased;
            () = death.wait() => None,
            summary = work => Some(summary),
        };
        // It may have died in its very last moment.
        let summary = summary.filter(|_| !death.has_struck());
        Life { summary, events }
    }

    /// Cleans up, with the journal when there is one for the scope's build; returns what could not be released.
    pub(crate) async fn clean(&self, scope: Scope<'_>) -> Vec<Resource> {
        let (cancel, clock): (_, &dyn Clock) = (Cancel::new(), &self.clock);
        let cleanup = Cleanup::new(&self.cloud, clock, &cancel);
        let mut journal = match scope {
            Scope::Build(_) => Some(self.journal(&Death::default(), None)),
            Scope::Expired | Scope::MadeBefore(_) => None,
        };
        let survey = cleanup.survey(scope, journal.as_ref()).await;
        let survey = survey.expect("the cloud can list what is there");
        let released = Mutex::new(Vec::new());
        let left = cleanup
            .release(&survey.release, |one| lock(&released).push(one.clone()))
            .await;
        if let Some(journal) = &mut journal {
            let now = self.clock.now();
            let all = left.is_empty() && survey.stays.is_empty();
            let written = journal.cleaned(now, &lock(&released), all);
            written.expect("the journal allows it");
        }
        left.into_iter().map(|one| one.resource).collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
