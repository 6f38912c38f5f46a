//! Commands and files in the guest, through its agent.
//!
//! A command's script, log and exit code live under `/run/amint`, which is memory: nothing of it is
//! ever on the disk. It runs outside the agent's control group, because an upgrade of the agent's own
//! package restarts the agent and would take a running command with it.

use std::collections::HashMap;
use std::time::Duration;

use amint_cloud::{CloudError, CommandId, CommandRequest, CommandState, ErrorKind, FileUpload};
use qapi::qga;
use tokio::sync::Mutex;

use crate::agent::Agent;

/// Environment of every command; the agent's own would leak into it otherwise.
const ENVIRONMENT: [&str; 3] = [
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "LANG=C.UTF-8",
];

/// Takes a command's token, reads its script from stdin, runs it, keeps its exit code.
const RUN: &str = include_str!("guest/run.sh");

/// Takes path, mode, owner, group and `first`/`next`/`only`/`last`; reads a piece of the file from stdin.
const PUT: &str = include_str!("guest/put.sh");

/// Exit code by which [`RUN`] says that the token was used before.
const STARTED_BEFORE: i32 = 125;

/// Bytes of a file sent in one message; the agent decodes a message in memory.
const PIECE: usize = 4 << 20;

/// Bytes of a log read in one message.
const READ: i64 = 256 << 10;

/// The guest behind an agent.
pub(crate) struct Guest {
    agent: Agent,
    running: Mutex<HashMap<CommandId, i64>>,
}

impl Guest {
    /// The guest behind `agent`.
    pub(crate) fn new(agent: Agent) -> Self {
        Self {
            agent,
            running: Mutex::default(),
        }
    }

    /// The agent itself.
    pub(crate) fn agent(&self) -> &Agent {
        &self.agent
    }

    /// Sets the guest's clock to this computer's. The agent's own call would also set the guest's hardware
    /// clock, which takes another program and is right already.
    pub(crate) async fn set_clock(&self) -> Result<(), CloudError> {
        let now = jiff::Timestamp::now();
        let script = format!(
            "exec date -u -s @{}.{:09}",
            now.as_second(),
            now.subsec_nanosecond()
        );
        match self.run(&script).await? {
            0 => Ok(()),
            code => Err(CloudError::other(format!(
                "cannot set the guest's clock (exit code {code})"
            ))),
        }
    }

    /// Starts a command; a token used before names the command that it started.
    pub(crate) async fn start(&self, request: &CommandRequest) -> Result<CommandId, CloudError> {
        let id = CommandId(request.token.clone());
        let mut running = self.running.lock().await;
        if running.contains_key(&id) {
            return Ok(id);
        }
        let pid = self
            .spawn(RUN, &[&request.token], request.script.clone().into_bytes())
            .await?;
        running.insert(id.clone(), pid);
        Ok(id)
    }

    /// Where a command is.
    pub(crate) async fn state(&self, command: &CommandId) -> Result<CommandState, CloudError> {
        let pid = self.running.lock().await.get(command).copied();
        if let Some(pid) = pid {
            match self.exit_code(pid).await {
                Ok(None) => return Ok(CommandState::Running),
                Ok(Some(STARTED_BEFORE)) => {}
                Ok(Some(exit_code)) => {
                    return Ok(CommandState::Finished { exit_code });
                }
                // A restarted agent has forgotten its children; the file has not.
                Err(error) if error.kind == ErrorKind::Other => {}
                Err(error) => return Err(error),
            }
        }
        let Some(text) = self.read(&folder(command, "exit"), 0).await? else {
            return Ok(CommandState::Running);
        };
        match String::from_utf8_lossy(&text).trim().parse() {
            Ok(exit_code) => Ok(CommandState::Finished { exit_code }),
            Err(_) => Ok(CommandState::Running),
        }
    }

    /// What a command printed, from byte `offset` on.
    pub(crate) async fn output(
        &self,
        command: &CommandId,
        offset: u64,
    ) -> Result<Vec<u8>, CloudError> {
        Ok(self
            .read(&folder(command, "log"), offset)
            .await?
            .unwrap_or_default())
    }

