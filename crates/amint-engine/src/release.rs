//! Giving resources back, the most expensive first, in rounds until time is up.

use std::time::Duration;

use amint_cloud::{Clock, Cloud, CloudError, ErrorKind, Resource, ResourceKind, WaitFor};
use amint_event::EventKind;

use crate::call::{self, CallEnd, CallError, Calling};
use crate::cancel::{Cancel, CancelLevel};
use crate::context::Context;
use crate::jitter::Jitter;
use crate::journal::Record;

/// The least gap between two rounds.
const LEAST: Duration = Duration::from_millis(200);
/// How long releasing something early may hold up what follows.
const EARLY: Duration = Duration::from_secs(30);
/// How many rounds fit into the limit when no call is answered.
const ROUNDS: u32 = 3;

/// How many rounds in a row may bring nothing but refusals: permissions take a moment to be known everywhere.
const REFUSALS: u32 = 3;

/// How resources are given back, whosever they are.
pub(crate) struct Releasing<'r> {
    pub(crate) cloud: &'r dyn Cloud,
    pub(crate) clock: &'r dyn Clock,
    pub(crate) cancel: &'r Cancel,
    pub(crate) jitter: &'r Jitter,
    /// The interrupt that cuts it short.
    pub(crate) stops_at: CancelLevel,
    /// Hears about each that is gone.
    pub(crate) released: Box<dyn Fn(&Resource) + 'r>,
}

/// How a build gives its own back.
pub(crate) fn of_build<'r>(cx: &'r Context<'_>) -> Releasing<'r> {
    Releasing {
        cloud: cx.cloud,
        clock: cx.clock,
        cancel: cx.cancel,
        jitter: cx.gaps(),
        stops_at: CancelLevel::Aborted,
        released: Box::new(|resource| written_and_told(cx, resource)),
    }
}

/// What could not be released, and why.
#[derive(Debug)]
pub(crate) struct Unreleased {
    pub(crate) resource: Resource,
    why: CallEnd,
}

impl Unreleased {
    fn kind(&self) -> Option<&ErrorKind> {
        match &self.why {
            CallEnd::Failed(CallError::Cloud(CloudError { kind, .. })) => Some(kind),
            _ => None,
        }
    }

    /// Asking again changes nothing.
    fn is_refused(&self) -> bool {
        let kind = self.kind();
        matches!(
            kind,
            Some(ErrorKind::Denied { .. } | ErrorKind::Credentials)
        )
    }

    pub(crate) fn reason(&self) -> String {
        match &self.why {
            CallEnd::Failed(error) => error.to_string(),
            CallEnd::Stopped => "there was no time to release it".to_owned(),
        }
    }
}

/// The resources alone.
pub(crate) fn resources(left: Vec<Unreleased>) -> Vec<Resource> {
    left.into_iter().map(|one| one.resource).collect()
}

/// Whether another round can do nothing about `left`: it is refused, or in use by a builder that is.
fn is_vain(left: &[Unreleased]) -> bool {
    let builder = |one: &Unreleased| one.resource.kind == ResourceKind::Builder;
    let stuck = left.iter().any(|one| builder(one) && one.is_refused());
    let waits = |one: &Unreleased| stuck && one.kind() == Some(&ErrorKind::Busy);
    left.iter().all(|one| one.is_refused() || waits(one))
}

/// What the build owns, the most expensive first.
pub(crate) fn held(cx: &Context<'_>) -> Vec<Resource> {
    let held = cx.journal().held();
    held.into_iter()
        .map(|(kind, id)| cx.resource(kind, &id))
        .collect()
}

/// Releases what nobody needs any more, unless it is gone already. What fails here is tried again at the end.
pub(crate) async fn early(cx: &Context<'_>, kind: ResourceKind, id: &str) {
    if cx.journal().holds(kind, id) {
        of_build(cx).all(vec![cx.resource(kind, id)], EARLY).await;
    }
}

/// What was ever acquired, whatever became of it: a look-up shows what was kept, and for a while what was released.
pub(crate) fn owned(cx: &Context<'_>) -> Vec<Resource> {
    let journal = cx.journal();
    let acquired = journal
        .entries()
        .iter()
        .filter_map(|one| match &one.record {
            Record::Acquired { kind, id, .. } => Some(cx.resource(*kind, id)),
            _ => None,
        });
    acquired.collect()
}

impl Releasing<'_> {
    /// Releases `resources` within `limit`, and returns what is left.
    pub(crate) async fn all(&self, resources: Vec<Resource>, limit: Duration) -> Vec<Unreleased> {
        let start = self.clock.steady();
        let end = start.saturating_add(limit);
        let pace = self.cloud.pace(WaitFor::State);
        let mut pending = resources;
        let mut vain = 0;
        loop {
            let time = end.saturating_sub(self.clock.steady());
            let left = self.once(pending, limit.min(time)).await;
            let gap = pace.gap(self.clock.steady().saturating_sub(start));
            let gap = self.jitter.shorten(gap.max(LEAST));
            let stopped = self.cancel.level() >= self.stops_at;
            let over = self.clock.steady() + gap >= end || stopped;
            vain = if is_vain(&left) { vain + 1 } else { 0 };
            if left.is_empty() || vain == REFUSALS || over {
                return left;
            }
            pending = self::resources(left);
            tokio::select! {
                biased;
                () = self.cancel.reached(self.stops_at) => {}
                () = self.clock.sleep(gap) => {}
            }
        }
    }

    /// Tries once to release each of `resources`, within `limit`, and returns what is left. What is first goes first.
    pub(crate) async fn once(
        &self,
        mut resources: Vec<Resource>,
        limit: Duration,
    ) -> Vec<Unreleased> {
        let end = self.clock.steady().saturating_add(limit);
        resources.sort_by_key(|one| one.kind);
        let mut left = Vec::new();
        for resource in resources {
            // One that hangs leaves time for the others, and for another try.
            let remaining = end.saturating_sub(self.clock.steady());
            if let Err(why) = self.one(&resource, remaining.min(limit / ROUNDS)).await {
                left.push(Unreleased { resource, why });
            }
        }
        left
    }

    async fn one(&self, resource: &Resource, limit: Duration) -> Result<(), CallEnd> {
        let calling = Calling {
            clock: self.clock,
            cancel: self.cancel,
            jitter: self.jitter,
            level: self.stops_at,
            limit,
        };
        let release = || self.cloud.release(resource);
        if let Err(end) = call::call(calling, release).await {
            // Often it is still in use by what was released just before it.
            tracing::debug!(id = resource.id, ?end, "could not release a resource");
            return Err(end);
        }
        (self.released)(resource);
        Ok(())
    }
}

/// Writes down and reports that a resource is gone.
pub(crate) fn written_and_told(cx: &Context<'_>, resource: &Resource) {
    let now = cx.clock.now();
    if let Err(error) = cx.journal().released(now, resource.kind, &resource.id) {
        // It is gone all the same; a later clean-up that looks for it finds nothing.
        tracing::warn!(%error, id = resource.id, "could not write down a release");
    }
    let (kind, id) = (resource.kind.name().to_owned(), resource.id.clone());
    cx.events.emit(EventKind::ResourceReleased { kind, id });
}

/// Tells what could not be released.
pub(crate) fn report_left(cx: &Context<'_>, left: &[Unreleased]) {
    for one in left {
        let resource = &one.resource;
        cx.events.emit(EventKind::ResourceLeft {
            kind: resource.kind.name().to_owned(),
            id: resource.id.clone(),
            reason: format!(
                "{}; `amint cleanup {} --yes` releases it",
                one.reason(),
                resource.build
            ),
        });
    }
}
