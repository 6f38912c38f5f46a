//! What every phase needs to work with: services, no state of the build.

use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use amint_cloud::{BuilderId, Clock, Cloud, CloudError, Owner, Resource, ResourceKind};
use amint_event::{EventKind, Phase};
use amint_plan::BuildPlan;
use jiff::{SignedDuration, Timestamp};

use crate::call::{self, CallEnd, Calling};
use crate::cancel::{Cancel, CancelLevel};
use crate::emit::Emitter;
use crate::error::{BuildError, Tail};
use crate::jitter::Jitter;
use crate::journal::{Entry, Journal, Past, Record};
use crate::options::Options;
use crate::request;

/// How long an image may be worked on after its builder's time is up, before a sweep takes it for lost: an hour each
/// for its capture, its clean copy, its inspection and its copies.
const AFTER_THE_BUILDER: SignedDuration = SignedDuration::from_hours(4);

/// The services of one build.
pub(crate) struct Context<'a> {
    pub(crate) plan: &'a BuildPlan,
    pub(crate) cloud: &'a dyn Cloud,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) cancel: &'a Cancel,
    pub(crate) options: &'a Options,
    pub(crate) events: Emitter<'a>,
    /// How far the build had come when this process took it up.
    pub(crate) past: Past,
    journal: Mutex<&'a mut Journal>,
    jitter: Jitter,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        plan: &'a BuildPlan,
        cloud: &'a dyn Cloud,
        clock: &'a dyn Clock,
        journal: &'a mut Journal,
        cancel: &'a Cancel,
        options: &'a Options,
        events: Emitter<'a>,
    ) -> Self {
        Self {
            plan,
            cloud,
            clock,
            cancel,
            options,
            events,
            past: Past::of(journal.entries()),
            journal: Mutex::new(journal),
            jitter: Jitter::new(&plan.build_id),
        }
    }

    /// Whose everything is that is needed until the builder ends. The same whoever asks: what was asked for by a
    /// process that died is asked for again in the same words.
    pub(crate) fn owner(&self) -> Owner {
        request::owner(self.plan, self.deadline())
    }

    /// Whose an image is: it outlives its builder until it is published.
    pub(crate) fn image_owner(&self) -> Owner {
        let expires = self.deadline().saturating_add(AFTER_THE_BUILDER);
        request::owner(self.plan, expires.unwrap_or(Timestamp::MAX))
    }

    /// When the builder ends itself; before its launch, when it would if it was launched now.
    pub(crate) fn deadline(&self) -> Timestamp {
        let launching = |entry: &Entry| match entry.record {
            Record::Launching { expires } => Some(expires),
            _ => None,
        };
        let recorded = self.journal().entries().iter().find_map(launching);
        recorded.unwrap_or_else(|| request::expires(self.plan, self.clock.now()))
    }

    /// When the build began, by its first record.
    pub(crate) fn begun(&self) -> Timestamp {
        let first = self.journal().entries().first().map(|entry| entry.at);
        first.unwrap_or_else(|| self.clock.now())
    }

    /// Writes down a fact.
    pub(crate) fn record(&self, record: Record) -> Result<(), BuildError> {
        let now = self.clock.now();
        Ok(self.journal().record(now, record)?)
    }

    /// The journal. Not to be held over an `await`.
    pub(crate) fn journal(&self) -> MutexGuard<'_, &'a mut Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The gap, or a little less: builds that began together do not ask together for ever.
    pub(crate) fn jitter(&self, gap: Duration) -> Duration {
        self.jitter.shorten(gap)
    }

    /// How gaps differ from build to build.
    pub(crate) fn gaps(&self) -> &Jitter {
        &self.jitter
    }

    /// Calls the cloud; `doing` reads after "cannot".
    pub(crate) async fn call<T, F>(
        &self,
        doing: &str,
        limit: Duration,
        ask: impl Fn() -> F,
    ) -> Result<T, BuildError>
    where
        F: Future<Output = Result<T, CloudError>>,
    {
        tracing::debug!(doing, "calling the cloud");
        let answer = call::call(self.calling(CancelLevel::Cancelled, limit), ask).await;
        answer.map_err(|end| match end {
            CallEnd::Failed(source) => BuildError::Call {
                doing: doing.to_owned(),
                source,
            },
            CallEnd::Stopped => self.stopped(),
        })
    }

    /// How calls are made that `level` ends.
    pub(crate) fn calling(&self, level: CancelLevel, limit: Duration) -> Calling<'_> {
        Calling {
            clock: self.clock,
            cancel: self.cancel,
            jitter: &self.jitter,
            level,
            limit,
        }
    }

    /// Why the build is being stopped.
    pub(crate) fn stopped(&self) -> BuildError {
        self.events
            .take_error()
            .map_or(BuildError::Interrupted, BuildError::Sink)
    }

    /// An error if the build should stop: asked before anything that costs or cannot be undone.
    pub(crate) fn check_stop(&self) -> Result<(), BuildError> {
        match self.cancel.level() {
            CancelLevel::None => Ok(()),
            CancelLevel::Cancelled | CancelLevel::Aborted => Err(self.stopped()),
        }
    }

    /// Reports one line about what is going on.
    pub(crate) fn progress(&self, phase: Phase, message: impl Into<String>) {
        self.events.emit(EventKind::Progress {
            phase,
            message: message.into(),
        });
    }

    /// Writes down and reports that a resource exists.
    pub(crate) fn acquired(
        &self,
        token: &str,
        kind: ResourceKind,
        id: &str,
    ) -> Result<(), BuildError> {
        let written = self.journal().acquired(self.clock.now(), token, kind, id);
        let (kind, id) = (kind.name().to_owned(), id.to_owned());
        self.events.emit(EventKind::ResourceAcquired { kind, id });
        Ok(written?)
    }

    /// The end of the builder's serial console, if it can be had.
    pub(crate) async fn console(&self, builder: &BuilderId) -> Option<Tail> {
        let text = self.call("read the serial console", call::QUICK, || {
            self.cloud.console(builder)
        });
        Tail::of("the serial console", &text.await.ok()?)
    }

    /// A resource of this build.
    pub(crate) fn resource(&self, kind: ResourceKind, id: &str) -> Resource {
        Resource {
            build: self.plan.build_id.clone(),
            kind,
            id: id.to_owned(),
        }
    }
}
