//! `first-boot-secret`: secrets that each instance makes for itself.

use super::change::{Class, Place};
use super::changes::{Changes, count, quoted};
use super::rule::{DiffRule, both_ways, pair};
use crate::plan::{Action, Step};
use crate::steps::first_boot_secret::made_by;

pub(super) static ADDED: DiffRule = pair(
    "DIFF-SECRET-001",
    Class::Strengthened,
    "DIFF-SECRET-002",
    "instances make a secret of their own",
    "A secret that an instance makes at its first boot is known to no other instance and to nobody who built the image.",
);
pub(super) static REMOVED: DiffRule = pair(
    "DIFF-SECRET-002",
    Class::Weakened,
    "DIFF-SECRET-001",
    "instances no longer make a secret of their own",
    "What the secret protected has none now, or one that all instances share.",
);
static LONGER: DiffRule = pair(
    "DIFF-SECRET-003",
    Class::Strengthened,
    "DIFF-SECRET-004",
    "a first-boot secret is longer",
    "It is harder to guess.",
);
static SHORTER: DiffRule = pair(
    "DIFF-SECRET-004",
    Class::Weakened,
    "DIFF-SECRET-003",
    "a first-boot secret is shorter",
    "It is easier to guess.",
);
static COMMAND: DiffRule = both_ways(
    "DIFF-SECRET-005",
    Class::Changed,
    "a first-boot secret is handed to another command",
    "The command runs as root on every instance and sees the secret.",
);

pub(super) static RULES: &[&DiffRule] = &[&ADDED, &REMOVED, &LONGER, &SHORTER, &COMMAND];

pub(super) fn compare(old: &Step, new: &Step, place: &Place, changes: &mut Changes) {
    let (Some((was_long, was)), Some((is_long, is))) = (made(old), made(new)) else {
        return;
    };
    let name = quoted(&new.name);
    changes.amount(
        (&LONGER, &SHORTER),
        place.clone(),
        &format!("the length of the secret {name}"),
        (was_long, is_long),
        |length| count(u64::from(length), "character"),
    );
    let what = format!("the command that is given the secret {name}");
    changes.replaced(&COMMAND, place.clone(), &what, was, is);
}

fn made(step: &Step) -> Option<(u32, &str)> {
    step.actions.iter().find_map(|action| match action {
        Action::Upload { content, .. } => made_by(content),
        Action::Run { .. } | Action::Reboot => None,
    })
}