    /// Puts a file in place, whole or not at all.
    pub(crate) async fn put(&self, file: &FileUpload) -> Result<(), CloudError> {
        let owner = file.owner.as_deref().unwrap_or("root");
        let group = file.group.as_deref().unwrap_or("");
        let mode = format!("{:04o}", file.mode & 0o7777);
        let pieces: Vec<&[u8]> = if file.content.is_empty() {
            vec![&[]]
        } else {
            file.content.chunks(PIECE).collect()
        };
        for (index, piece) in pieces.iter().enumerate() {
            let position = match (index == 0, index + 1 == pieces.len()) {
                (true, true) => "only",
                (true, false) => "first",
                (false, true) => "last",
                (false, false) => "next",
            };
            let arguments = [file.to.as_str(), &mode, owner, group, position];
            let pid = self.spawn(PUT, &arguments, piece.to_vec()).await?;
            let exit_code = self.wait(pid).await?;
            if exit_code != 0 {
                return Err(CloudError::other(format!(
                    "cannot write {} on the builder: {}",
                    file.to,
                    match exit_code {
                        3 => "its folder cannot be made".to_owned(),
                        4 => "the disk is full or read-only".to_owned(),
                        5 => format!("there is no user `{owner}` or group `{group}`"),
                        6 => "a folder is in its place".to_owned(),
                        code => format!("exit code {code}"),
                    }
                )));
            }
        }
        Ok(())
    }

    /// Runs a short script of our own to its end; its exit code.
    pub(crate) async fn run(&self, script: &str) -> Result<i32, CloudError> {
        let pid = self.spawn(script, &[], Vec::new()).await?;
        self.wait(pid).await
    }

    /// Starts a script whose end nobody waits for.
    pub(crate) async fn launch(&self, script: &str) -> Result<(), CloudError> {
        self.spawn(script, &[], Vec::new()).await?;
        Ok(())
    }

    async fn spawn(
        &self,
        script: &str,
        arguments: &[&str],
        input: Vec<u8>,
    ) -> Result<i64, CloudError> {
        let mut arg = vec!["-c".to_owned(), script.to_owned(), "amint".to_owned()];
        arg.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        let started = self
            .agent
            .ask(qga::guest_exec {
                path: "/bin/sh".into(),
                arg: Some(arg),
                env: Some(ENVIRONMENT.map(String::from).to_vec()),
                input_data: (!input.is_empty()).then_some(input),
                capture_output: None,
            })
            .await?;
        Ok(started.pid)
    }

    async fn wait(&self, pid: i64) -> Result<i32, CloudError> {
        let mut gap = Duration::from_millis(5);
        loop {
            if let Some(exit_code) = self.exit_code(pid).await? {
                return Ok(exit_code);
            }
            tokio::time::sleep(gap).await;
            gap = (gap * 2).min(Duration::from_millis(100));
        }
    }

    async fn exit_code(&self, pid: i64) -> Result<Option<i32>, CloudError> {
        let status = self.agent.ask(qga::guest_exec_status { pid }).await?;
        if !status.exited {
            return Ok(None);
        }
        let code = match (status.exitcode, status.signal) {
            (Some(code), _) => code,
            (None, Some(signal)) => 128 + signal,
            (None, None) => 255,
        };
        Ok(Some(i32::try_from(code).unwrap_or(255)))
    }

    /// A piece of a file in the guest; `None` when there is no such file.
    async fn read(&self, path: &str, offset: u64) -> Result<Option<Vec<u8>>, CloudError> {
        let opened = self.agent.ask(qga::guest_file_open {
            path: path.into(),
            mode: Some("r".into()),
        });
        let handle = match opened.await {
            Ok(handle) => handle,
            Err(error) if error.kind == ErrorKind::Other => return Ok(None),
            Err(error) => return Err(error),
        };
        let read = self.read_handle(handle, offset).await;
        let closed = self.agent.ask(qga::guest_file_close { handle }).await;
        let bytes = read?;
        closed?;
        Ok(Some(bytes))
    }

    async fn read_handle(&self, handle: i64, offset: u64) -> Result<Vec<u8>, CloudError> {
        if offset > 0 {
            let offset = i64::try_from(offset).unwrap_or(i64::MAX);
            let whence = qga::GuestFileWhence::name(qga::QGASeek::set);
            self.agent
                .ask(qga::guest_file_seek {
                    handle,
                    offset,
                    whence,
                })
                .await?;
        }
        let read = self
            .agent
            .ask(qga::guest_file_read {
                handle,
                count: Some(READ),
            })
            .await?;
        Ok(read.buf_b64)
    }
}

fn folder(command: &CommandId, file: &str) -> String {
    format!("/run/amint/commands/{}/{file}", command.0)
}
