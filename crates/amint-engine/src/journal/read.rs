//! A journal's text, read back: whole, or as far as it was written when its process died.

use super::ledger::{Illegal, Ledger};
use super::record::{Entry, Header, VERSION};

/// Why a journal cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The first line is something else.
    #[error("it is no journal of amint's")]
    Foreign,
    /// It was written by a later version.
    #[error("it has version {found} of the form, and this amint reads up to {VERSION}")]
    Newer {
        /// Its version.
        found: u32,
    },
    /// A line that is complete makes no sense.
    #[error("line {line} is damaged")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A line that makes sense cannot follow the ones before it.
    #[error("line {line} cannot follow those before it")]
    Order {
        /// Which, from 1.
        line: usize,
        /// Which rule it breaks.
        source: Illegal,
    },
}

/// What a journal's text amounts to.
#[derive(Debug, Default)]
pub(super) struct Text {
    /// Absent when not even the first line was completed: then nothing happened.
    pub(super) header: Option<Header>,
    pub(super) entries: Vec<Entry>,
    pub(super) ledger: Ledger,
    /// How many bytes of it are complete lines. What follows was cut off in the middle: whether it was to say that
    /// something happened is not known, and an intent that was cut off had no effect.
    pub(super) complete: usize,
}

/// Reads `bytes`; a last line without its end counts as never written.
pub(super) fn read(bytes: &[u8]) -> Result<Text, Unreadable> {
    let complete = bytes.iter().rposition(|byte| *byte == b'\n');
    let complete = complete.map_or(0, |last| last + 1);
    let mut lines = bytes[..complete].split_inclusive(|byte| *byte == b'\n');
    let mut text = Text {
        complete,
        ..Text::default()
    };
    let Some(first) = lines.next() else {
        return Ok(text);
    };
    let header: Header = serde_json::from_slice(first).map_err(|_| Unreadable::Foreign)?;
    match header.version() {
        Some(1..=VERSION) => {}
        Some(found) => return Err(Unreadable::Newer { found }),
        None => return Err(Unreadable::Foreign),
    }
    text.header = Some(header);
    for (line, bytes) in (2..).zip(lines) {
        let entry: Entry =
            serde_json::from_slice(bytes).map_err(|source| Unreadable::Line { line, source })?;
        let applied = text.ledger.apply(&entry.record);
        applied.map_err(|source| Unreadable::Order { line, source })?;
        text.entries.push(entry);
    }
    Ok(text)
}
