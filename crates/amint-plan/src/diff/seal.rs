//! `seal`: which hardening steps run, what is checked on the finished disk, which logs are cleared.

use amint_harden::by_reference;

use super::change::{Change, Class, Place};
use super::changes::{Changes, quoted};
use super::rule::{DiffRule, both_ways, pair};
use crate::plan::{Seal, SealStep};

static STEP_REMOVED: DiffRule = pair(
    "DIFF-SEAL-001",
    Class::Weakened,
    "DIFF-SEAL-002",
    "a hardening step no longer runs",
    "What the step removes or locks stays in the image, and the check of the finished disk that belongs to it is no \
     longer made. `amint explain` with the step's name says what it does.",
);
static STEP_ADDED: DiffRule = pair(
    "DIFF-SEAL-002",
    Class::Strengthened,
    "DIFF-SEAL-001",
    "one more hardening step runs",
    "It removes or locks something that stayed in the image before, and the finished disk is checked for it.",
);
static STEP_CHANGED: DiffRule = both_ways(
    "DIFF-SEAL-003",
    Class::Changed,
    "a hardening step's script is another one",
    "The step does the same job by another script, as with another release of amint; its check of the finished disk holds \
     it to the same rules.",
);
static ORDER: DiffRule = both_ways(
    "DIFF-SEAL-004",
    Class::Changed,
    "hardening steps run in another order",
    "The catalogue owns the order in which they work together; it changes with amint, not with a recipe.",
);
static PROFILE: DiffRule = both_ways(
    "DIFF-SEAL-005",
    Class::Changed,
    "the image is sealed by another profile",
    "A profile is a list of hardening steps and checks; what it lacks or adds is listed as a change of its own.",
);
static OLDER_PROFILE: DiffRule = pair(
    "DIFF-SEAL-006",
    Class::Weakened,
    "DIFF-SEAL-007",
    "the image is sealed by an older version of its profile",
    "Versions of a profile grow with what they ask for; an older one is blind to what was learnt since.",
);
static NEWER_PROFILE: DiffRule = pair(
    "DIFF-SEAL-007",
    Class::Strengthened,
    "DIFF-SEAL-006",
    "the image is sealed by a newer version of its profile",
    "Versions of a profile grow with what they ask for.",
);
static CHECK_REMOVED: DiffRule = pair(
    "DIFF-SEAL-008",
    Class::Weakened,
    "DIFF-SEAL-009",
    "a check of the finished disk is no longer made",
    "What it would find goes into a published image unseen.",
);
static CHECK_ADDED: DiffRule = pair(
    "DIFF-SEAL-009",
    Class::Strengthened,
    "DIFF-SEAL-008",
    "one more check of the finished disk is made",
    "What it finds stops the image from being published.",
);
static LOG_REMOVED: DiffRule = pair(
    "DIFF-SEAL-010",
    Class::Weakened,
    "DIFF-SEAL-011",
    "a log of the product is no longer emptied",
    "What the product logged while the image was built and tested ships with it.",
);
static LOG_ADDED: DiffRule = pair(
    "DIFF-SEAL-011",
    Class::Strengthened,
    "DIFF-SEAL-010",
    "one more log of the product is emptied",
    "What the product logged while the image was built does not ship with it.",
);

pub(super) static RULES: &[&DiffRule] = &[
    &STEP_REMOVED,
    &STEP_ADDED,
    &STEP_CHANGED,
    &ORDER,
    &PROFILE,
    &OLDER_PROFILE,
    &NEWER_PROFILE,
    &CHECK_REMOVED,
    &CHECK_ADDED,
    &LOG_REMOVED,
    &LOG_ADDED,
];

pub(super) fn compare(old: &Seal, new: &Seal, changes: &mut Changes) {
    let Seal {
        profile,
        steps,
        application_logs,
    } = new;
    profiles(&old.profile, profile, changes);
    hardening_steps(&old.steps, steps, changes);
    checks(&old.profile, profile, changes);
    changes.items(
        &Place::Seal {
            key: "application-logs",
        },
        (&old.application_logs, application_logs),
        (&LOG_ADDED, "the seal now empties the product's log"),
        (&LOG_REMOVED, "the seal no longer empties the product's log"),
    );
}

