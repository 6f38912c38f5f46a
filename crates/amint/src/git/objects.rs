//! Any object by its id, from one `git cat-file --batch`.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Mutex, PoisonError};

use super::error::GitError;
use super::repository::{git, not_run};

/// The objects of a repository.
pub(super) struct Objects(Mutex<Batch>);

struct Batch {
    process: Child,
    /// `None` when it is to end.
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// What an object is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Blob,
    Tree,
    Other,
}

/// What one question came to.
enum Header {
    Missing,
    Found { id: String, kind: Kind, size: u64 },
}

/// An object, or why its content was not kept.
pub(super) enum Content {
    Bytes(Vec<u8>),
    /// It has more bytes than were asked for.
    TooLarge,
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Objects")
    }
}

impl Objects {
    /// Starts the process.
    ///
    /// # Errors
    /// When git cannot be run.
    pub(super) fn start(folder: &Path) -> Result<Self, GitError> {
        let mut process = git(folder)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(not_run)?;
        let questions = process.stdin.take();
        let answers = process.stdout.take();
        let answers = answers.ok_or_else(|| io::Error::other("it has no output"))?;
        Ok(Self(Mutex::new(Batch {
            process,
            questions,
            answers: BufReader::with_capacity(64 << 10, answers),
        })))
    }

    /// The id of what a name means; `None` when it means nothing, or several things.
    ///
    /// # Errors
    /// When git goes away.
    pub(super) fn find(&self, name: &str) -> Result<Option<String>, GitError> {
        let mut batch = self.lock();
        let header = batch.ask(name)?;
        match header {
            Header::Missing => Ok(None),
            Header::Found { id, size, .. } => {
                batch.take(size, 0)?;
                Ok(Some(id))
            }
        }
    }

    /// The content of the object with this id.
    ///
    /// # Errors
    /// When it is missing or of another kind, or git goes away.
    pub(super) fn read(&self, id: &str, kind: Kind, most: u64) -> Result<Content, GitError> {
        let mut batch = self.lock();
        match batch.ask(id)? {
            Header::Missing => Err(GitError::MissingObject(id.to_owned())),
            Header::Found {
                kind: found, size, ..
            } => {
                // Read in any case: the next answer comes after it.
                let content = batch.take(size, most)?;
                match found == kind {
                    true => Ok(content),
                    false => Err(GitError::Corrupt(id.to_owned())),
                }
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Batch> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Batch {
    fn ask(&mut self, name: &str) -> Result<Header, GitError> {
        let ended = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let questions = self.questions.as_mut().ok_or_else(ended)?;
        questions.write_all(format!("{name}\n").as_bytes())?;
        questions.flush()?;
        let mut line = Vec::new();
        self.answers.read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            return Err(ended().into());
        }
        let line = String::from_utf8_lossy(&line);
        let mut words = line.rsplitn(3, ' ');
        let (Some(size), Some(kind), Some(id)) = (words.next(), words.next(), words.next()) else {
            return Ok(Header::Missing);
        };
        let kind = match kind {
            "blob" => Kind::Blob,
            "tree" => Kind::Tree,
            _ => Kind::Other,
        };
        // `NAME missing` and `NAME ambiguous` have no size, whatever the name is.
        match size.parse() {
            Ok(size) if id.bytes().all(|byte| byte.is_ascii_hexdigit()) => Ok(Header::Found {
                id: id.to_owned(),
                kind,
                size,
            }),
            _ => Ok(Header::Missing),
        }
    }

    /// The content of `size` bytes that follows, and the line's end behind it.
    fn take(&mut self, size: u64, most: u64) -> Result<Content, GitError> {
        let mut bytes = Vec::new();
        let answers = &mut self.answers;
        let read = match size <= most {
            true => answers.take(size).read_to_end(&mut bytes)? as u64,
            false => io::copy(&mut answers.take(size), &mut io::sink())?,
        };
        let mut end = [0];
        answers.read_exact(&mut end)?;
        if read != size || end != *b"\n" {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Ok(match size <= most {
            true => Content::Bytes(bytes),
            false => Content::TooLarge,
        })
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        // The process ends with its input.
        self.questions = None;
        let _ = self.process.wait();
    }
}
