//! The phases in order, and what happens when one of them fails.

use amint_cloud::{Clock, Cloud, Resource};
use amint_event::{EventKind, ExitClass, Outcome, Phase};
use amint_harden::Profile;
use amint_plan::BuildPlan;

use crate::cancel::Cancel;
use crate::context::Context;
use crate::emit::{Emitter, Sink};
use crate::error::{BuildError, Failure};
use crate::journal::Journal;
use crate::options::{Options, Summary};
use crate::phases::capture::Captured;
use crate::phases::launch::Builder;
use crate::phases::record::Recorded;
use crate::phases::scrub::Clean;
use crate::phases::seal::Sealed;
use crate::phases::{
    capture, check, connect, customize, inspect, launch, preflight, publish, record, retire, scrub,
    seal, teardown,
};
use crate::release;
use crate::resume::{self, NotResumed};
use crate::step::StepReport;
use crate::timeline::Timeline;
use crate::unwind::{self, Unwound};

/// Executes `plan` on `cloud`: from its beginning, or from where the process died that `journal` is of.
///
/// Whatever happens, what was acquired is given back (or named in [`Summary::left`]), the events keep
/// their protocol, and a manifest is there exactly when the build succeeded. Only a build that another process began
/// and that can't be gone on with *now* is left as it is; its exit class says what stands in the way.
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
    journal.mask(options.masks.clone());
    let mut sink = sink;
    let events = Emitter::new(&plan.build_id, clock, cancel, &options.masks, &mut sink);
    let cx = Context::new(plan, cloud, clock, journal, cancel, options, events);
    cx.events.emit(EventKind::RunStarted {
        recipe: plan.series(),
        plan: plan.digest.clone(),
        steps: plan.steps.len(),
        resumed: !cx.past.is_empty(),
    });
    let ended = whole(&cx, started).await;
    let refused = matches!(ended, Err(Ended::Refused(_)));
    let summary = match ended {
        Ok(built) => succeeded(built),
        Err(Ended::Refused(failure)) => self::refused(&cx, failure),
        Err(Ended::Failed(failure)) => {
            let unwound = unwind::run(&cx, &failure).await;
            failed(failure, unwound)
        }
    };
    // What could not be given back is another process's to give back.
    let over = summary.outcome == Outcome::Succeeded || summary.left.is_empty();
    if !refused
        && over
        && let Err(error) = cx.journal().finished(clock.now(), summary.outcome)
    {
        tracing::warn!(%error, "could not write down that the build has finished");
    }
    cx.events.emit(EventKind::RunFinished {
        outcome: summary.outcome,
        exit_code: summary.exit.code(),
        error: summary.error.as_ref().map(BuildError::one_line),
    });
    summary
}

/// How a build ended that did not succeed.
enum Ended {
    /// It is given up.
    Failed(Failure),
    /// It is left as an earlier process left it.
    Refused(Failure),
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Ended::Failed(failure)
    }
}

/// What a build has made.
struct Built {
    recorded: Recorded,
    left: Vec<Resource>,
}

async fn whole(cx: &Context<'_>, started: jiff::Timestamp) -> Result<Built, Ended> {
    if !cx.past.is_empty() {
        let phase = resume::next_phase(cx);
        resume::run(cx).await.map_err(|why| match why {
            NotResumed::Hopeless(error) => Ended::Failed(Failure { phase, error }),
            NotResumed::Refused(error) => Ended::Refused(Failure { phase, error }),
        })?;
    }
    Ok(phases(cx, started).await?)
}

async fn phases(cx: &Context<'_>, started: jiff::Timestamp) -> Result<Built, Failure> {
    let mut at = Timeline::new(cx);
    let recorded = match record::before(cx) {
        Some(recorded) => recorded,
        None => published(cx, &mut at, started).await?,
    };
    let left = at
        .last(Phase::Teardown, teardown::run(cx), |left| !left.is_empty())
        .await;
    if let Some(keep) = cx.plan.image.publish.keep_last {
        let failed = |retirement: &retire::Retirement| retirement.failed;
        at.last(Phase::Retire, retire::run(cx, keep), failed).await;
    }
    Ok(Built { recorded, left })
}

