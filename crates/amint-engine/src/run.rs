//! The phases in order, and what happens when one of them fails.

use std::path::PathBuf;

use amint_cloud::{Clock, Cloud, Published, Resource};
use amint_event::{EventKind, ExitClass, Outcome, Phase};
use amint_harden::Finding;
use amint_plan::BuildPlan;

use crate::cancel::Cancel;
use crate::context::Context;
use crate::emit::{Emitter, Sink};
use crate::error::{BuildError, Failure};
use crate::journal::Journal;
use crate::options::{Options, Summary};
use crate::phases::{
    capture, check, connect, customize, inspect, launch, preflight, publish, record, retire, scrub,
    seal, teardown,
};
use crate::timeline::Timeline;
use crate::unwind::{self, Unwound};

/// Executes `plan` on `cloud`.
///
/// Whatever happens, what was acquired is given back (or named in [`Summary::left`]), the events keep
/// their protocol, and a manifest is there exactly when the build succeeded.
///
/// Runs inside a tokio runtime, by `block_on` or in a `LocalSet`: the compiler cannot prove the future `Send`.
pub async fn execute(
    plan: &BuildPlan,
    cloud: &dyn Cloud,
    clock: &dyn Clock,
    journal: &mut Journal,
    cancel: &Cancel,
    options: &Options,
    sink: &mut Sink<'_>,
) -> Summary {
    let started = clock.now();
    let mut sink = sink;
    let events = Emitter::new(&plan.build_id, clock, cancel, &mut sink);
    let cx = Context::new(plan, cloud, clock, journal, cancel, options, events);
    cx.events.emit(EventKind::RunStarted {
        recipe: plan.recipe.name.clone(),
        plan: plan.digest.clone(),
        steps: plan.steps.len(),
    });
    let summary = match phases(&cx, started).await {
        Ok(built) => succeeded(built),
        Err(failure) => {
            let unwound = unwind::run(&cx, &failure).await;
            failed(failure, unwound)
        }
    };
    if let Err(error) = cx.journal().finished(clock.now(), summary.outcome) {
        tracing::warn!(%error, "could not write down that the build has finished");
    }
    cx.events.emit(EventKind::RunFinished {
        outcome: summary.outcome,
        exit_code: summary.exit.code(),
        error: summary.error.as_ref().map(BuildError::one_line),
    });
    summary
}

/// What a build has made.
struct Built {
    published: Published,
    manifest: PathBuf,
    findings: Vec<Finding>,
    left: Vec<Resource>,
}

async fn phases(cx: &Context<'_>, started: jiff::Timestamp) -> Result<Built, Failure> {
    let mut at = Timeline::new(cx);

    let ground = at.phase(Phase::Preflight, preflight::run(cx)).await?;
    let profile = ground.profile;
    let builder = at.phase(Phase::Launch, launch::run(cx, &ground)).await?;
    let boot = at.phase(Phase::Connect, connect::run(cx, &builder)).await?;
    let steps = at
        .phase(Phase::Customize, customize::run(cx, &builder, boot))
        .await?;
    at.phase(Phase::Check, check::run(cx, &builder, profile))
        .await?;
    let sealed = at
        .phase(Phase::Seal, seal::run(cx, &builder, profile))
        .await?;
    let image = at.phase(Phase::Capture, capture::run(cx, &builder)).await?;
    let image = at.phase(Phase::Scrub, scrub::run(cx, image)).await?;
    let inspected = at
        .phase(Phase::Inspect, inspect::run(cx, &image, profile, &sealed))
        .await?;
    let publication = at.phase(Phase::Publish, publish::run(cx, &image)).await?;

    let facts = record::Facts {
        started,
        base: &ground.base,
        profile,
        steps: &steps,
        inspected: &inspected,
        publication: &publication,
        timings: at.finished(),
    };
    let manifest = at.phase(Phase::Record, record::run(cx, facts)).await?;
    let left = at
        .last(Phase::Teardown, teardown::run(cx), |left| !left.is_empty())
        .await;
    if let Some(keep) = cx.plan.image.publish.keep_last {
        let failed = |retirement: &retire::Retirement| retirement.failed;
        at.last(Phase::Retire, retire::run(cx, keep), failed).await;
    }
    Ok(Built {
        published: publication.published,
        manifest,
        findings: inspected.inspection.findings,
        left,
    })
}

fn succeeded(built: Built) -> Summary {
    Summary {
        outcome: Outcome::Succeeded,
        exit: ExitClass::Success,
        error: None,
        published: Some(built.published),
        manifest: Some(built.manifest),
        findings: built.findings,
        left: built.left,
        access: None,
    }
}

fn failed(failure: Failure, unwound: Unwound) -> Summary {
    let Unwound { left, access } = unwound;
    let stopped = failure.error.is_stop();
    Summary {
        outcome: if stopped {
            Outcome::Cancelled
        } else {
            Outcome::Failed
        },
        exit: failure.exit_class(!left.is_empty()),
        findings: failure.error.findings().to_vec(),
        error: Some(failure.error),
        published: None,
        manifest: None,
        left,
        access,
    }
}
