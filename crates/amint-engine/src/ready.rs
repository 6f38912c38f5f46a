//! Waiting until the builder is ready, and preparing it at the first answer: no package timers, and a
//! dead man's switch.

use std::time::Duration;

use amint_cloud::{ErrorKind, WaitFor};
use jiff::Timestamp;

use crate::call::{CallError, QUICK};
use crate::command::{self, Command, CommandEnd};
use crate::context::Context;
use crate::error::{BuildError, Tail};
use crate::phases::launch::Builder;
use crate::timeline::HandOver;
use crate::wait::{self, Wait, WaitEnd};

/// What asks whether the builder is ready.
const READY: &str = include_str!("ready.sh");
/// Keeps snaps as they are, and apt's own timers from taking its lock in the middle of a step; gone with the next boot. Masking
/// makes systemd read all its units again, so what is masked already (a link to /dev/null) stays as it is.
const MASK_TIMERS: &str = r#"set --
for timer in apt-daily.timer apt-daily-upgrade.timer; do
    [ -c "/run/systemd/system/$timer" ] || set -- "$@" "$timer"
done
[ $# -eq 0 ] || systemctl mask --runtime --now "$@" >/dev/null 2>&1 || :
# A snap that is refreshed may be the remote agent itself.
if command -v snap >/dev/null 2>&1; then snap refresh --hold=24h >/dev/null 2>&1 || :; fi"#;
/// Printed once the builder is prepared.
const PREPARED: &str = "prepared";
/// Exit code of [`READY`] when something is missing.
const NOT_YET: i32 = 75;
/// After how many questions without an answer the builder itself is looked at.
const LOOK_AFTER: u32 = 8;
/// How long one question may take.
const ANSWER: Duration = Duration::from_secs(30);

/// The boot that a builder is in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct BootId(pub(crate) String);

impl HandOver for BootId {}

/// Waits until the builder's agent answers and its boot has finished, in another boot than `previous`.
/// `round` makes the commands' tokens unique.
pub(crate) async fn wait(
    cx: &Context<'_>,
    builder: &Builder,
    round: &str,
    previous: Option<&BootId>,
    limit: Duration,
) -> Result<BootId, BuildError> {
    let mut asking = Asking {
        cx,
        builder,
        previous,
        prepared: false,
        missing: None,
    };
    let (mut tries, mut silent) = (0_u32, 0_u32);
    let wait = Wait {
        waiting_for: WaitFor::State,
        limit,
        builder: Some(&builder.id),
    };
    let ready = wait::until(cx, wait, async || {
        let online = cx.call("reach the builder's agent", QUICK, || {
            cx.cloud.agent_online(&builder.id)
        });
        if !tolerate(online.await)?.unwrap_or(false) {
            silent += 1;
            if silent.is_multiple_of(LOOK_AFTER) && command::has_ended(cx, &builder.id).await {
                return Err(BuildError::BuilderEnded {
                    console: cx.console(&builder.id).await,
                });
            }
            return Ok(None);
        }
        tries += 1;
        asking.ask(format!("ready-{round}-{tries}")).await
    })
    .await;
    match ready {
        Ok(boot) => Ok(boot),
        Err(WaitEnd::Stopped) => Err(cx.stopped()),
        Err(WaitEnd::Failed(error)) => Err(error),
        Err(WaitEnd::TimedOut) => Err(match asking.missing {
            Some(missing) => BuildError::NotReady {
                waited: limit,
                missing,
            },
            None => BuildError::AgentSilent {
                waited: limit,
                reason: why_silent(cx, builder).await,
                console: cx.console(&builder.id).await,
            },
        }),
    }
}

/// What the cloud thinks is the reason.
async fn why_silent(cx: &Context<'_>, builder: &Builder) -> Option<String> {
    let ask = || cx.cloud.why_silent(&builder.id);
    let reason = cx.call("ask why the agent is silent", QUICK, ask).await;
    reason.ok().flatten()
}

struct Asking<'r, 'a> {
    cx: &'r Context<'a>,
    builder: &'r Builder,
    previous: Option<&'r BootId>,
    prepared: bool,
    missing: Option<String>,
}

impl Asking<'_, '_> {
    /// Asks once. The first answers also prepare the builder: each command costs a round trip.
    async fn ask(&mut self, token: String) -> Result<Option<BootId>, BuildError> {
        let previous = self.previous.map(|boot| boot.0.as_str());
        let expires = (!self.prepared).then_some(self.builder.expires);
        let script = script(previous, expires);
        let mut output = Vec::new();
        let mut keep = |bytes: &[u8]| {
            output.extend_from_slice(bytes);
            Ok(())
        };
        let command = Command {
            token,
            script,
            timeout: ANSWER,
        };
        let ended = command::run(self.cx, &self.builder.id, command, &mut keep).await;
        let output = String::from_utf8_lossy(&output);
        self.prepared |= output.lines().any(|line| line == PREPARED);
        let exit_code = match ended {
            Ok(exit_code) => exit_code,
            Err(CommandEnd::TimedOut) => {
                self.missing = Some("a command was started but did not end".to_owned());
                return Ok(None);
            }
            Err(CommandEnd::Failed(error)) => {
                self.missing = Some(error.one_line());
                return tolerate(Err(error)).map(|_: Option<()>| None);
            }
        };
        match exit_code {
            0 => {
                let boot = output
                    .lines()
                    .find_map(|line| line.strip_prefix("boot-id "));
                Ok(Some(BootId(boot.unwrap_or_default().to_owned())))
            }
            NOT_YET => {
                let missing = output
                    .lines()
                    .find_map(|line| line.strip_prefix("missing: "));
                self.missing = Some(
                    missing
                        .unwrap_or("it does not say what is missing")
                        .to_owned(),
                );
                Ok(None)
            }
            exit_code => {
                let output = Tail::of("the script's output", &output);
                Err(BuildError::Unprepared { exit_code, output })
            }
        }
    }
}

/// While a machine boots, calls fail for reasons that pass. Refusals don't, and neither does death.
fn tolerate<T>(result: Result<T, BuildError>) -> Result<Option<T>, BuildError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(BuildError::Call {
            source: CallError::NoAnswer { .. },
            ..
        }) => Ok(None),
        Err(BuildError::Call {
            source: CallError::Cloud(error),
            ..
        }) if matches!(
            error.kind,
            ErrorKind::NotFound | ErrorKind::AnswerLost | ErrorKind::Busy | ErrorKind::Other
        ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The question, after the preparation when `expires` tells when the builder must be gone.
fn script(previous: Option<&str>, expires: Option<Timestamp>) -> String {
    let ready = format!(
        "previous='{}'\n{READY}",
        previous.unwrap_or_default().replace('\'', "")
    );
    match expires {
        None => ready,
        Some(expires) => {
            let expires = expires.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
            let arm = amint_harden::deadman::arm_script(&expires);
            let done = format!("echo {PREPARED}");
            command::sequence([MASK_TIMERS, &arm, &done, &ready])
        }
    }
}

#[cfg(test)]
mod tests;
