//! Sending a command, never twice: SendCommand has no token, so a lost answer is looked for by comment.

use amint_cloud::{BuilderId, CloudError, CommandRequest, ErrorKind, Result};
use aws_sdk_ssm::operation::send_command::builders::SendCommandFluentBuilder;
use aws_sdk_ssm::types::CloudWatchOutputConfig;

use crate::command::{Commands, answer, script};
use crate::error::Explain;

/// What runs a script by `sh` as root.
const DOCUMENT: &str = "AWS-RunShellScript";
/// How long SSM tries to deliver a command, in seconds: it is only sent to an agent that is there.
const DELIVERY: i32 = 60;
/// The longest `executionTimeout` of AWS-RunShellScript, in seconds: 48 hours.
const LONGEST: u64 = 172_800;
/// How many times a command is looked for whose answer was lost, and the seconds between two looks:
/// the list trails the sending.
const LOOKS: u32 = 3;
const LOOK_GAP: f64 = 1.0;

impl Commands {
    /// SSM's id of the command.
    pub(super) async fn send(
        &self,
        builder: &BuilderId,
        command: &CommandRequest,
    ) -> Result<String> {
        let text = script::wrapped(command)?;
        let comment = script::comment(command);
        self.note_earlier(builder).await?;
        let before = self.board(builder, |board| board.sent.get(&comment).cloned());
        match before {
            Some(Some(id)) => return Ok(id),
            Some(None) => {
                if let Some(id) = self.find(builder, &comment).await? {
                    self.sent(builder, &comment, &id);
                    return Ok(id);
                }
            }
            None => {}
        }
        // Noted first: who waits for the answer may give up meanwhile.
        self.board(builder, |board| board.sent.insert(comment.clone(), None));
        let seconds = command.timeout.as_secs().clamp(1, LONGEST);
        let ask = self.shell(builder, text, seconds);
        let ask = ask.set_cloud_watch_output_config(self.logs());
        let ask = ask.comment(&comment);
        let sent = ask.send().await.explain("ssm:SendCommand");
        match sent {
            Ok(answer) => {
                let id = answer.command.and_then(|command| command.command_id);
                let id = id.ok_or_else(|| {
                    CloudError::new(ErrorKind::AnswerLost, "ssm:SendCommand: no id came back")
                })?;
                self.sent(builder, &comment, &id);
                Ok(id)
            }
            Err(error) => {
                // A refusal sent nothing.
                if error.kind != ErrorKind::AnswerLost {
                    self.board(builder, |board| board.sent.remove(&comment));
                }
                Err(error)
            }
        }
    }

    /// Notes what an earlier process sent to the builder, once: it may have died before it noted that itself. One that it
    /// sent in its last moment may not be listed yet; that one runs once all the same, unless the builder reboots just
    /// then, as the wrapper finds its folder.
    async fn note_earlier(&self, builder: &BuilderId) -> Result<()> {
        if self.board(builder, |board| board.knows_earlier) {
            return Ok(());
        }
        let listed = self.list(builder).await?;
        self.board(builder, |board| {
            for (comment, id) in listed {
                let known = board.sent.entry(comment).or_default();
                known.get_or_insert(id);
            }
            board.knows_earlier = true;
        });
        Ok(())
    }

    /// A command for the builder.
    pub(super) fn shell(
        &self,
        builder: &BuilderId,
        text: String,
        seconds: u64,
    ) -> SendCommandFluentBuilder {
        self.clients
            .ssm
            .send_command()
            .document_name(DOCUMENT)
            .instance_ids(&builder.0)
            .parameters("commands", vec![text])
            .parameters("executionTimeout", vec![seconds.to_string()])
            .timeout_seconds(DELIVERY)
    }

    /// Where the output that SSM keeps goes too; that of amint's own look at a log would be there twice.
    fn logs(&self) -> Option<CloudWatchOutputConfig> {
        self.log_group.as_ref().map(|group| {
            CloudWatchOutputConfig::builder()
                .cloud_watch_log_group_name(group)
                .cloud_watch_output_enabled(true)
                .build()
        })
    }

    fn sent(&self, builder: &BuilderId, comment: &str, id: &str) {
        self.board(builder, |board| {
            board.sent.insert(comment.to_owned(), Some(id.to_owned()))
        });
    }

    /// The builder's command with this comment.
    async fn find(&self, builder: &BuilderId, comment: &str) -> Result<Option<String>> {
        for look in 1..=LOOKS {
            let listed = self.list(builder).await?;
            let found = listed.into_iter().find(|(known, _)| known == comment);
            if let Some((_, id)) = found {
                return Ok(Some(id));
            }
            if look < LOOKS {
                tokio::time::sleep(self.seconds(LOOK_GAP)).await;
            }
        }
        Ok(None)
    }

    /// Comments and ids of the builder's commands, but for those that never reached it: they may be sent again.
    async fn list(&self, builder: &BuilderId) -> Result<Vec<(String, String)>> {
        let ask = self.clients.ssm.list_commands().instance_id(&builder.0);
        let mut pages = ask.into_paginator().items().send();
        let mut listed = Vec::new();
        while let Some(command) = pages.next().await {
            let command = command.explain("ssm:ListCommands")?;
            if command.status_details().is_some_and(answer::never_ran) {
                continue;
            }
            if let (Some(comment), Some(id)) = (command.comment, command.command_id) {
                listed.push((comment, id));
            }
        }
        Ok(listed)
    }
}
