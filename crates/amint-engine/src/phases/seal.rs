//! The last, detached clean-up, which ends with the power off. Nothing touches the disk afterwards.

use std::time::Duration;

use amint_cloud::{
    BuilderState, CommandId, CommandRequest, CommandState, ErrorKind, OnPowerOff, WaitFor,
};
use amint_event::Phase;
use amint_harden::tracer::Tracers;
use amint_harden::{Profile, seal};

use crate::call::{CallError, QUICK};
use crate::command::{self, Command, CommandEnd};
use crate::context::Context;
use crate::error::{BuildError, Tail};
use crate::journal::{Record, write_seed};
use crate::phases::launch::Builder;
use crate::request;
use crate::settle::{self, SETTLING};
use crate::timeline::HandOver;
use crate::wait::{self, Wait, WaitEnd};

/// How long planting the tracers may take.
const PLANTING: Duration = Duration::from_secs(120);
/// From the start of the seal to the power off.
const LIMIT: Duration = Duration::from_secs(300);
/// How often the command that starts the seal is looked at: it fails at once or not at all, and once the seal has
/// killed the agent, nobody tells how it ended.
const LOOKS: u32 = 2;
/// When the cloud should give up the command that starts the seal.
const STARTING: Duration = Duration::from_secs(120);

/// A builder that powered itself off after its seal.
pub(crate) struct Sealed {
    pub(crate) tracers: Tracers,
    /// What the tracers stand for that are not known to have reached the disk.
    pub(crate) unproven: Vec<String>,
}

impl HandOver for Sealed {}

pub(crate) async fn run(
    cx: &Context<'_>,
    builder: &Builder,
    profile: &Profile,
) -> Result<Sealed, BuildError> {
    let sealed = match before(cx) {
        Some(sealed) => sealed,
        None => tracers(cx, builder).await?,
    };
    let doing = "make the builder keep its disk when it powers off";
    let set = || cx.cloud.set_on_power_off(&builder.id, OnPowerOff::Stop);
    settle::call(cx, doing, QUICK, SETTLING, set).await?;
    let launched = launch(cx, builder, profile).await?;
    cx.progress(Phase::Seal, "the seal runs, the builder powers itself off");
    wait_for_power_off(cx, builder, launched).await?;
    Ok(sealed)
}

/// What an earlier process planted, if the seal was about to be started then.
pub(crate) fn before(cx: &Context<'_>) -> Option<Sealed> {
    let unproven = cx.past.sealing.clone()?;
    let seed = cx.past.tracer_seed?;
    Some(Sealed {
        tracers: Tracers::derive(&seed),
        unproven,
    })
}

async fn tracers(cx: &Context<'_>, builder: &Builder) -> Result<Sealed, BuildError> {
    let seed = match cx.past.tracer_seed {
        Some(seed) => seed,
        None => {
            let seed = write_seed(&cx.options.tracer_seed);
            cx.record(Record::Planting { seed })?;
            cx.options.tracer_seed
        }
    };
    let tracers = Tracers::derive(&seed);
    let unproven = plant(cx, builder, &tracers).await?;
    let unproven: Vec<String> = unproven.into_iter().map(str::to_owned).collect();
    cx.record(Record::Sealing {
        unproven: unproven.clone(),
    })?;
    Ok(Sealed { tracers, unproven })
}

/// Whether an agent that is gone may be what is behind the error.
fn may_be_silence(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NotFound | ErrorKind::Gone | ErrorKind::Busy | ErrorKind::Other
    )
}

/// Returns what could not be proven.
async fn plant(
    cx: &Context<'_>,
    builder: &Builder,
    tracers: &Tracers,
) -> Result<Vec<&'static str>, BuildError> {
    let command = Command {
        token: "tracers".to_owned(),
        script: tracers.plant_script(&cx.plan.seal.application_logs),
        timeout: PLANTING,
    };
    let mut output = Vec::new();
    let mut keep = |bytes: &[u8]| {
        output.extend_from_slice(bytes);
        Ok(())
    };
    match command::run(cx, &builder.id, command, &mut keep).await {
        Ok(0) => Ok(Tracers::unproven(&String::from_utf8_lossy(&output))),
        Ok(exit_code) => {
            let output = Tail::of("the script's output", &String::from_utf8_lossy(&output));
            Err(BuildError::TracersNotPlanted { exit_code, output })
        }
        Err(CommandEnd::TimedOut) => Err(BuildError::CommandTimedOut {
            doing: "plant the tracers",
            timeout: PLANTING,
        }),
        Err(CommandEnd::Failed(error)) => Err(error),
    }
}

