//! stdout, where results go.

use std::io::{self, Write};

use crate::error::CommandError;
use crate::secrets;

/// Prints a result, as it is.
///
/// # Errors
/// [`CommandError::StdoutClosed`] when the reader has gone away, which is no failure.
pub(crate) fn print(text: &str) -> Result<(), CommandError> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(CommandError::stdout)
}

/// Prints a document as indented JSON.
///
/// # Errors
/// As [`print()`].
pub(crate) fn print_json(document: &impl serde::Serialize) -> Result<(), CommandError> {
    let text = serde_json::to_string_pretty(document).map_err(CommandError::Unprintable)?;
    print(&format!("{text}\n"))
}

/// A document as one line of JSON, with its end.
///
/// # Errors
/// When it has no such form.
pub(crate) fn json_line(document: &impl serde::Serialize) -> Result<String, CommandError> {
    let text = serde_json::to_string(document).map_err(CommandError::Unprintable)?;
    Ok(text + "\n")
}

/// Tells the user something that is no result. A closed stderr is no reason to stop.
pub(crate) fn note(text: &str) {
    if text.is_empty() {
        return;
    }
    let text = secrets::masks().text(text).into_owned();
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
