//! Events on their way out: numbered, timed, and to nobody once the sink has failed.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use amint_cloud::Clock;
use amint_event::{Event, EventKind};

use crate::{Cancel, Masks};

/// Where events go.
pub type Sink<'a> = dyn FnMut(&Event) -> Result<(), SinkError> + Send + 'a;

/// The sink could not take an event.
#[derive(Debug, thiserror::Error)]
#[error("cannot report what happens")]
pub struct SinkError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

impl From<std::io::Error> for SinkError {
    fn from(error: std::io::Error) -> Self {
        Self(error.into())
    }
}

struct Stream<'a> {
    sink: &'a mut Sink<'a>,
    next: u64,
    failed: bool,
    error: Option<SinkError>,
}

/// Emits the events of one build.
pub(crate) struct Emitter<'a> {
    build: &'a str,
    clock: &'a dyn Clock,
    cancel: &'a Cancel,
    masks: &'a Masks,
    start: Duration,
    stream: Mutex<Stream<'a>>,
}

impl<'a> Emitter<'a> {
    pub(crate) fn new(
        build: &'a str,
        clock: &'a dyn Clock,
        cancel: &'a Cancel,
        masks: &'a Masks,
        sink: &'a mut Sink<'a>,
    ) -> Self {
        let stream = Mutex::new(Stream {
            sink,
            next: 0,
            failed: false,
            error: None,
        });
        Self {
            build,
            clock,
            cancel,
            masks,
            start: clock.steady(),
            stream,
        }
    }

    /// Emits one event. A sink that fails cancels the build and hears no more.
    pub(crate) fn emit(&self, kind: EventKind) {
        let stream = &mut *self.stream();
        if stream.failed {
            return;
        }
        let event = Event {
            seq: stream.next,
            at: self.clock.now(),
            elapsed_ms: millis(self.clock.steady().saturating_sub(self.start)),
            build: self.build.to_owned(),
            kind: self.masks.document(kind),
        };
        stream.next += 1;
        if let Err(error) = (stream.sink)(&event) {
            stream.failed = true;
            stream.error = Some(error);
            self.cancel.trip();
        }
    }

    /// Why the sink failed, once.
    pub(crate) fn take_error(&self) -> Option<SinkError> {
        self.stream().error.take()
    }

    fn stream(&self) -> MutexGuard<'_, Stream<'a>> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A duration in whole milliseconds, as events and manifests have it.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