fn profiles(old: &str, new: &str, changes: &mut Changes) {
    let place = Place::Seal { key: "profile" };
    match (versioned(old), versioned(new)) {
        (Some((name, before)), Some((same, after))) if name == same => changes.amount(
            (&NEWER_PROFILE, &OLDER_PROFILE),
            place,
            &format!("the version of the profile {}", quoted(name)),
            (before, after),
            |version| version.to_string(),
        ),
        _ => changes.replaced(&PROFILE, place, "the profile of the seal", old, new),
    }
}

/// Name and version of a single profile.
fn versioned(reference: &str) -> Option<(&str, u32)> {
    let (name, version) = reference.split_once('@')?;
    Some((name, version.parse().ok()?))
}

fn hardening_steps(old: &[SealStep], new: &[SealStep], changes: &mut Changes) {
    let place = |step: &SealStep| Place::HardeningStep {
        id: step.id.clone(),
    };
    for step in old.iter().filter(|step| !holds(new, step)) {
        let message = format!("the seal no longer runs {}", described(&step.id));
        changes.push(Change::by(&STEP_REMOVED, place(step), message).was(&step.id));
    }
    for step in new.iter().filter(|step| !holds(old, step)) {
        let message = format!("the seal now runs {}", described(&step.id));
        changes.push(Change::by(&STEP_ADDED, place(step), message).is(&step.id));
    }
    for step in new {
        let SealStep { id, sha256 } = step;
        if let Some(before) = old.iter().find(|one| one.id == *id)
            && before.sha256 != *sha256
        {
            let message = format!("the seal runs another script for {}", described(id));
            let change = Change::by(&STEP_CHANGED, place(step), message);
            changes.push(change.was(&before.sha256).is(sha256));
        }
    }
    order(old, new, changes);
}

fn holds(steps: &[SealStep], step: &SealStep) -> bool {
    steps.iter().any(|one| one.id == step.id)
}

/// Whether the steps that both have come in the same order.
fn order(old: &[SealStep], new: &[SealStep], changes: &mut Changes) {
    let shared = |steps: &[SealStep], other: &[SealStep]| -> Vec<String> {
        let shared = steps.iter().filter(|step| holds(other, step));
        shared.map(|step| step.id.clone()).collect()
    };
    let (before, after) = (shared(old, new), shared(new, old));
    if before != after {
        let place = Place::Seal { key: "steps" };
        let message = "the hardening steps run in another order";
        let change = Change::by(&ORDER, place, message);
        changes.push(change.was(before.join(", ")).is(after.join(", ")));
    }
}

/// What profiles read back besides the results of their steps. The plan names the profile only, and the catalogue what it
/// checks; of a profile that this catalogue does not have, nothing is said.
fn checks(old: &str, new: &str, changes: &mut Changes) {
    let (Some(old), Some(new)) = (by_reference(old), by_reference(new)) else {
        return;
    };
    let missing = |there: &'static amint_harden::Profile, here: &'static amint_harden::Profile| {
        let checks = there.checks.iter().copied();
        checks.filter(move |check| here.checks.iter().all(|one| one.id != check.id))
    };
    let place = |check: &amint_harden::Check| Place::Check {
        id: check.id.to_owned(),
    };
    for check in missing(old, new) {
        let message = format!(
            "the finished disk is no longer checked for `{}`: {}",
            check.id, check.title
        );
        changes.push(Change::by(&CHECK_REMOVED, place(check), message).was(check.id));
    }
    for check in missing(new, old) {
        let message = format!(
            "the finished disk is now checked for `{}`: {}",
            check.id, check.title
        );
        changes.push(Change::by(&CHECK_ADDED, place(check), message).is(check.id));
    }
}

/// A hardening step's name and what it does.
fn described(id: &str) -> String {
    match amint_harden::step(id) {
        Some(step) => format!("`{id}` ({})", step.title),
        None => quoted(id),
    }
}