/// From the recipe to the image that its users can have.
async fn published(
    cx: &Context<'_>,
    at: &mut Timeline<'_, '_>,
    started: jiff::Timestamp,
) -> Result<Recorded, Failure> {
    let past = &cx.past;
    let phase = Phase::Preflight;
    let profile = preflight::profile(cx.plan).map_err(|error| Failure { phase, error })?;

    let ground = past.ground.clone();
    let ground = at
        .unless(ground, Phase::Preflight, preflight::run(cx))
        .await?;
    let builder = resume::builder(cx).filter(|_| past.has_done(Phase::Launch));
    let builder = at
        .unless(builder, Phase::Launch, launch::run(cx, &ground))
        .await?;
    let (steps, sealed) = sealed(cx, at, &builder, profile).await?;
    let captured = past.captured.clone().map(Captured::before);
    let captured = at
        .unless(captured, Phase::Capture, capture::run(cx, &builder))
        .await?;
    let clean = past.scrubbed.as_deref().map(Clean::before);
    let clean = at
        .unless(clean, Phase::Scrub, scrub::run(cx, captured))
        .await?;
    let image = &clean.image;
    let inspected = at
        .phase(Phase::Inspect, inspect::run(cx, image, profile, &sealed))
        .await?;
    let fingerprint = cx.plan.fingerprint(&ground.base.id);
    let publication = at
        .phase(Phase::Publish, publish::run(cx, image, &fingerprint))
        .await?;

    let facts = record::Facts {
        started: past.started.unwrap_or(started),
        base: &ground.base,
        profile,
        steps: &steps,
        inspected: &inspected,
        publication: &publication,
        timings: at.finished(),
    };
    at.phase(Phase::Record, record::run(cx, facts)).await
}

/// What happens on the builder. Its agent is reached anew by each process, until the seal is about to be started.
async fn sealed(
    cx: &Context<'_>,
    at: &mut Timeline<'_, '_>,
    builder: &Builder,
    profile: &'static Profile,
) -> Result<(Vec<StepReport>, Sealed), Failure> {
    let sealing = seal::before(cx);
    let steps = match sealing {
        Some(_) => customize::done_before(cx),
        None => {
            let boot = at.phase(Phase::Connect, connect::run(cx, builder)).await?;
            let steps = at
                .phase(Phase::Customize, customize::run(cx, builder, boot))
                .await?;
            at.phase(Phase::Check, check::run(cx, builder, profile))
                .await?;
            steps
        }
    };
    let sealed = sealing.filter(|_| cx.past.has_done(Phase::Seal));
    let sealed = at
        .unless(sealed, Phase::Seal, seal::run(cx, builder, profile))
        .await?;
    Ok((steps, sealed))
}

fn succeeded(built: Built) -> Summary {
    let Recorded {
        published,
        manifest,
        waived,
        inspection,
    } = built.recorded;
    Summary {
        outcome: Outcome::Succeeded,
        exit: ExitClass::Success,
        error: None,
        published: Some(published),
        manifest: Some(manifest),
        inspection,
        waived,
        left: built.left,
        access: None,
    }
}

/// What the build holds stays, and is named.
fn refused(cx: &Context<'_>, failure: Failure) -> Summary {
    let unwound = Unwound {
        left: release::held(cx),
        access: None,
    };
    let exit = failure.exit_class(false);
    Summary {
        exit,
        ..failed(failure, unwound)
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
        inspection: failure.error.inspection().cloned().map(Box::new),
        waived: 0,
        error: Some(failure.error),
        published: None,
        manifest: None,
        left,
        access,
    }
}
