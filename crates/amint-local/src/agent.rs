//! The guest agent's wire: one question at a time, never a stale answer.
//!
//! An agent's answers carry no id. When a question is given up half way, its answer would be taken for
//! the next one's; so a connection is only used again after a complete exchange, and otherwise opened
//! anew and synchronised.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use amint_cloud::{CloudError, ErrorKind};
use qapi::futures::{QapiService, QgaStreamTokio};
use qapi::qga;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, WriteHalf};
use tokio::net::UnixStream;
use tokio::sync::Mutex;

/// How long one answer may take. Emulated guests under load need seconds for large messages.
const ANSWER_DEADLINE: Duration = Duration::from_secs(60);

type Connection = QapiService<QgaStreamTokio<WriteHalf<UnixStream>>>;

/// The guest agent of one machine, over its reboots.
pub(crate) struct Agent {
    socket: PathBuf,
    idle: Mutex<Option<Connection>>,
    syncs: AtomicI32,
}

impl Agent {
    /// The agent behind `socket`; nothing is connected yet.
    pub(crate) fn new(socket: PathBuf) -> Self {
        Self {
            socket,
            idle: Mutex::new(None),
            syncs: AtomicI32::new(1),
        }
    }

    /// Whether it answers within `patience`.
    pub(crate) async fn answers(&self, patience: Duration) -> bool {
        let mut idle = self.idle.lock().await;
        idle.take();
        match tokio::time::timeout(patience, self.connect()).await {
            Ok(Ok(connection)) => {
                *idle = Some(connection);
                true
            }
            _ => false,
        }
    }

    /// Asks one question.
    pub(crate) async fn ask<C>(&self, command: C) -> Result<C::Ok, CloudError>
    where
        C: qga::QgaCommand + 'static,
    {
        let mut idle = self.idle.lock().await;
        let exchange = async {
            let connection = match idle.take() {
                Some(connection) => connection,
                None => self.connect().await.map_err(|error| {
                    CloudError::new(ErrorKind::NotFound, "the guest agent does not answer")
                        .caused_by(error)
                })?,
            };
            let answer = connection.execute(command).await;
            Ok((connection, answer))
        };
        let (connection, answer) = match tokio::time::timeout(ANSWER_DEADLINE, exchange).await {
            Ok(Ok(exchanged)) => exchanged,
            Ok(Err(error)) => return Err(error),
            Err(_) => {
                return Err(CloudError::new(
                    ErrorKind::AnswerLost,
                    format!(
                        "the guest agent did not answer `{}` within {} s",
                        C::NAME,
                        ANSWER_DEADLINE.as_secs()
                    ),
                ));
            }
        };
        match answer {
            Ok(value) => {
                *idle = Some(connection);
                Ok(value)
            }
            Err(qapi::ExecuteError::Qapi(error)) => {
                *idle = Some(connection);
                Err(
                    CloudError::other(format!("the guest agent refused `{}`", C::NAME))
                        .caused_by(qapi::ExecuteError::Qapi(error)),
                )
            }
            Err(error) => Err(CloudError::new(
                ErrorKind::AnswerLost,
                format!("the guest agent went away before it answered `{}`", C::NAME),
            )
            .caused_by(error)),
        }
    }

    /// Forgets the connection: the machine behind it was replaced.
    pub(crate) async fn disconnect(&self) {
        self.idle.lock().await.take();
    }

    async fn connect(&self) -> std::io::Result<Connection> {
        let mut stream = UnixStream::connect(&self.socket).await?;
        let token = self.syncs.fetch_add(1, Ordering::Relaxed);
        synchronise(&mut stream, token).await?;
        let (connection, _reader) = QgaStreamTokio::open(stream).spawn_tokio();
        Ok(connection)
    }
}

/// Leaves behind what an earlier connection left: half a question, of a process that was killed in the middle of it,
/// and answers that nobody read. A byte that JSON does not have clears the agent's reader, and the agent sets one
/// before its answer.
async fn synchronise(stream: &mut UnixStream, token: i32) -> std::io::Result<()> {
    let question =
        format!(r#"{{"execute":"guest-sync-delimited","arguments":{{"id":{token}}}}}"#) + "\n";
    stream.write_all(&[DELIMITER]).await?;
    stream.write_all(question.as_bytes()).await?;
    let mut input = BufReader::with_capacity(ANSWER, stream);
    loop {
        discard_to(&mut input, DELIMITER).await?;
        let mut answer = Vec::new();
        (&mut input)
            .take(ANSWER as u64)
            .read_until(b'\n', &mut answer)
            .await?;
        // An earlier connection's question may be answered first.
        let answer: Option<Synchronised> = serde_json::from_slice(&answer).ok();
        if answer.is_some_and(|answer| answer.token == token) {
            return Ok(());
        }
    }
}

/// Not part of any text.
const DELIMITER: u8 = 0xff;

/// Bytes that the answer to a synchronisation never has.
const ANSWER: usize = 256;

#[derive(serde::Deserialize)]
struct Synchronised {
    #[serde(rename = "return")]
    token: i32,
}

async fn discard_to(input: &mut BufReader<&mut UnixStream>, end: u8) -> std::io::Result<()> {
    loop {
        let found = input.fill_buf().await?;
        if found.is_empty() {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match found.iter().position(|byte| *byte == end) {
            Some(at) => {
                input.consume(at + 1);
                return Ok(());
            }
            None => {
                let length = found.len();
                input.consume(length);
            }
        }
    }
}
