//! `amint explain`: what an id stands for, or what a recipe does.
//!
//! - [`topic`]: everything that has an id and can be explained.
//! - [`rule`]: a rule of the hardening catalogue; [`diff_rule`]: one of the diff; [`code`]: a code of a
//!   recipe's diagnostic.
//! - [`recipe`]: a recipe in plain English; [`page`]: how such a text is printed.

mod code;
mod diff_rule;
mod page;
mod recipe;
mod rule;
mod topic;

use std::fmt::Write;
use std::path::Path;

use amint_event::ExitClass;
use serde::Serialize;

use self::topic::Topic;
use crate::cli::{Explain, ExplainFormat};
use crate::error::CommandError;
use crate::output;

pub(crate) use self::topic::similar;

pub(super) fn run(arguments: &Explain) -> Result<ExitClass, CommandError> {
    let Some(id) = &arguments.topic else {
        list(arguments.format)?;
        return Ok(ExitClass::Success);
    };
    let Some(topic) = Topic::named(id) else {
        let path = Path::new(id);
        return match is_recipe(path) {
            true => recipe::run(path, arguments),
            false => Err(CommandError::UnknownTopic(id.clone())),
        };
    };
    if arguments.on.is_some() || !arguments.variables.is_empty() {
        return Err(CommandError::NotARecipe(topic.id()));
    }
    match arguments.format {
        ExplainFormat::Text => output::print(&topic.text())?,
        ExplainFormat::Markdown => output::print(&page::markdown::fenced(&topic.text()))?,
        ExplainFormat::Json => output::print_json(&topic.document())?,
    }
    Ok(ExitClass::Success)
}

/// Whether a path, rather than an id, was meant: something is there, or it is named like a recipe.
fn is_recipe(path: &Path) -> bool {
    let extension = path.extension();
    extension.is_some_and(|one| one == "yaml" || one == "yml") || path.exists()
}

/// It in a list, for programs.
#[derive(Serialize)]
struct ListEntry {
    kind: &'static str,
    id: &'static str,
    title: &'static str,
}

fn list(format: ExplainFormat) -> Result<(), CommandError> {
    let entry = |topic: Topic| ListEntry {
        kind: topic.kind(),
        id: topic.id(),
        title: topic.title(),
    };
    if format == ExplainFormat::Json {
        return output::print_json(&Topic::all().map(entry).collect::<Vec<_>>());
    }
    let mut text = String::new();
    for topic in Topic::all() {
        let _ = writeln!(
            text,
            "{:<7} {:<28} {}",
            topic.kind(),
            topic.id(),
            topic.title()
        );
    }
    match format {
        ExplainFormat::Markdown => output::print(&page::markdown::fenced(&text)),
        _ => output::print(&text),
    }
}
