//! Reading a command's log on the builder.

use std::time::Duration;

use amint_cloud::{BuilderId, CloudError, CommandOutput, ErrorKind, Result};
use tokio::time::Instant;

use crate::command::answer::{self, Answer};
use crate::command::script::{self, PIECE};
use crate::command::{Commands, Id};
use crate::error::Explain;

/// How long reading a piece may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// When the agent gives it up, in seconds.
const TIMEOUT: u64 = 30;
/// The first gap between two look-ups, in seconds, and the longest.
const GAPS: (f64, f64) = (0.5, 1.5);
/// How many pieces are read at the same time: an agent runs five commands at once unless it was told otherwise
/// (`CommandWorkersLimit` of amazon-ssm-agent.json), and one of them is the command itself.
const AT_ONCE: u64 = 4;

/// A part of a log.
struct Piece {
    boot: String,
    size: u64,
    bytes: Vec<u8>,
}

impl Commands {
    /// What is in the log from `offset` on. While the command runs, a builder that does not answer has
    /// printed nothing; afterwards that is an error.
    pub(super) async fn read_log(
        &self,
        builder: &BuilderId,
        id: &Id<'_>,
        offset: u64,
    ) -> Result<CommandOutput> {
        let track = self.board(builder, |board| board.track(id.ssm).clone());
        let (boot, from) = (track.boot(), track.position(offset));
        let pieces = self.pieces(builder, id.folder, boot, from, track.size);
        let pieces = match pieces.await {
            Ok(pieces) => pieces,
            // It may be rebooting.
            Err(error)
                if track.end.is_none()
                    && matches!(error.kind, ErrorKind::AnswerLost | ErrorKind::NotFound) =>
            {
                tracing::debug!(%error, "could not read what a command prints");
                return Ok(CommandOutput::default());
            }
            Err(error) => return Err(error),
        };
        let Some(last) = pieces.last() else {
            // It has no log yet, or none any more.
            return Ok(CommandOutput::default());
        };
        let (boot, size) = (last.boot.clone(), last.size);
        let bytes: Vec<u8> = pieces.into_iter().flat_map(|piece| piece.bytes).collect();
        self.board(builder, |board| {
            let track = board.track(id.ssm);
            track.note(&boot, offset);
            track.size = size;
            let read = track.position(offset) + bytes.len() as u64;
            let more = read < size && !bytes.is_empty();
            Ok(CommandOutput { bytes, more })
        })
    }

    /// The log from byte `from` on, in pieces that follow each other; several when it is known to have
    /// `size` bytes. None when there is no log.
    async fn pieces(
        &self,
        builder: &BuilderId,
        folder: &str,
        boot: &str,
        from: u64,
        size: u64,
    ) -> Result<Vec<Piece>> {
        let count = size.saturating_sub(from).div_ceil(PIECE).clamp(1, AT_ONCE);
        let one = |number: u64| async move {
            if number >= count {
                return Ok(None);
            }
            self.piece(builder, folder, boot, from + number * PIECE)
                .await
        };
        let (a, b, c, d) = tokio::join!(one(0), one(1), one(2), one(3));
        let mut pieces: Vec<Piece> = Vec::new();
        for piece in [a, b, c, d] {
            let Some(piece) = piece? else { break };
            let full = piece.bytes.len() as u64 == PIECE;
            // After a reboot in between they do not follow each other.
            if pieces.first().is_some_and(|first| first.boot != piece.boot) {
                break;
            }
            let rebooted = !boot.is_empty() && piece.boot != boot;
            pieces.push(piece);
            if !full || rebooted {
                break;
            }
        }
        Ok(pieces)
    }

    async fn piece(
        &self,
        builder: &BuilderId,
        folder: &str,
        boot: &str,
        from: u64,
    ) -> Result<Option<Piece>> {
        let ask = self.shell(builder, script::tail(folder, boot, from), TIMEOUT);
        let ask = ask.comment(format!("amint reads the log of {folder}"));
        let sent = ask.send().await.explain("ssm:SendCommand")?;
        let Some(id) = sent.command().and_then(|command| command.command_id()) else {
            return Err(lost(folder, "no id came back"));
        };
        let start = Instant::now();
        let mut gap = GAPS.0;
        while start.elapsed() < PATIENCE {
            tokio::time::sleep(self.seconds(gap)).await;
            gap = (gap * 1.3).min(GAPS.1);
            if let Some(text) = self.printed(builder, id).await? {
                return parse(&text).map_err(|reason| lost(folder, reason));
            }
        }
        Err(lost(folder, "the builder does not answer"))
    }

    /// What a command printed as SSM keeps it, once it has ended.
    async fn printed(&self, builder: &BuilderId, ssm: &str) -> Result<Option<String>> {
        let Some(answer) = self.invocation(builder, ssm).await? else {
            return Ok(None);
        };
        Ok(match answer::read(&answer)? {
            Answer::Running => None,
            Answer::Ended(_) => Some(answer.standard_output_content.unwrap_or_default()),
        })
    }
}

/// Nothing when there is no log.
fn parse(text: &str) -> std::result::Result<Option<Piece>, &'static str> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let (boot, size, rest) = answer::header(text).ok_or("its header is missing")?;
    let base64: String = rest.split_whitespace().collect();
    let bytes = aws_smithy_types::base64::decode(base64).map_err(|_| "it is not base64")?;
    Ok(Some(Piece {
        boot: boot.to_owned(),
        size,
        bytes,
    }))
}

fn lost(folder: &str, reason: &str) -> CloudError {
    let message = format!("the log of {folder} could not be read: {reason}");
    CloudError::new(ErrorKind::AnswerLost, message)
}
