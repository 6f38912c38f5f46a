//! When secrets are on the builder, and how they get there and away.

use std::time::Duration;

use amint_event::Phase;
use amint_plan::{Action, SECRETS_FOLDER, Step};

use super::encrypt::PublicKey;
use super::{Secret, SecretError};
use crate::command::{self, Command, CommandEnd};
use crate::context::Context;
use crate::error::{BuildError, Tail};
use crate::phases::launch::Builder;

/// Makes the key pair.
const MAKE_KEY: &str = include_str!("make-key.sh");
/// How what was encrypted is taken.
const RECEIVE: &str = include_str!("receive.sh");
/// Exit code of [`MAKE_KEY`] when something is missing.
const LACKING: i32 = 75;
/// How long a command may take: a key is made in a second, or in a minute under emulation.
const LIMIT: Duration = Duration::from_secs(300);
/// The largest secret, in bytes: encrypted, it fits one command.
pub const LARGEST: usize = 16 << 10;
/// The most of encrypted text, in bytes, that one command holds: clouds take about 60,000 of a script.
const MOST: usize = 32 << 10;
/// The most that is kept of what a command prints, in bytes.
const KEPT: usize = 64 << 10;

/// Whether the secrets are on the builder.
pub(crate) struct Delivery<'r, 'a> {
    cx: &'r Context<'a>,
    builder: &'r Builder,
    /// Position of the first step that they are there for.
    first: Option<usize>,
    there: bool,
    /// How often they were brought by this process.
    rounds: usize,
}

impl<'r, 'a> Delivery<'r, 'a> {
    pub(crate) fn new(cx: &'r Context<'a>, builder: &'r Builder) -> Self {
        Self {
            cx,
            builder,
            first: cx.plan.first_use_of_secrets(),
            there: false,
            rounds: 0,
        }
    }

    /// Brings them before a step that may read one. What an earlier process brought is brought again: it is not known to
    /// be there.
    pub(crate) async fn before(&mut self, step: &Step) -> Result<(), BuildError> {
        let reads = step
            .actions
            .iter()
            .any(|action| !matches!(action, Action::Reboot));
        let wanted = self.first.is_some_and(|first| first <= step.index);
        if self.there || !reads || !wanted {
            return Ok(());
        }
        self.rounds += 1;
        self.bring().await?;
        self.there = true;
        Ok(())
    }

    /// The step is over: what was in memory may be gone.
    pub(crate) fn after(&mut self, step: &Step) {
        let reboots = |action: &Action| matches!(action, Action::Reboot);
        self.there &= !step.actions.iter().any(reboots);
    }

    /// Takes them away: no step follows.
    pub(crate) async fn end(&self) -> Result<(), BuildError> {
        if self.first.is_none() {
            return Ok(());
        }
        let script = format!("rm -rf {SECRETS_FOLDER} /run/amint/exchange");
        self.run("remove", "forget the secrets", script).await?;
        Ok(())
    }

    async fn bring(&self) -> Result<(), BuildError> {
        let secrets = self.values()?;
        let printed = self
            .run("key", "make a key for the secrets", MAKE_KEY.to_owned())
            .await?;
        let key = PublicKey::find(&printed)?;
        let scripts = scripts(&key, &secrets)?;
        for (number, script) in (1..).zip(scripts) {
            let token = format!("part-{number}");
            self.run(&token, "take the secrets", script).await?;
        }
        let names: Vec<&str> = secrets.iter().map(|one| one.name.as_str()).collect();
        let names = names.join(", ");
        let progress = format!("the builder has the secrets: {names}");
        self.cx.progress(Phase::Customize, &progress);
        Ok(())
    }

    /// The secrets of the plan, with their values.
    fn values(&self) -> Result<Vec<&'r Secret>, SecretError> {
        let value = |name: &str| {
            let mut given = self.cx.options.values.iter();
            let found = given.find(|given| given.name == name);
            found.ok_or_else(|| SecretError::NoValue {
                name: name.to_owned(),
            })
        };
        let secrets = self.cx.plan.secrets.iter();
        secrets.map(|secret| value(&secret.name)).collect()
    }

    /// Runs a command to its end and returns what it printed.
    async fn run(
        &self,
        what: &str,
        doing: &'static str,
        script: String,
    ) -> Result<String, BuildError> {
        // An earlier process may have begun the same: its answers tell about its time.
        let (resumed, round) = (self.cx.past.resumed, self.rounds);
        let command = Command {
            token: format!("secrets-{resumed}-{round}-{what}"),
            script,
            timeout: LIMIT,
        };
        let mut output = Vec::new();
        let mut keep = |bytes: &[u8]| {
            let room = KEPT.saturating_sub(output.len()).min(bytes.len());
            output.extend_from_slice(&bytes[..room]);
            Ok(())
        };
        let ended = command::run(self.cx, &self.builder.id, command, &mut keep).await;
        let output = String::from_utf8_lossy(&output).into_owned();
        match ended {
            Ok(0) => Ok(output),
            Ok(exit_code) => Err(failed(doing, exit_code, &output).into()),
            Err(CommandEnd::TimedOut) => Err(SecretError::TimedOut {
                doing,
                limit: LIMIT,
            }
            .into()),
            Err(CommandEnd::Failed(error)) => Err(error),
        }
    }
}

fn failed(doing: &'static str, exit_code: i32, output: &str) -> SecretError {
    let mut lines = output.lines();
    let lacking = lines.find_map(|line| line.strip_prefix("missing: "));
    match lacking.filter(|_| exit_code == LACKING) {
        Some(what) => SecretError::Lacking {
            what: what.to_owned(),
        },
        None => SecretError::Failed {
            doing,
            exit_code,
            output: Tail::of("its output", output),
        },
    }
}

/// The commands that hand the secrets over; the last one does away with the key.
fn scripts(key: &PublicKey, secrets: &[&Secret]) -> Result<Vec<String>, SecretError> {
    let mut scripts: Vec<String> = Vec::new();
    for secret in secrets {
        let parts = key.encrypt(secret.value.expose().as_bytes())?;
        let one = format!(
            "receive {} <<'END'\n{}\nEND\n",
            secret.name,
            parts.join("\n")
        );
        match scripts.last_mut() {
            Some(script) if script.len() + one.len() <= MOST => script.push_str(&one),
            _ => scripts.push(format!("{RECEIVE}\n{one}")),
        }
    }
    if let Some(last) = scripts.last_mut() {
        last.push_str("rm -rf /run/amint/exchange\n");
    }
    Ok(scripts)
}

#[cfg(test)]
mod tests;
