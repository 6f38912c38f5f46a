//! A restart in a script: the step never ends well.

use super::shell::Command;
use super::subject::Material;
use super::{Context, Findings};
use crate::code::Code;

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    for at in material.commands().filter(|at| restarts(at.command)) {
        found.warn(
            Code::RestartInScript,
            at.place(),
            "the builder goes away under this step, which then counts as failed",
            "end the script before, and add the step `reboot: {}`",
        );
    }
}

fn restarts(command: &Command) -> bool {
    let first = command
        .operands()
        .next()
        .map_or("", |word| word.text.as_str());
    match command.name() {
        "reboot" | "poweroff" | "halt" => true,
        "shutdown" => !command.has_option("-c"),
        "systemctl" => matches!(
            first,
            "reboot" | "poweroff" | "halt" | "kexec" | "soft-reboot"
        ),
        "init" | "telinit" => matches!(first, "0" | "6"),
        _ => false,
    }
}
