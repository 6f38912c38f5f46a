//! The recipe's steps run.

use std::time::Duration;

use amint_cloud::{CloudError, ErrorKind, FileUpload};
use amint_plan::{Action, Step};

use crate::call::QUICK;
use crate::command::{self, Command};
use crate::context::Context;
use crate::error::BuildError;
use crate::journal::Record;
use crate::phases::launch::Builder;
use crate::ready::{self, BootId};
use crate::secret::Delivery;
use crate::step::{self, Header, Running, StepReport};
use crate::timeline::HandOver;
use crate::upload;

pub(crate) async fn run(
    cx: &Context<'_>,
    builder: &Builder,
    mut boot: BootId,
) -> Result<Vec<StepReport>, BuildError> {
    let mut reports = done_before(cx);
    let mut secrets = Delivery::new(cx, builder);
    for one in &cx.plan.steps {
        if cx.past.steps.iter().any(|done| done.index == one.index) {
            continue;
        }
        secrets.before(one).await?;
        let header = Header {
            index: one.index,
            name: &one.name,
            kind: &one.kind,
            timeout: Duration::from_secs(one.timeout_seconds),
        };
        let work = async |running: &mut Running<'_, '_>| {
            for (number, action) in (1..).zip(&one.actions) {
                perform(cx, builder, &mut boot, one, number, action, running).await?;
            }
            Ok(())
        };
        let report = step::report(cx, header, work).await?;
        cx.record(Record::StepFinished {
            index: one.index,
            duration_ms: report.duration_ms,
            exit_code: report.exit_code,
        })?;
        reports.push(report);
        secrets.after(one);
    }
    secrets.end().await?;
    Ok(reports)
}

/// What earlier processes did of the recipe's steps.
pub(crate) fn done_before(cx: &Context<'_>) -> Vec<StepReport> {
    let done = cx.past.steps.iter().map(|done| StepReport {
        duration_ms: done.duration_ms,
        exit_code: done.exit_code,
    });
    done.collect()
}

impl HandOver for Vec<StepReport> {}

async fn perform(
    cx: &Context<'_>,
    builder: &Builder,
    boot: &mut BootId,
    step: &Step,
    number: usize,
    action: &Action,
    running: &mut Running<'_, '_>,
) -> Result<(), BuildError> {
    let token = format!("step-{:02}-{number}", step.index);
    match action {
        Action::Run { script } => {
            let (script, timeout) = (script.clone(), running.time_left());
            let command = Command {
                token,
                script,
                timeout,
            };
            let mut output = |bytes: &[u8]| running.output(bytes);
            let end = command::run(cx, &builder.id, command, &mut output).await;
            running.ended(end)
        }
        Action::Upload {
            to,
            owner,
            group,
            mode,
            content,
            ..
        } => {
            let file = FileUpload {
                to: to.clone(),
                owner: owner.clone(),
                group: group.clone(),
                mode: *mode,
                content: content.clone(),
            };
            upload::run(cx, &builder.id, &token, &file, running).await
        }
        Action::Reboot => {
            let before = Record::Rebooting {
                step: step.index,
                boot: boot.0.clone(),
            };
            match &cx.past.rebooting {
                // By an earlier process, and it is over.
                Some((index, from)) if *index == step.index && *from != boot.0 => return Ok(()),
                _ => cx.record(before)?,
            }
            *boot = reboot(cx, builder, &token, boot, running).await?;
            Ok(())
        }
    }
}

/// The new boot's id tells that the reboot has happened: an agent that answers may be the old one.
async fn reboot(
    cx: &Context<'_>,
    builder: &Builder,
    round: &str,
    boot: &BootId,
    running: &Running<'_, '_>,
) -> Result<BootId, BuildError> {
    cx.call("reboot the builder", QUICK, async || {
        let answer = cx.cloud.reboot(&builder.id).await;
        answer.or_else(lost_is_fine)
    })
    .await?;
    let round = match cx.past.resumed {
        0 => round.to_owned(),
        resumed => format!("{round}-{resumed}"),
    };
    ready::wait(cx, builder, &round, Some(boot), running.time_left()).await
}

/// A rebooting machine may not get round to an answer, and asking again could reboot it twice.
fn lost_is_fine(error: CloudError) -> Result<(), CloudError> {
    match error.kind {
        ErrorKind::AnswerLost => Ok(()),
        _ => Err(error),
    }
}
