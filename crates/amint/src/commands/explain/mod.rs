//! `amint explain`: what an id stands for.
//!
//! - [`topic`]: everything that has an id and can be explained.
//! - [`rule`]: a rule of the hardening catalogue; [`diff_rule`]: one of the diff.

mod diff_rule;
mod rule;
mod topic;

use std::fmt::Write;

use amint_event::ExitClass;
use serde::Serialize;

use self::topic::Topic;
use crate::cli::{DocumentFormat, Explain};
use crate::error::CommandError;
use crate::output;

pub(crate) use self::topic::similar;

pub(super) fn run(arguments: &Explain) -> Result<ExitClass, CommandError> {
    let Some(id) = &arguments.topic else {
        list(arguments.format)?;
        return Ok(ExitClass::Success);
    };
    let topic = Topic::named(id).ok_or_else(|| CommandError::UnknownTopic(id.clone()))?;
    match arguments.format {
        DocumentFormat::Text => output::print(&topic.text())?,
        DocumentFormat::Json => output::print_json(&topic.document())?,
    }
    Ok(ExitClass::Success)
}

/// It in a list, for programs.
#[derive(Serialize)]
struct ListEntry {
    kind: &'static str,
    id: &'static str,
    title: &'static str,
}

fn list(format: DocumentFormat) -> Result<(), CommandError> {
    let entry = |topic: Topic| ListEntry {
        kind: topic.kind(),
        id: topic.id(),
        title: topic.title(),
    };
    if format == DocumentFormat::Json {
        return output::print_json(&Topic::all().map(entry).collect::<Vec<_>>());
    }
    let mut text = String::new();
    for topic in Topic::all() {
        let _ = writeln!(
            text,
            "{:<5} {:<28} {}",
            topic.kind(),
            topic.id(),
            topic.title()
        );
    }
    output::print(&text)
}
