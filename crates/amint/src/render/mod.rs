//! A build's events for a terminal, a log, a program.
//!
//! - [`progress`]: a live display, for a terminal.
//! - [`plain`]: lines, for logs.
//! - [`json`]: JSON lines, for programs.
//! - [`labels`]: whose event it is, where several builds run at the same time.
//! - [`finding`]: how a finding is written on a line.
//! - [`text`]: how durations and foreign text are written; [`terminal`]: what stderr can show.
//!
//! Renderers consume events and nothing else: they know neither the engine nor a cloud.

pub(crate) mod finding;
pub(crate) mod json;
mod labels;
pub(crate) mod plain;
pub(crate) mod progress;
#[cfg(test)]
mod script;
pub(crate) mod terminal;
pub(crate) mod text;

use std::io;

use amint_event::Event;

/// Shows a build's events, in order.
pub(crate) trait Renderer: Send {
    /// Shows one event.
    ///
    /// # Errors
    /// When nobody can see it any more; the build is then cancelled.
    fn render(&mut self, event: &Event) -> io::Result<()>;
}
