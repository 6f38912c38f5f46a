//! Running one command on the builder to its end, its output read while it runs.

use std::time::Duration;

use amint_cloud::{
    BuilderId, BuilderState, CommandId, CommandRequest, CommandState, ErrorKind, WaitFor,
};

use crate::call::{CallError, QUICK};
use crate::context::Context;
use crate::error::BuildError;
use crate::wait::{self, Wait, WaitEnd};

/// The cloud gives a command up by itself this much later than the engine does: a last resort.
const GRACE: Duration = Duration::from_secs(30);

/// What to run.
pub(crate) struct Command {
    /// Unique in the build.
    pub(crate) token: String,
    pub(crate) script: String,
    pub(crate) timeout: Duration,
}

/// A command that has no exit code.
#[derive(Debug)]
pub(crate) enum CommandEnd {
    TimedOut,
    Failed(BuildError),
}

impl From<BuildError> for CommandEnd {
    fn from(error: BuildError) -> Self {
        CommandEnd::Failed(error)
    }
}

/// Runs `command` and returns its exit code. All of its output has gone to `output` by then.
pub(crate) async fn run(
    cx: &Context<'_>,
    builder: &BuilderId,
    command: Command,
    output: &mut (dyn FnMut(&[u8]) -> Result<(), BuildError> + Send),
) -> Result<i32, CommandEnd> {
    let Command {
        token,
        script,
        timeout,
    } = command;
    let start = cx.clock.steady();
    let request = CommandRequest {
        build: cx.plan.build_id.clone(),
        token,
        script,
        timeout: timeout.saturating_add(GRACE),
    };
    let starting = || cx.cloud.start_command(builder, &request);
    let id = match cx
        .call(
            "start a command on the builder",
            QUICK.min(timeout),
            starting,
        )
        .await
    {
        Ok(id) => id,
        Err(error) => return Err(diagnose(cx, builder, error).await.into()),
    };
    let left = timeout.saturating_sub(cx.clock.steady().saturating_sub(start));
    let mut reading = Reading {
        cx,
        builder,
        id: &id,
        offset: 0,
        last: start,
    };
    let wait = Wait {
        waiting_for: WaitFor::Command,
        limit: left,
        builder: Some(builder),
    };
    let ended = wait::until(cx, wait, async || {
        // The state first: what is printed before the end is there to be read after it.
        let state = cx
            .call("ask about a command", QUICK, || {
                cx.cloud.command_state(builder, &id)
            })
            .await?;
        if matches!(state, CommandState::Finished { .. }) || reading.is_due() {
            reading.read(output).await?;
        }
        Ok(match state {
            CommandState::Running => None,
            CommandState::Finished { exit_code } => Some(exit_code),
        })
    })
    .await;
    match ended {
        Ok(exit_code) => Ok(exit_code),
        Err(WaitEnd::TimedOut) => {
            // What it printed last tells what it hangs in; whether it can be had is another question.
            if let Err(error) = reading.read(output).await {
                tracing::warn!(%error, "could not read what a hanging command printed");
            }
            let cancel = || cx.cloud.cancel_command(builder, &id);
            if let Err(error) = cx.call("stop a command", QUICK, cancel).await {
                tracing::warn!(%error, "could not stop a hanging command");
            }
            Err(CommandEnd::TimedOut)
        }
        Err(WaitEnd::Stopped) => Err(cx.stopped().into()),
        Err(WaitEnd::Failed(error)) => Err(diagnose(cx, builder, error).await.into()),
    }
}

/// Reads what a command prints.
struct Reading<'r, 'a> {
    cx: &'r Context<'a>,
    builder: &'r BuilderId,
    id: &'r CommandId,
    offset: u64,
    /// When it was read last.
    last: Duration,
}

impl Reading<'_, '_> {
    /// Whether the cloud likes to be asked again.
    fn is_due(&self) -> bool {
        let since = self.cx.clock.steady().saturating_sub(self.last);
        since >= self.cx.cloud.output_gap()
    }

    async fn read(
        &mut self,
        output: &mut (dyn FnMut(&[u8]) -> Result<(), BuildError> + Send),
    ) -> Result<(), BuildError> {
        loop {
            let ask = || {
                self.cx
                    .cloud
                    .command_output(self.builder, self.id, self.offset)
            };
            let part = self.cx.call("read a command's output", QUICK, ask).await?;
            self.last = self.cx.clock.steady();
            self.offset += part.bytes.len() as u64;
            if !part.bytes.is_empty() {
                output(&part.bytes)?;
            }
            if !part.more || part.bytes.is_empty() {
                return Ok(());
            }
        }
    }
}

/// A call may fail because the builder is no more: then that is the error.
async fn diagnose(cx: &Context<'_>, builder: &BuilderId, error: BuildError) -> BuildError {
    let BuildError::Call { source, .. } = &error else {
        return error;
    };
    let gone = matches!(source, CallError::Cloud(cloud) if cloud.kind == ErrorKind::Gone);
    if gone || has_ended(cx, builder).await {
        return BuildError::BuilderEnded {
            console: cx.console(builder).await,
        };
    }
    error
}

/// Whether the builder is off or gone.
pub(crate) async fn has_ended(cx: &Context<'_>, builder: &BuilderId) -> bool {
    let state = cx
        .call("ask about the builder", QUICK, || {
            cx.cloud.builder_state(builder)
        })
        .await;
    matches!(state, Ok(BuilderState::Stopped | BuilderState::Terminated))
}

/// One script that runs `parts` in turn, each in its own shell, and ends with the first that fails.
pub(crate) fn sequence<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut script = String::new();
    for part in parts {
        // Not `( … ) || exit`: that would switch off a part's own `set -e`.
        script.push_str("(\n");
        script.push_str(part.trim_end());
        script.push_str("\n)\nstatus=$?\n[ \"$status\" -eq 0 ] || exit \"$status\"\n");
    }
    script
}

#[cfg(test)]
mod tests {
    use super::sequence;

    fn sh(script: &str) -> (Option<i32>, String) {
        let output = std::process::Command::new("sh")
            .args(["-c", script])
            .output()
            .expect("there is a shell");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    }

    #[test]
    fn parts_run_in_turn_and_do_not_share_their_settings() {
        let script = sequence(["set -e\nx=1\necho \"a$x\"", "false\necho \"b${x-}\"\n"]);
        assert_eq!(sh(&script), (Some(0), "a1\nb\n".to_owned()));
    }

    #[test]
    fn the_first_part_that_fails_ends_the_script() {
        let script = sequence(["set -e\nfalse\necho not reached", "echo not reached"]);
        assert_eq!(sh(&script), (Some(1), String::new()));
        assert_eq!(
            sh(&sequence(["exit 7", "echo not reached"])),
            (Some(7), String::new())
        );
    }
}
