//! What a process checks that goes on with a build of another one.

use amint_cloud::{BuilderId, BuilderState};
use amint_event::{ExitClass, Phase};

use crate::call::QUICK;
use crate::context::Context;
use crate::error::BuildError;
use crate::journal::{self, Record};
use crate::phases::launch::Builder;
use crate::phases::{capture, preflight};

/// Why a build is not gone on with.
pub(crate) enum NotResumed {
    /// It can never be: what it holds is given back.
    Hopeless(BuildError),
    /// It may be at another time, or by another version: nothing is touched.
    Refused(BuildError),
}

/// Takes up a build that an earlier process began: makes sure that nothing has come in its way meanwhile, and that
/// its builder is there if it is still needed.
pub(crate) async fn run(cx: &Context<'_>) -> Result<(), NotResumed> {
    if cx.journal().is_finished() {
        return Err(NotResumed::Refused(BuildError::Ended));
    }
    if cx.journal().version() < journal::VERSION {
        return Err(NotResumed::Refused(BuildError::OldJournal));
    }
    let given_up = cx.past.given_up.clone();
    if let Some(why) = given_up {
        let exit = ExitClass::of_code(why.exit).unwrap_or(ExitClass::Internal);
        let error = why.error;
        return hopeless(cx, BuildError::GivenUp { error, exit });
    }
    if cx.past.result.is_none() {
        preflight::profile(cx.plan).map_err(NotResumed::Refused)?;
        let claimed = preflight::claim(cx, cx.past.builder.is_some()).await;
        claimed.map_err(refused)?;
    }
    cx.record(Record::Resumed).map_err(NotResumed::Refused)?;
    if cx.past.result.is_none() {
        preflight::check_waivers(cx).map_err(NotResumed::Hopeless)?;
    }
    if !cx.past.has_done(Phase::Launch) && is_over(cx) {
        // One that was launched now would never end itself.
        let console = None;
        return Err(NotResumed::Hopeless(BuildError::BuilderEnded { console }));
    }
    match builder(cx) {
        Some(builder) if is_needed(cx) => take_over(cx, &builder).await,
        _ => Ok(()),
    }
}

/// An interrupt means that nothing is to be left.
fn refused(error: BuildError) -> NotResumed {
    match error.is_stop() {
        true => NotResumed::Hopeless(error),
        false => NotResumed::Refused(error),
    }
}

fn hopeless(cx: &Context<'_>, error: BuildError) -> Result<(), NotResumed> {
    cx.record(Record::Resumed).map_err(NotResumed::Refused)?;
    Err(NotResumed::Hopeless(error))
}

/// The builder that an earlier process launched.
pub(crate) fn builder(cx: &Context<'_>) -> Option<Builder> {
    let id = cx.past.builder.clone()?;
    let expires = cx.past.expires?;
    Some(Builder {
        id: BuilderId(id),
        expires,
    })
}

/// Whether the builder's time is over.
fn is_over(cx: &Context<'_>) -> bool {
    let expires = cx.past.expires;
    expires.is_some_and(|expires| expires <= cx.clock.now())
}

/// Whether the builder's disk is not known to be in an image yet.
fn is_needed(cx: &Context<'_>) -> bool {
    let captured = cx.journal().intent(&capture::token(cx)).is_some();
    !captured && cx.past.captured.is_none()
}

async fn take_over(cx: &Context<'_>, builder: &Builder) -> Result<(), NotResumed> {
    let adopt = || cx.cloud.adopt(&builder.id);
    let state = match cx.call("take over the builder", QUICK, adopt).await {
        Ok(state) => state,
        // A cloud forgets what has ended.
        Err(error) if error.is_not_found() && is_over(cx) => BuilderState::Terminated,
        // It may have been launched a moment before its process died; whoever needs it waits for it.
        Err(error) if error.may_pass() => BuilderState::Pending,
        Err(error) => return Err(refused(error)),
    };
    // Off is what a seal ends with.
    let sealing = cx.past.sealing.is_some();
    match state {
        BuilderState::Pending | BuilderState::Running => Ok(()),
        BuilderState::Stopped if sealing => Ok(()),
        BuilderState::Stopped | BuilderState::Terminated => {
            let console = cx.console(&builder.id).await;
            Err(NotResumed::Hopeless(BuildError::BuilderEnded { console }))
        }
    }
}

/// The first phase that has not succeeded yet.
pub(crate) fn next_phase(cx: &Context<'_>) -> Phase {
    let next = Phase::ALL.into_iter().find(|one| !cx.past.has_done(*one));
    next.unwrap_or(Phase::Retire)
}
