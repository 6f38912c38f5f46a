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
use crate::release;
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
    match ask(cx, (doing, patience), lost, create).await {
        Ok(id) => {
            cx.acquired(token, kind, &id)?;
            Ok(id)
        }
        Err(Refused { error, for_sure }) => {
            if for_sure {
                cx.journal().voided(cx.clock.now(), token)?;
            }
            Err(error)
        }
    }
}

/// Creates what no list will show, under the name `id` that it has beforehand: it is written down as acquired before it
/// is made, so that whoever finds the journal can release it, whatever happened.
pub(crate) async fn acquire_named<T, F>(
    cx: &Context<'_>,
    intent: Intent<'_>,
    id: &str,
    create: impl Fn() -> F,
) -> Result<T, BuildError>
where
    F: Future<Output = Result<T, CloudError>>,
{
    let Intent {
        phase,
        kind,
        token,
        doing,
        patience,
    } = intent;
    // By a process that died. It may be there, and is made again in its place.
    let held = cx.journal().holds(kind, id);
    if !held {
        let token = unmade(cx, token);
        let open = matches!(cx.journal().intent(&token), Some(IntentState::Open));
        if !open {
            let now = cx.clock.now();
            cx.journal().intend(now, phase, kind, &token)?;
        }
        cx.acquired(&token, kind, id)?;
    }
    let created = ask(cx, (doing, patience), held, create).await;
    created.map_err(|Refused { error, for_sure }| {
        if for_sure {
            release::written_and_told(cx, &cx.resource(kind, id));
        }
        error
    })
}

/// The token, with a number when something was made under it: and given back, by a process that died before it could
/// write down what that was for.
fn unmade(cx: &Context<'_>, token: &str) -> String {
    let journal = cx.journal();
    let (mut numbered, mut number) = (token.to_owned(), 1);
    while let Some(IntentState::Made(_)) = journal.intent(&numbered) {
        number += 1;
        numbered = format!("{token}-{number}");
    }
    numbered
}

/// Nothing came of it.
struct Refused {
    error: BuildError,
    /// There is surely nothing. Otherwise something may be there all the same.
    for_sure: bool,
}

/// Has it created; `lost` when an earlier try may have done it.
async fn ask<T, F>(
    cx: &Context<'_>,
    (doing, patience): (&str, Option<Duration>),
    lost: bool,
    create: impl Fn() -> F,
) -> Result<T, Refused>
where
    F: Future<Output = Result<T, CloudError>>,
{
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
    created.map_err(|error| Refused {
        for_sure: made_nothing(&error) && !lost.get(),
        error,
    })
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
