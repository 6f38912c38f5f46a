//! `image.publish`: who gets the image, and for how long.

use super::change::{Change, Class, Place};
use super::changes::{Changes, count, duration, quoted};
use super::rule::{DiffRule, both_ways, pair};
use crate::publish::Publish;

static SHARED: DiffRule = pair(
    "DIFF-PUBLISH-001",
    Class::Weakened,
    "DIFF-PUBLISH-002",
    "the image is shared with somebody more",
    "Whoever may launch an image can read everything in it. An organization or a unit is all accounts in it, those that join \
     later among them.",
);
static UNSHARED: DiffRule = pair(
    "DIFF-PUBLISH-002",
    Class::Strengthened,
    "DIFF-PUBLISH-001",
    "the image is no longer shared with somebody",
    "Fewer can read what is in it. What they already copied, they keep.",
);
static PUBLIC: DiffRule = pair(
    "DIFF-PUBLISH-003",
    Class::Weakened,
    "DIFF-PUBLISH-004",
    "the image is public",
    "Everybody with an AWS account can launch it and read everything in it.",
);
static NOT_PUBLIC: DiffRule = pair(
    "DIFF-PUBLISH-004",
    Class::Strengthened,
    "DIFF-PUBLISH-003",
    "the image is no longer public",
    "Only those it is shared with can read what is in it.",
);
static COPIED: DiffRule = pair(
    "DIFF-PUBLISH-005",
    Class::Weakened,
    "DIFF-PUBLISH-006",
    "the image is copied to one more Region",
    "It is offered where it was not, to all it is shared with; each copy has to be retired and withdrawn by itself.",
);
static NOT_COPIED: DiffRule = pair(
    "DIFF-PUBLISH-006",
    Class::Strengthened,
    "DIFF-PUBLISH-005",
    "the image is no longer copied to a Region",
    "It is offered at fewer places.",
);
static DEPRECATED_LATER: DiffRule = pair(
    "DIFF-PUBLISH-007",
    Class::Weakened,
    "DIFF-PUBLISH-008",
    "the image counts as outdated later, or never",
    "Until then EC2 lists it among the current ones, with all the holes that have become known since.",
);
static DEPRECATED_EARLIER: DiffRule = pair(
    "DIFF-PUBLISH-008",
    Class::Strengthened,
    "DIFF-PUBLISH-007",
    "the image counts as outdated earlier",
    "Whoever looks for an image sooner gets a newer one.",
);
static PARAMETER: DiffRule = both_ways(
    "DIFF-PUBLISH-009",
    Class::Changed,
    "another parameter names the image, or none does",
    "Whoever launches what a parameter names gets this image from now on, or does not any more.",
);
static KEPT: DiffRule = both_ways(
    "DIFF-PUBLISH-010",
    Class::Changed,
    "another number of images is kept",
    "Images beyond the number are deleted when the next one is published: old ones stay in use longer, or can no longer be \
     gone back to.",
);

pub(super) static RULES: &[&DiffRule] = &[
    &SHARED,
    &UNSHARED,
    &PUBLIC,
    &NOT_PUBLIC,
    &COPIED,
    &NOT_COPIED,
    &DEPRECATED_LATER,
    &DEPRECATED_EARLIER,
    &PARAMETER,
    &KEPT,
];

/// EC2's word for everybody. A recipe cannot say it; a plan may have been written by anybody.
const EVERYBODY: &str = "all";

pub(super) fn compare(old: &Publish, new: &Publish, changes: &mut Changes) {
    let Publish {
        copy_to,
        accounts,
        organizations,
        organizational_units,
        deprecate_after_seconds,
        parameter,
        keep_last,
    } = new;
    let place = |key| Place::Publish { key };
    changes.items(
        &place("copy-to"),
        (&old.copy_to, copy_to),
        (&COPIED, "the image is now copied to the Region"),
        (&NOT_COPIED, "the image is no longer copied to the Region"),
    );
    public(&old.accounts, accounts, changes);
    for (key, whom, lists) in [
        (
            "share-with.accounts",
            "the account",
            (&old.accounts, accounts),
        ),
        (
            "share-with.organizations",
            "the whole organization",
            (&old.organizations, organizations),
        ),
        (
            "share-with.organizational-units",
            "the whole organizational unit",
            (&old.organizational_units, organizational_units),
        ),
    ] {
        let named = |list: &[String]| -> Vec<String> {
            list.iter()
                .filter(|one| *one != EVERYBODY)
                .cloned()
                .collect()
        };
        let (before, after) = (named(lists.0), named(lists.1));
        changes.items(
            &place(key),
            (&before, &after),
            (&SHARED, &format!("the image is now shared with {whom}")),
            (
                &UNSHARED,
                &format!("the image is no longer shared with {whom}"),
            ),
        );
    }
    deprecation(
        old.deprecate_after_seconds,
        *deprecate_after_seconds,
        changes,
    );
    named_by(old.parameter.as_deref(), parameter.as_deref(), changes);
    kept(old.keep_last, *keep_last, changes);
}

fn public(old: &[String], new: &[String], changes: &mut Changes) {
    let everybody = |list: &[String]| list.iter().any(|one| one == EVERYBODY);
    let (rule, message) = match (everybody(old), everybody(new)) {
        (false, true) => (&PUBLIC, "the image is now public: everybody can launch it"),
        (true, false) => (&NOT_PUBLIC, "the image is no longer public"),
        _ => return,
    };
    let key = "share-with.accounts";
    changes.push(Change::by(rule, Place::Publish { key }, message));
}

/// Never is later than any day.
fn deprecation(old: Option<u64>, new: Option<u64>, changes: &mut Changes) {
    changes.amount(
        (&DEPRECATED_LATER, &DEPRECATED_EARLIER),
        Place::Publish {
            key: "deprecate-after",
        },
        "the age at which the image counts as outdated",
        (old.unwrap_or(u64::MAX), new.unwrap_or(u64::MAX)),
        |seconds| match seconds {
            u64::MAX => "unlimited".to_owned(),
            seconds => duration(seconds),
        },
    );
}

fn named_by(old: Option<&str>, new: Option<&str>, changes: &mut Changes) {
    let place = Place::Publish { key: "parameter" };
    match (old, new) {
        (Some(old), Some(new)) => {
            let what = "the parameter that will name the image";
            changes.replaced(&PARAMETER, place, what, old, new);
        }
        (None, Some(new)) => {
            let message = format!("the parameter {} will name the image", quoted(new));
            changes.push(Change::by(&PARAMETER, place, message).is(new));
        }
        (Some(old), None) => {
            let message = format!(
                "the parameter {} will no longer name the image",
                quoted(old)
            );
            changes.push(Change::by(&PARAMETER, place, message).was(old));
        }
        (None, None) => {}
    }
}

fn kept(old: Option<u32>, new: Option<u32>, changes: &mut Changes) {
    if old != new {
        let say = |number: Option<u32>| match number {
            Some(number) => count(u64::from(number), "image"),
            None => "all images".to_owned(),
        };
        let message = format!("of this recipe {} were kept and {} are", say(old), say(new));
        let place = Place::Publish { key: "keep-last" };
        changes.push(Change::by(&KEPT, place, message).was(say(old)).is(say(new)));
    }
}
