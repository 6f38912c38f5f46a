//! `builder`: when it ends itself, what it is and what it reaches.

use super::builder_aws;
use super::change::{Change, Class, Place};
use super::changes::{Changes, duration};
use super::rule::{DiffRule, both_ways, pair};
use crate::machine::{Builder, LocalMachine, Machine};

static LONGER: DiffRule = pair(
    "DIFF-BUILDER-001",
    Class::Weakened,
    "DIFF-BUILDER-002",
    "the dead man's switch gives the builder longer",
    "A builder that nobody ends ends itself when its time is up. Until then it runs with the rights of its instance profile, \
     and costs.",
);
static SHORTER: DiffRule = pair(
    "DIFF-BUILDER-002",
    Class::Strengthened,
    "DIFF-BUILDER-001",
    "the dead man's switch ends the builder earlier",
    "A builder that nobody ends runs for a shorter time.",
);
static MACHINE: DiffRule = both_ways(
    "DIFF-BUILDER-003",
    Class::Changed,
    "the image is built somewhere else",
    "A local machine and an instance start from different images and are guarded by different means.",
);
static SIZE: DiffRule = both_ways(
    "DIFF-BUILDER-004",
    Class::Neutral,
    "the builder has another size",
    "Processors and memory of the builder are no part of the image.",
);
static NETWORK: DiffRule = pair(
    "DIFF-BUILDER-005",
    Class::Weakened,
    "DIFF-BUILDER-006",
    "the builder reaches a network",
    "What its steps run can fetch code that nobody has read, and send away what it finds.",
);
static NO_NETWORK: DiffRule = pair(
    "DIFF-BUILDER-006",
    Class::Strengthened,
    "DIFF-BUILDER-005",
    "the builder no longer reaches a network",
    "All that goes into the image is named in the recipe.",
);

pub(super) static RULES: &[&DiffRule] =
    &[&LONGER, &SHORTER, &MACHINE, &SIZE, &NETWORK, &NO_NETWORK];

pub(super) fn compare(old: &Builder, new: &Builder, changes: &mut Changes) {
    let Builder {
        timeout_seconds,
        machine,
    } = new;
    changes.amount(
        (&LONGER, &SHORTER),
        Place::Builder { key: "timeout" },
        "the time after which the builder ends itself",
        (old.timeout_seconds, *timeout_seconds),
        duration,
    );
    match (&old.machine, machine) {
        (Machine::Local(old), Machine::Local(new)) => local(old, new, changes),
        (Machine::Aws(old), Machine::Aws(new)) => builder_aws::compare(old, new, changes),
        (Machine::Local(_), Machine::Aws(_)) | (Machine::Aws(_), Machine::Local(_)) => {
            let place = Place::Builder { key: "machine" };
            changes.replaced(
                &MACHINE,
                place,
                "the builder",
                word(&old.machine),
                word(machine),
            );
        }
    }
}

fn word(machine: &Machine) -> &'static str {
    match machine {
        Machine::Local(_) => "a local machine",
        Machine::Aws(_) => "an EC2 instance",
    }
}

fn local(old: &LocalMachine, new: &LocalMachine, changes: &mut Changes) {
    let LocalMachine {
        vcpus,
        memory_mib,
        network,
    } = new;
    let place = |key| Place::Builder { key };
    let size = (&SIZE, &SIZE);
    let processors = (old.vcpus, *vcpus);
    changes.amount(
        size,
        place("vcpus"),
        "the number of the builder's processors",
        processors,
        |n| n.to_string(),
    );
    let memory = (old.memory_mib, *memory_mib);
    changes.amount(
        size,
        place("memory"),
        "the builder's memory",
        memory,
        |mib| format!("{mib} MiB"),
    );
    if old.network != *network {
        let (rule, message) = match network {
            true => (&NETWORK, "the builder now reaches a network"),
            false => (&NO_NETWORK, "the builder no longer reaches a network"),
        };
        changes.push(Change::by(rule, place("network"), message));
    }
}
