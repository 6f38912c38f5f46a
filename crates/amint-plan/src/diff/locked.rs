//! `locked`: the base image that the lock file binds a plan to.

use super::base::{self, NEWER, NOT_STRANGE, OLDER, OTHER, STRANGE, is_official};
use super::change::{Change, Class, Place};
use super::changes::Changes;
use super::rule::{DiffRule, pair};
use crate::lock::LockedBase;
use crate::plan::Base;

static UNLOCKED: DiffRule = pair(
    "DIFF-LOCK-001",
    Class::Weakened,
    "DIFF-LOCK-002",
    "the base image is not locked any more",
    "A build starts from whatever image the recipe's question leads to on that day: nobody has looked at it before.",
);
static LOCKED: DiffRule = pair(
    "DIFF-LOCK-002",
    Class::Strengthened,
    "DIFF-LOCK-001",
    "the base image is locked",
    "Every build starts from the image that was approved, and another one is a change of the lock file.",
);

pub(super) static RULES: &[&DiffRule] = &[&UNLOCKED, &LOCKED];

/// Each with what the recipe asks for.
pub(super) fn compare(
    (old_base, old): (&Base, Option<&LockedBase>),
    (new_base, new): (&Base, Option<&LockedBase>),
    changes: &mut Changes,
) {
    // What the recipe's own question says of its answer is not told again.
    let answer = |base: &Base, locked| strange(locked).filter(|_| base::strange(base).is_none());
    match (old, new) {
        (None, None) => {}
        (Some(old), None) => {
            let message = format!("the base image is not locked any more: it was {old}");
            changes.push(Change::by(&UNLOCKED, Place::Base, message).was(old.to_string()));
            owners(answer(old_base, old), None, changes);
        }
        (None, Some(new)) => {
            let message = format!("the base image is locked: it is {new}");
            changes.push(Change::by(&LOCKED, Place::Base, message).is(new.to_string()));
            owners(None, answer(new_base, new), changes);
        }
        (Some(old), Some(new)) => both(old, new, changes),
    }
}

fn both(old: &LockedBase, new: &LockedBase, changes: &mut Changes) {
    // Taken apart without a rest: what else tells two images apart has to be given a rule.
    let LockedBase {
        id: _,
        name: _,
        owner: _,
        created,
    } = new;
    let found = changes.0.len();
    owners(strange(old), strange(new), changes);
    let (before, after) = (old.to_string(), new.to_string());
    // One form of time for all: text compares as time does.
    if let (Some(was), Some(is)) = (&old.created, created)
        && was != is
    {
        // Without the `Z`, which sorts behind the dot of a fraction.
        let (rule, how) = match is.trim_end_matches('Z') > was.trim_end_matches('Z') {
            true => (&NEWER, "newer"),
            false => (&OLDER, "older"),
        };
        let message = format!("the locked base image is {how}: it was {before} and is {after}");
        changes.push(Change::by(rule, Place::Base, message).was(before).is(after));
    } else if changes.0.len() == found {
        changes.replaced(
            &OTHER,
            Place::Base,
            "the locked base image",
            &before,
            &after,
        );
    }
}

fn owners(was: Option<String>, is: Option<String>, changes: &mut Changes) {
    changes.items(
        &Place::Base,
        (was.as_slice(), is.as_slice()),
        (
            &STRANGE,
            "the locked base image is now of an account that is not known to be official:",
        ),
        (
            &NOT_STRANGE,
            "the locked base image is no longer of an account that is not known to be official:",
        ),
    );
}

/// The account that owns it, unless that is known to be official. On this computer there are no accounts; on AWS, who says
/// nothing about it says nothing good.
fn strange(locked: &LockedBase) -> Option<String> {
    match &locked.owner {
        Some(owner) => (!is_official(owner)).then(|| owner.clone()),
        None => locked
            .id
            .starts_with("ami-")
            .then(|| "nobody says whose".to_owned()),
    }
}
