//! Logs and histories that are cleared before a later step writes them again.

use super::shell::Command;
use super::shell::command::RedirectKind;
use super::subject::Material;
use super::{Context, Findings};
use crate::code::Code;

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    for at in material.commands() {
        if at.step + 1 < material.steps.len() && clears(at.command) {
            found.warn(
                Code::ClearedEarly,
                at.place(),
                "the steps after this one write it again",
                "leave it to the seal, which clears all logs and histories last of all",
            );
        }
    }
}

fn clears(command: &Command) -> bool {
    let traces = || command.operands().any(|word| is_trace(&word.text));
    let empties = |one: &super::shell::command::Redirect| {
        one.kind == RedirectKind::Write && is_trace(&one.target.text)
    };
    match command.name() {
        "history" => command.has_option("-c"),
        "rm" | "shred" | "truncate" | "unlink" => traces(),
        "journalctl" => {
            let vacuum = |word: &super::shell::Word| word.text.starts_with("--vacuum");
            command.arguments().iter().any(vacuum)
        }
        "find" => {
            let deletes = |word: &super::shell::Word| {
                matches!(
                    word.text.as_str(),
                    "-delete" | "rm" | "truncate" | "shred" | "/dev/null"
                )
            };
            traces() && command.arguments().iter().any(deletes)
        }
        "cp" | "cat" => {
            let null = command
                .operands()
                .next()
                .is_some_and(|word| word.text == "/dev/null");
            null && (traces() || command.redirects.iter().any(empties))
        }
        // `>/var/log/messages`, `: >/var/log/messages`.
        "" | ":" | "true" => {
            command.assignments.is_empty() && command.redirects.iter().any(empties)
        }
        _ => false,
    }
}

fn is_trace(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let of_apt = path.starts_with("/var/log/apt/") || path.starts_with("/var/log/dpkg");
    (path.starts_with("/var/log/") && !of_apt)
        || path == "/var/log"
        || (name.starts_with('.') && name.contains("history") && path.starts_with(['/', '~', '$']))
}
