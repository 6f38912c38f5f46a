//! Creating something: the intent first, the id right after, before any wait.

use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

use amint_cloud::{CloudError, ErrorKind, ResourceKind};
use amint_event::Phase;

use crate::call::{CallError, LONG};
use crate::context::Context;
use crate::error::BuildError;
use crate::journal::IntentState;
use crate::settle;

/// What is about to be created.
pub(crate) struct Intent<'a> {
    pub(crate) phase: Phase,
    pub(crate) kind: ResourceKind,
    /// Unique in the build.
    pub(crate) token: &'a str,
    /// Reads after "cannot".
    pub(crate) doing: &'a str,
    /// How long what it needs may be unknown or not ready, as it was made or changed a moment ago.
    pub(crate) patience: Option<Duration>,
}

/// Creates a resource and returns the cloud's name for it. What is there already is not created again.
pub(crate) async fn acquire<F>(
    cx: &Context<'_>,
    intent: Intent<'_>,
    create: impl Fn() -> F,
) -> Result<String, BuildError>
where
    F: Future<Output = Result<String, CloudError>>,
{
    let Intent {
        phase,
        kind,
        token,
        doing,
        patience,
    } = intent;
    let known = cx.journal().intent(token).cloned();
    let lost = match known {
        Some(IntentState::Made(id)) => return Ok(id),
        // By a process that died: whether it was made is found out by asking for the same again.
        Some(IntentState::Open) => true,
        Some(IntentState::Voided) | None => {
            cx.journal().intend(cx.clock.now(), phase, kind, token)?;
            false
        }
    };
    // A refusal says nothing about an earlier try whose answer was lost.
    let lost = Cell::new(lost);
    let create = async || {
        let answer = create().await;
        let is_lost = |error: &CloudError| error.kind == ErrorKind::AnswerLost;
        lost.set(lost.get() || answer.as_ref().is_err_and(is_lost));
        answer
    };
    let created = match patience {
        None => cx.call(doing, LONG, create).await,
        Some(limit) => settle::call(cx, doing, LONG, limit, create).await,
    };
    match created {
        Ok(id) => {
            cx.acquired(token, kind, &id)?;
            Ok(id)
        }
        Err(error) => {
            if made_nothing(&error) && !lost.get() {
                cx.journal().voided(cx.clock.now(), token)?;
            }
            Err(error)
        }
    }
}

/// Whether the cloud refused before it did anything. After any other failure something may exist.
fn made_nothing(error: &BuildError) -> bool {
    let BuildError::Call {
        source: CallError::Cloud(error),
        ..
    } = error
    else {
        return false;
    };
    matches!(
        error.kind,
        ErrorKind::NoCapacity
            | ErrorKind::Denied { .. }
            | ErrorKind::Credentials
            | ErrorKind::NotFound
            | ErrorKind::Prerequisite
            | ErrorKind::Quota
            | ErrorKind::Throttled
            | ErrorKind::Unfit
    )
}
