//! The builder is started, and before it what it needs beside itself. May acquire: a builder, a security group, a
//! role, an instance profile.

use amint_cloud::{
    BuilderId, ErrorKind, LaunchRequest, Placement, Resource, ResourceKind, SupportRequest,
};
use amint_event::Phase;
use jiff::Timestamp;

use crate::acquire::{Intent, acquire};
use crate::call::CallError;
use crate::context::Context;
use crate::error::BuildError;
use crate::journal::{Handed, IntentState, Record};
use crate::phases::preflight::{self, Ground};
use crate::request;
use crate::settle::SETTLING;
use crate::timeline::HandOver;

/// A builder that was started.
#[derive(Clone, Debug)]
pub(crate) struct Builder {
    pub(crate) id: BuilderId,
    /// When it ends itself.
    pub(crate) expires: Timestamp,
}

impl HandOver for Builder {
    fn handed(&self) -> Option<Handed> {
        let id = self.id.0.clone();
        Some(Handed::Builder { id })
    }
}

pub(crate) async fn run(cx: &Context<'_>, ground: &Ground) -> Result<Builder, BuildError> {
    if cx.past.expires.is_none() {
        let expires = request::expires(cx.plan, cx.clock.now());
        cx.record(Record::Launching { expires })?;
    }
    let builder = launched(cx, ground).await?;
    preflight::claim(cx, true).await?;
    Ok(builder)
}

async fn launched(cx: &Context<'_>, ground: &Ground) -> Result<Builder, BuildError> {
    let owner = cx.owner();
    let machine = request::machine(cx.plan);
    let mut supports = Vec::new();
    for kind in &ground.supports {
        let request = SupportRequest {
            owner: owner.clone(),
            machine: machine.clone(),
            placement: ground.placements.first().cloned().unwrap_or_default(),
        };
        supports.push(support(cx, *kind, &request).await?);
    }
    let mut full = None;
    let first = attempt_of_before(cx, ground.placements.len());
    for (attempt, placement) in (1..).zip(&ground.placements).skip(first) {
        let request = LaunchRequest {
            owner: owner.clone(),
            attempt,
            base: ground.base.clone(),
            machine: machine.clone(),
            placement: placement.clone(),
            supports: supports.clone(),
        };
        match launch(cx, &request).await {
            Ok(id) => {
                let expires = owner.expires;
                return Ok(Builder { id, expires });
            }
            Err(error) if kind(&error) == Some(&ErrorKind::NoCapacity) => {
                cx.progress(Phase::Launch, format!("no room for {placement}"));
                full = Some(error);
            }
            Err(error) => return Err(error),
        }
    }
    Err(full.unwrap_or(BuildError::NoPlacement))
}

/// How many attempts an earlier process gave up: the one that it was in may have launched a builder.
fn attempt_of_before(cx: &Context<'_>, placements: usize) -> usize {
    let journal = cx.journal();
    let may_be_there = |attempt: usize| {
        let intent = journal.intent(&token(cx, attempt));
        intent.is_some_and(|state| *state != IntentState::Voided)
    };
    // The last one: those before it had no room.
    let there = (1..=placements)
        .rev()
        .find(|attempt| may_be_there(*attempt));
    there.map_or(0, |attempt| attempt - 1)
}

fn token(cx: &Context<'_>, attempt: impl std::fmt::Display) -> String {
    format!("{}-builder-{attempt}", cx.plan.build_id)
}

async fn support(
    cx: &Context<'_>,
    kind: ResourceKind,
    request: &SupportRequest,
) -> Result<Resource, BuildError> {
    let token = format!("{}-{}", request.owner.build, kind.name().replace(' ', "-"));
    let doing = format!("make a {} for the builder", kind.name());
    let intent = Intent {
        phase: Phase::Launch,
        kind,
        token: &token,
        doing: &doing,
        patience: None,
    };
    let id = acquire(cx, intent, || cx.cloud.create_support(kind, request)).await?;
    Ok(cx.resource(kind, &id))
}

/// What was made a moment ago may not be known everywhere: then the same is asked for again.
async fn launch(cx: &Context<'_>, request: &LaunchRequest) -> Result<BuilderId, BuildError> {
    let Placement { instance_type, .. } = &request.placement;
    if instance_type.is_some() {
        cx.progress(Phase::Launch, format!("launching {}", request.placement));
    }
    let token = token(cx, request.attempt);
    let fresh = !request.supports.is_empty();
    let intent = Intent {
        phase: Phase::Launch,
        kind: ResourceKind::Builder,
        token: &token,
        doing: "launch the builder",
        patience: fresh.then_some(SETTLING),
    };
    let progress = |message: &str| cx.progress(Phase::Launch, message);
    let id = acquire(cx, intent, async || {
        Ok(cx.cloud.launch(request, &progress).await?.0)
    })
    .await?;
    Ok(BuilderId(id))
}

fn kind(error: &BuildError) -> Option<&ErrorKind> {
    match error {
        BuildError::Call {
            source: CallError::Cloud(error),
            ..
        } => Some(&error.kind),
        _ => None,
    }
}
