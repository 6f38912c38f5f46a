//! What happens after a failure or an interrupt: everything goes back, unless the user wants a look.

use std::time::Duration;

use amint_cloud::{BuilderId, BuilderState, ImageId, Resource, ResourceKind};
use amint_event::{EventKind, Phase};

use crate::call;
use crate::cancel::CancelLevel;
use crate::context::Context;
use crate::error::{BuildError, Failure};
use crate::journal::Record;
use crate::look_up;
use crate::options::OnError;
use crate::phases::record;
use crate::release;

/// What an unwind leaves behind.
#[derive(Debug, Default)]
pub(crate) struct Unwound {
    /// What could not be given back.
    pub(crate) left: Vec<Resource>,
    /// How to get into a builder that was kept, and when it ends itself.
    pub(crate) access: Option<String>,
}

pub(crate) async fn run(cx: &Context<'_>, failure: &Failure) -> Unwound {
    if matches!(failure.error, BuildError::Interrupted) {
        cx.events.emit(EventKind::CancelRequested);
    }
    cx.events.emit(EventKind::UnwindStarted);
    let given_up = Record::unwinding(failure.error.one_line(), failure.exit_class(false));
    if let Err(error) = cx.record(given_up) {
        tracing::warn!(%error, "could not write down that the build is given up");
    }
    record::take_back(cx);
    let deadline = match failure.error.is_stop() {
        true => cx.options.interrupt_deadline,
        false => cx.options.unwind_deadline,
    };
    let end = cx.clock.steady().saturating_add(deadline);
    let time_left = || end.saturating_sub(cx.clock.steady());

    let releasing = release::of_build(cx);
    let mut held = release::held(cx);
    let access = keep_builder(cx, failure, &mut held, time_left()).await;
    withdraw(cx, &held, time_left()).await;
    // What is known goes first: looking for the unknown takes time. But what was found may keep it busy.
    let mut left = release::resources(releasing.once(held, time_left()).await);
    let intents = look_up::unsettled(cx);
    let mut certain = true;
    if !intents.is_empty() {
        let seen = look_up::run(cx, &intents, &release::owned(cx), time_left()).await;
        certain = seen.certain;
        left.extend(seen.found);
    }
    let left = releasing.all(left, time_left()).await;
    release::report_left(cx, &left);
    let mut left = release::resources(left);
    if !certain {
        left.extend(look_up::report_unknown(cx));
    }
    Unwound { left, access }
}

/// A sweep must not take what is given back here for something that its users have, should it not go.
async fn withdraw(cx: &Context<'_>, held: &[Resource], limit: Duration) {
    if !cx.journal().has_passed(Phase::Inspect) {
        return;
    }
    let owner = cx.image_owner();
    for image in held.iter().filter(|one| one.kind == ResourceKind::Image) {
        let id = ImageId(image.id.clone());
        let ask = || cx.cloud.withdraw(&id, &owner);
        let done = call::call(cx.calling(CancelLevel::Aborted, limit / 6), ask).await;
        if let Err(end) = done {
            tracing::debug!(id = image.id, ?end, "an image could not be withdrawn");
        }
    }
}

/// Takes the builder out of what is given back, if the user asked for it and it is there to be looked at.
/// An interrupt is a wish to have nothing left.
async fn keep_builder(
    cx: &Context<'_>,
    failure: &Failure,
    held: &mut Vec<Resource>,
    limit: Duration,
) -> Option<String> {
    if cx.options.on_error == OnError::Cleanup || failure.error.is_stop() {
        return None;
    }
    let builder = held.iter().find(|one| one.kind == ResourceKind::Builder)?;
    let id = BuilderId(builder.id.clone());
    let ask = || cx.cloud.builder_state(&id);
    let state = call::call(cx.calling(CancelLevel::Aborted, limit / 3), ask).await;
    if !matches!(state, Ok(BuilderState::Running)) {
        return None;
    }
    let ask = || cx.cloud.access(&id);
    let access = call::call(cx.calling(CancelLevel::Aborted, limit / 3), ask).await;
    let access = match access {
        Ok(access) => access,
        Err(end) => {
            tracing::warn!(?end, "the builder cannot be kept and is released");
            return None;
        }
    };
    let (kept, rest): (Vec<_>, Vec<_>) = held.drain(..).partition(|one| serves_builder(one.kind));
    *held = rest;
    let mut with_it = Vec::new();
    for resource in kept {
        let written = cx
            .journal()
            .kept(cx.clock.now(), resource.kind, &resource.id);
        if let Err(error) = written {
            tracing::warn!(%error, id = resource.id, "could not write down that something is kept");
        }
        if resource.kind != ResourceKind::Builder {
            with_it.push(format!(
                "\n{} {} stays with it",
                resource.kind.name(),
                resource.id
            ));
        }
    }
    let end = match failure.phase {
        // The dead man's switch may not be armed yet.
        Phase::Preflight | Phase::Launch | Phase::Connect => {
            "it may not end itself: release it when you are done".to_owned()
        }
        _ => {
            let expires = cx.deadline();
            format!("it ends itself at {}", expires.strftime("%F %T UTC"))
        }
    };
    Some(format!("{access}\n{end}{}", with_it.concat()))
}

/// The builder, and what it cannot do without: its agent is let in by its role.
fn serves_builder(kind: ResourceKind) -> bool {
    matches!(
        kind,
        ResourceKind::Builder
            | ResourceKind::SecurityGroup
            | ResourceKind::InstanceProfile
            | ResourceKind::Role
    )
}
