//! What depends on the order of steps.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, Class, Place};
use super::changes::{Changes, quoted};
use super::facts::{Fact, Steps};
use super::matching::weight;
use super::pairing::Pairing;
use super::rule::{DiffRule, both_ways, pair};
use super::shell::Command;
use super::touches;
use crate::plan::{Action, Step};

static MOVED: DiffRule = both_ways(
    "DIFF-ORDER-001",
    Class::Changed,
    "a step runs earlier or later",
    "What a step does may depend on what was done before it.",
);
static AFTER_GUARD: DiffRule = pair(
    "DIFF-ORDER-002",
    Class::Weakened,
    "DIFF-ORDER-003",
    "a step now touches something after another one guarded it",
    "The last line counts: what a step closed, one that runs after it may open again.",
);
static BEFORE_GUARD: DiffRule = pair(
    "DIFF-ORDER-003",
    Class::Strengthened,
    "DIFF-ORDER-002",
    "a step that guards something now runs after those that touch it",
    "The last line counts: it closes what those before it may have opened.",
);
static AFTER_CLEANING: DiffRule = pair(
    "DIFF-ORDER-004",
    Class::Weakened,
    "DIFF-ORDER-005",
    "a step now runs after the recipe's own clean-up",
    "A clean-up assumes that nothing comes after it. The seal clears what it knows; what only the recipe's own step knows to \
     clear, such as a product's traces, stays when it is written later.",
);
static BEFORE_CLEANING: DiffRule = pair(
    "DIFF-ORDER-005",
    Class::Strengthened,
    "DIFF-ORDER-004",
    "a step now runs before the recipe's own clean-up",
    "What it leaves behind is cleared along with the rest.",
);
static NOT_BOOTED: DiffRule = pair(
    "DIFF-ORDER-006",
    Class::Weakened,
    "DIFF-ORDER-007",
    "upgraded packages are no longer booted before the image is made",
    "A new kernel or service first runs on somebody's instance: that it works, and what it writes at its first boot, is not \
     seen by the steps, the seal and the inspection.",
);
static BOOTED: DiffRule = pair(
    "DIFF-ORDER-007",
    Class::Strengthened,
    "DIFF-ORDER-006",
    "upgraded packages are booted before the image is made",
    "What was tested is what will run.",
);

pub(super) static RULES: &[&DiffRule] = &[
    &MOVED,
    &AFTER_GUARD,
    &BEFORE_GUARD,
    &AFTER_CLEANING,
    &BEFORE_CLEANING,
    &NOT_BOOTED,
    &BOOTED,
];

/// What both plans' steps do to the subjects that guard an image, in the plans' order, and which of them clean up.
pub(super) struct Deeds<'a> {
    pub(super) old: &'a [Fact],
    pub(super) new: &'a [Fact],
    pub(super) old_cleaning: &'a BTreeSet<usize>,
    pub(super) new_cleaning: &'a BTreeSet<usize>,
}

pub(super) fn compare(steps: Steps<'_>, deeds: &Deeds<'_>, changes: &mut Changes) {
    let start = changes.0.len();
    after_guards(steps, deeds, changes);
    after_cleaning(steps, deeds, changes);
    booted(steps, changes);
    let told: BTreeSet<Place> = changes.0[start..]
        .iter()
        .map(|one| one.place.clone())
        .collect();
    moved(steps, &told, changes);
}

/// Whether a subject is touched after the last line that guards it.
fn after_guards(steps: Steps<'_>, deeds: &Deeds<'_>, changes: &mut Changes) {
    let (before, after) = (last_guards(deeds.old), last_guards(deeds.new));
    let key = |fact: &Fact| (fact.about.what, fact.about.added.id, fact.key.clone());
    let mut pairing = Pairing::new(deeds.old.len(), deeds.new.len());
    pairing.by_key(
        |at| Some(key(&deeds.old[at])),
        |at| Some(key(&deeds.new[at])),
    );
    let mut told = BTreeSet::new();
    for (was_at, is_at) in pairing.pairs() {
        let fact = &deeds.new[is_at];
        let what = fact.about.what;
        let (Some(old_guard), Some(new_guard)) = (before.get(what), after.get(what)) else {
            continue;
        };
        if touches::guards(fact) {
            continue;
        }
        let (rule, says) = match (was_at > *old_guard, is_at > *new_guard) {
            (false, true) => (&AFTER_GUARD, "now comes after the step that guards"),
            (true, false) => (&BEFORE_GUARD, "no longer comes after the step that guards"),
            _ => continue,
        };
        if told.insert((deeds.old[was_at].step, fact.step, what)) {
            let name = quoted(&steps.new[fact.step].name);
            let message = format!(
                "what the step {name} does {says} {what}: {}",
                quoted(&fact.shown)
            );
            let place = steps.place(deeds.old[was_at].step, fact.step);
            changes.push(Change::by(rule, place, message));
        }
    }
}

