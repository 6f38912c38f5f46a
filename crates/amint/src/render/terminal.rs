//! What stdout and stderr can show.

use std::io::{IsTerminal, stderr, stdout};

/// Whether stderr is a terminal that a live display can be drawn on.
pub(crate) fn stderr_is_live() -> bool {
    stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Whether stderr shows colours, and its user wants them (<https://no-color.org>).
pub(crate) fn stderr_has_color() -> bool {
    stderr_is_live() && wants_color()
}

/// The same of stdout.
pub(crate) fn stdout_has_color() -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    stdout().is_terminal() && !is_dumb && wants_color()
}

fn wants_color() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
