//! Commands over SSM.
//!
//! - `script`: what is sent: the script in `wrapper.sh`, which keeps it and all that it prints in memory.
//! - `send`: sending it, never twice. `answer`: what SSM says about it.
//! - `log`: reading its log by commands of its own: SSM shows nothing before a command ends, and not all then.
//! - `board`: what is known about the commands of one builder.
//!
//! A command's id is SSM's own, a colon, and the name of its folder on the builder.

mod answer;
mod board;
mod log;
mod script;
mod send;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use amint_cloud::{
    BuilderId, CloudError, CommandId, CommandOutput, CommandRequest, CommandState, ErrorKind,
    Result,
};
use aws_sdk_ssm::operation::get_command_invocation::GetCommandInvocationOutput;

use crate::clients::Clients;
use crate::error::{self, Explain};
use answer::Answer;
use board::Board;

/// The commands of this process's builds.
pub(crate) struct Commands {
    clients: Clients,
    log_group: Option<String>,
    pace: f64,
    boards: Mutex<HashMap<BuilderId, Board>>,
}

/// The two parts of a command's id.
struct Id<'a> {
    ssm: &'a str,
    folder: &'a str,
}

impl Commands {
    /// `pace` scales the waits of short look-ups, as it does those of all others.
    pub(crate) fn new(clients: Clients, log_group: Option<String>, pace: f64) -> Self {
        Self {
            clients,
            log_group,
            pace,
            boards: Mutex::default(),
        }
    }

    /// Starts the command, or finds it when it was started before.
    pub(crate) async fn start(
        &self,
        builder: &BuilderId,
        command: &CommandRequest,
    ) -> Result<CommandId> {
        let folder = script::folder(&command.token);
        let ssm = self.send(builder, command).await?;
        Ok(CommandId(format!("{ssm}:{folder}")))
    }

    /// Where the command is. One that SSM does not know (yet) is running: it was sent.
    pub(crate) async fn state(
        &self,
        builder: &BuilderId,
        command: &CommandId,
    ) -> Result<CommandState> {
        let id = split(command)?;
        let kept = self.board(builder, |board| board.track(id.ssm).end.clone());
        if let Some(end) = kept {
            return Ok(finished(end.exit_code));
        }
        let answer = self.invocation(builder, id.ssm).await?;
        match answer.as_ref().map_or(Ok(Answer::Running), answer::read)? {
            Answer::Running => Ok(CommandState::Running),
            Answer::Ended(end) => {
                let exit_code = end.exit_code;
                self.board(builder, |board| board.track(id.ssm).end = Some(end));
                Ok(finished(exit_code))
            }
        }
    }

    /// What the command printed from byte `offset` on. What a reboot in the middle found unread is lost:
    /// it was in memory only.
    pub(crate) async fn output(
        &self,
        builder: &BuilderId,
        command: &CommandId,
        offset: u64,
    ) -> Result<CommandOutput> {
        let id = split(command)?;
        if let Some(bytes) = self.board(builder, |board| board.track(id.ssm).rest(offset)) {
            return Ok(CommandOutput { bytes, more: false });
        }
        self.read_log(builder, &id, offset).await
    }

    /// Tells the agent to kill the command.
    pub(crate) async fn cancel(&self, builder: &BuilderId, command: &CommandId) -> Result<()> {
        let ask = self.clients.ssm.cancel_command();
        let ask = ask.command_id(split(command)?.ssm).instance_ids(&builder.0);
        ask.send().await.explain("ssm:CancelCommand")?;
        Ok(())
    }

    /// What SSM says about a command; nothing while it does not know it.
    async fn invocation(
        &self,
        builder: &BuilderId,
        ssm: &str,
    ) -> Result<Option<GetCommandInvocationOutput>> {
        let ask = self.clients.ssm.get_command_invocation();
        match ask.command_id(ssm).instance_id(&builder.0).send().await {
            Err(error) if error::code(&error) == Some("InvocationDoesNotExist") => Ok(None),
            answer => answer.explain("ssm:GetCommandInvocation").map(Some),
        }
    }

    /// What is known about the builder's commands; never held across a call.
    fn board<T>(&self, builder: &BuilderId, see: impl FnOnce(&mut Board) -> T) -> T {
        let mut boards = self.boards.lock().unwrap_or_else(PoisonError::into_inner);
        see(boards.entry(builder.clone()).or_default())
    }

    fn seconds(&self, seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds * self.pace)
    }
}

fn finished(exit_code: i32) -> CommandState {
    CommandState::Finished { exit_code }
}

fn split(command: &CommandId) -> Result<Id<'_>> {
    let (ssm, folder) = command.0.split_once(':').ok_or_else(|| {
        let message = format!("{:?} is not the id of a command over SSM", command.0);
        CloudError::new(ErrorKind::NotFound, message)
    })?;
    Ok(Id { ssm, folder })
}