/// The position of the last line that guards each subject.
fn last_guards(facts: &[Fact]) -> BTreeMap<&'static str, usize> {
    let guards = facts
        .iter()
        .enumerate()
        .filter(|(_, fact)| touches::guards(fact));
    guards.map(|(at, fact)| (fact.about.what, at)).collect()
}

/// Whether a step of both plans runs after one that cleans up, of those that do in both. Each counts: a new one behind them,
/// that clears next to nothing, must not hide what now comes after the one that did the work.
fn after_cleaning(steps: Steps<'_>, deeds: &Deeds<'_>, changes: &mut Changes) {
    let cleaning: Vec<(usize, usize)> = steps
        .pairing
        .pairs()
        .filter(|(was, is)| deeds.old_cleaning.contains(was) && deeds.new_cleaning.contains(is))
        .collect();
    for (before, after) in steps.pairing.pairs() {
        let passes = |forth: bool| {
            let mut passed = cleaning.iter().rev();
            passed.find(|(was, is)| match forth {
                true => before < *was && after > *is,
                false => before > *was && after < *is,
            })
        };
        for (forth, rule, says) in [
            (true, &AFTER_CLEANING, "now runs after"),
            (false, &BEFORE_CLEANING, "now runs before"),
        ] {
            let Some((_, is)) = passes(forth) else {
                continue;
            };
            let (step, cleaning) = (&steps.new[after].name, &steps.new[*is].name);
            let message = format!(
                "the step {} {says} {}, which cleans up",
                quoted(step),
                quoted(cleaning)
            );
            changes.push(Change::by(rule, steps.place_of_new(after), message));
        }
    }
}

/// Whether a script clears traces: logs, histories, caches, temporary files.
pub(super) fn cleans_up(commands: &[Command]) -> bool {
    const TRACES: [&str; 7] = [
        "/var/log",
        "history",
        "/tmp/*",
        "/var/tmp",
        "/var/cache",
        "/var/lib/cloud",
        "authorized_keys",
    ];
    commands.iter().any(|command| {
        let line = command.line();
        let named = || TRACES.iter().any(|trace| line.contains(trace));
        let asked = |word: &str| command.arguments().iter().any(|one| one == word);
        match command.program() {
            "rm" | "truncate" | "shred" | "find" => named(),
            "history" => asked("-c"),
            "cloud-init" | "apt-get" | "apt" | "dnf" | "yum" => asked("clean"),
            "journalctl" => line.contains("--vacuum"),
            _ => false,
        }
    })
}

/// Nothing is said where a plan upgrades nothing.
fn booted(steps: Steps<'_>, changes: &mut Changes) {
    let (Some(was), Some(is)) = (boots_upgrades(steps.old), boots_upgrades(steps.new)) else {
        return;
    };
    let (rule, message) = match (was.1, is.1) {
        (true, false) => (
            &NOT_BOOTED,
            "no `reboot` follows the last upgrade of packages any more",
        ),
        (false, true) => (
            &BOOTED,
            "a `reboot` now follows the last upgrade of packages",
        ),
        _ => return,
    };
    changes.push(Change::by(rule, steps.place(was.0, is.0), message));
}

/// The position of the last upgrade, and whether a reboot follows it.
fn boots_upgrades(steps: &[Step]) -> Option<(usize, bool)> {
    let upgrade = steps
        .iter()
        .rposition(|step| step.kind == "upgrade-packages")?;
    let mut after = steps[upgrade..].iter().flat_map(|step| &step.actions);
    Some((
        upgrade,
        after.any(|action| matches!(action, Action::Reboot)),
    ))
}

/// Steps that moved past others, unless that was said already.
fn moved(steps: Steps<'_>, told: &BTreeSet<Place>, changes: &mut Changes) {
    let weight = |old: usize, new: usize| {
        let (one, other) = (weight(&steps.old[old]), weight(&steps.new[new]));
        // Of both sides alike, and each is less than half of what there is room for.
        one + other
    };
    let moved = steps.pairing.moved(weight);
    let stays: Vec<(usize, usize)> = {
        let moved: BTreeSet<_> = moved.iter().collect();
        steps
            .pairing
            .pairs()
            .filter(|pair| !moved.contains(pair))
            .collect()
    };
    for (old, new) in moved {
        let place = steps.place_of_new(new);
        if told.contains(&place) {
            continue;
        }
        // Of what stays, old and new positions ascend alike.
        let was = stays.partition_point(|(before, _)| *before < old);
        let is = stays.partition_point(|(_, after)| *after < new);
        let how = if is < was { "earlier" } else { "later" };
        let behind = |at: usize, steps: &[Step]| match at.checked_sub(1) {
            Some(previous) => format!("after {}", quoted(&steps[previous].name)),
            None => "first".to_owned(),
        };
        let message = format!(
            "the step {} now runs {how}, {}",
            quoted(&steps.new[new].name),
            behind(new, steps.new)
        );
        let change = Change::by(&MOVED, place, message);
        changes.push(
            change
                .was(behind(old, steps.old))
                .is(behind(new, steps.new)),
        );
    }
}