/// Starts the seal; no command when its answer was lost. From here on the agent may be gone at any moment.
async fn launch(
    cx: &Context<'_>,
    builder: &Builder,
    profile: &Profile,
) -> Result<Option<CommandId>, BuildError> {
    let logs = &cx.plan.seal.application_logs;
    let request = CommandRequest {
        build: cx.plan.build_id.clone(),
        token: "seal".to_owned(),
        script: seal::launch_script(
            profile,
            &cx.plan.build_id,
            logs,
            request::removes_agent(cx.plan),
        ),
        timeout: STARTING,
    };
    let resumed = cx.past.sealing.is_some();
    cx.call("start the seal", QUICK, async || {
        match cx.cloud.start_command(&builder.id, &request).await {
            Ok(id) => Ok(Some(id)),
            Err(error) if error.kind == ErrorKind::AnswerLost => Ok(None),
            // An earlier process may have started it: then there is no agent any more that could be asked.
            Err(error) if resumed && may_be_silence(&error.kind) => {
                tracing::debug!(%error, "the seal cannot be started, it may be at work");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    })
    .await
}

async fn wait_for_power_off(
    cx: &Context<'_>,
    builder: &Builder,
    launched: Option<CommandId>,
) -> Result<(), BuildError> {
    let (mut launched, mut looks) = (launched, LOOKS);
    let wait = Wait {
        waiting_for: WaitFor::State,
        limit: LIMIT,
        builder: Some(&builder.id),
    };
    let off = wait::until(cx, wait, async || {
        let state = cx.call("ask about the builder", QUICK, || {
            cx.cloud.builder_state(&builder.id)
        });
        match state.await {
            Ok(BuilderState::Stopped) => return Ok(Some(())),
            Ok(BuilderState::Terminated) => {
                return Err(BuildError::BuilderEnded {
                    console: cx.console(&builder.id).await,
                });
            }
            Ok(BuilderState::Pending | BuilderState::Running) => {}
            Err(error) => return later(error).map(|()| None),
        }
        if let Some(command) = launched.as_ref().filter(|_| looks > 0)
            && let Some(exit_code) = launch_ended(cx, builder, command).await?
        {
            if exit_code != 0 {
                return Err(not_started(cx, builder, command, exit_code).await);
            }
            launched = None;
        }
        looks = looks.saturating_sub(1);
        Ok(None)
    })
    .await;
    match off {
        Ok(()) => Ok(()),
        Err(WaitEnd::Stopped) => Err(cx.stopped()),
        Err(WaitEnd::Failed(error)) => Err(error),
        Err(WaitEnd::TimedOut) => {
            let console = cx.console(&builder.id).await;
            Err(BuildError::SealHung {
                waited: LIMIT,
                console,
            })
        }
    }
}

/// The exit code of the command that starts the seal, once it has one. The seal kills the agent, so that
/// no answer is no failure.
async fn launch_ended(
    cx: &Context<'_>,
    builder: &Builder,
    command: &CommandId,
) -> Result<Option<i32>, BuildError> {
    let ask = || cx.cloud.command_state(&builder.id, command);
    match cx.call("ask about the seal", QUICK, ask).await {
        Ok(CommandState::Finished { exit_code }) => Ok(Some(exit_code)),
        Err(error) if error.is_stop() => Err(error),
        Ok(CommandState::Running) | Err(_) => Ok(None),
    }
}

async fn not_started(
    cx: &Context<'_>,
    builder: &Builder,
    command: &CommandId,
    exit_code: i32,
) -> BuildError {
    let read = || cx.cloud.command_output(&builder.id, command, 0);
    let text = cx
        .call("read the seal's output", QUICK, read)
        .await
        .unwrap_or_default();
    let output = Tail::of("its output", &String::from_utf8_lossy(&text.bytes));
    BuildError::SealNotStarted { exit_code, output }
}

/// A look-up that fails in passing is asked again; the wait's own limit ends it.
fn later(error: BuildError) -> Result<(), BuildError> {
    match &error {
        BuildError::Call {
            source: CallError::NoAnswer { .. },
            ..
        } => Ok(()),
        BuildError::Call {
            source: CallError::Cloud(cloud),
            ..
        } if matches!(
            cloud.kind,
            ErrorKind::Other | ErrorKind::NotFound | ErrorKind::AnswerLost
        ) =>
        {
            Ok(())
        }
        _ => Err(error),
    }
}
