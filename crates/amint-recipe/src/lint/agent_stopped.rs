//! The agent that steps are run through, stopped or removed by one of them.

use super::shell::{Command, Word};
use super::subject::Material;
use super::{Context, Findings};
use crate::code::Code;

const AGENTS: [&str; 2] = ["amazon-ssm-agent", "qemu-guest-agent"];

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    for at in material.commands() {
        if let Some(agent) = stopped(at.command) {
            found.warn(
                Code::AgentStopped,
                at.part(agent.range.clone()),
                format!("amint works through `{}`, and loses the builder with it", agent.text),
                "leave it running; `builder.ssm-agent: { …, remove: true }` takes it out when all is done",
            );
        }
    }
}

fn stopped(command: &Command) -> Option<&Word> {
    let has = |verbs: &[&str]| {
        command
            .operands()
            .any(|word| verbs.contains(&word.text.as_str()))
    };
    let stops = match command.name() {
        "systemctl" | "service" => has(&["stop", "disable", "mask", "kill"]),
        "snap" => has(&["stop", "remove", "disable"]),
        "apt-get" | "apt" => has(&["remove", "purge", "autoremove"]),
        "yum" | "dnf" | "zypper" => has(&["remove", "erase"]),
        "rpm" => command.has_option("-e") || command.has_option("--erase"),
        "dpkg" => ["-r", "-P", "--remove", "--purge"]
            .iter()
            .any(|option| command.has_option(option)),
        "killall" | "pkill" => true,
        _ => false,
    };
    let is_agent = |word: &&Word| AGENTS.iter().any(|agent| word.text.contains(agent));
    command.operands().find(is_agent).filter(|_| stops)
}
