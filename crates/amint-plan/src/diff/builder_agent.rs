//! `builder.agent`: the SSM agent that a base image without one is given.

use super::change::{Change, Class, Place};
use super::changes::{Changes, quoted};
use super::rule::{DiffRule, both_ways, pair};
use crate::machine::AgentPackage;

static INSTALLED: DiffRule = pair(
    "DIFF-AGENT-001",
    Class::Changed,
    "DIFF-AGENT-002",
    "the SSM agent is installed before the first step",
    "It runs as root, from a package whose digest the recipe names.",
);
static NOT_INSTALLED: DiffRule = pair(
    "DIFF-AGENT-002",
    Class::Changed,
    "DIFF-AGENT-001",
    "the SSM agent is no longer installed before the first step",
    "The base image has to bring one along, or the builder is never reached.",
);
static PACKAGE: DiffRule = both_ways(
    "DIFF-AGENT-003",
    Class::Changed,
    "the SSM agent comes from another package",
    "It runs as root, and digests say nothing about who made a package: compare it with what AWS publishes.",
);
static KEPT: DiffRule = pair(
    "DIFF-AGENT-004",
    Class::Weakened,
    "DIFF-AGENT-005",
    "the image keeps the SSM agent",
    "An agent is a way in: whoever may send commands to an instance is root there.",
);
static REMOVED: DiffRule = pair(
    "DIFF-AGENT-005",
    Class::Strengthened,
    "DIFF-AGENT-004",
    "the seal removes the SSM agent",
    "Whoever wants the agent on an instance installs it there.",
);

pub(super) static RULES: &[&DiffRule] = &[&INSTALLED, &NOT_INSTALLED, &PACKAGE, &KEPT, &REMOVED];

pub(super) fn compare(
    old: Option<&AgentPackage>,
    new: Option<&AgentPackage>,
    changes: &mut Changes,
) {
    let place = || Place::Builder { key: "agent" };
    match (old, new) {
        (Some(old), Some(new)) => packages(old, new, changes),
        (None, Some(new)) => {
            let message = format!("the SSM agent is now installed from {}", quoted(&new.url));
            changes.push(Change::by(&INSTALLED, place(), message).is(written(new)));
        }
        (Some(old), None) => {
            let message = format!(
                "the SSM agent is no longer installed from {}",
                quoted(&old.url)
            );
            changes.push(Change::by(&NOT_INSTALLED, place(), message).was(written(old)));
        }
        (None, None) => {}
    }
    let kept = |package: Option<&AgentPackage>| package.is_some_and(|package| !package.remove);
    let (rule, message) = match (kept(old), kept(new)) {
        (false, true) => (
            &KEPT,
            "the SSM agent that the build installs now stays in the image",
        ),
        (true, false) => (
            &REMOVED,
            "the SSM agent that the build installed no longer stays in the image",
        ),
        _ => return,
    };
    changes.push(Change::by(rule, place(), message));
}

fn packages(old: &AgentPackage, new: &AgentPackage, changes: &mut Changes) {
    // Whether it stays is said by itself.
    let AgentPackage {
        url,
        sha256,
        remove: _,
    } = new;
    let place = || Place::Builder { key: "agent" };
    let what = "the address of the SSM agent's package";
    changes.replaced(&PACKAGE, place(), what, &old.url, url);
    let what = "the digest of the SSM agent's package";
    changes.replaced(&PACKAGE, place(), what, &old.sha256, sha256);
}

fn written(package: &AgentPackage) -> String {
    format!("{}, SHA-256 {}", package.url, package.sha256)
}
