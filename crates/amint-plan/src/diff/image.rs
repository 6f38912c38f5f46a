//! `image`: what it is called, and how its instances reach their credentials.

use std::collections::BTreeMap;

use super::change::{Change, Class, Place};
use super::changes::{Changes, quoted};
use super::publish;
use super::rule::{DiffRule, both_ways, pair};
use crate::plan::Image;

static NAME: DiffRule = both_ways(
    "DIFF-IMAGE-001",
    Class::Neutral,
    "the image has another name",
    "A name changes nothing in an image.",
);
static DESCRIPTION: DiffRule = both_ways(
    "DIFF-IMAGE-002",
    Class::Neutral,
    "the image has another description",
    "A description changes nothing in an image.",
);
static TAG: DiffRule = both_ways(
    "DIFF-IMAGE-003",
    Class::Changed,
    "a tag of the image has another value",
    "An account's policies may decide by tags who may use an image.",
);
static TAG_ADDED: DiffRule = pair(
    "DIFF-IMAGE-004",
    Class::Changed,
    "DIFF-IMAGE-005",
    "the image has one more tag",
    "An account's policies may decide by tags who may use an image.",
);
static TAG_REMOVED: DiffRule = pair(
    "DIFF-IMAGE-005",
    Class::Changed,
    "DIFF-IMAGE-004",
    "the image has a tag less",
    "An account's policies may decide by tags who may use an image.",
);
static IMDS_V1: DiffRule = pair(
    "DIFF-IMAGE-006",
    Class::Weakened,
    "DIFF-IMAGE-007",
    "instances accept version 1 of the instance metadata service",
    "Version 1 hands an instance's credentials to whoever makes a program on it fetch an address.",
);
static IMDS_V2: DiffRule = pair(
    "DIFF-IMAGE-007",
    Class::Strengthened,
    "DIFF-IMAGE-006",
    "instances only accept version 2 of the instance metadata service",
    "Version 2 asks for a token first, which a program that is made to fetch an address does not have.",
);

pub(super) static RULES: &[&DiffRule] = &[
    &NAME,
    &DESCRIPTION,
    &TAG,
    &TAG_ADDED,
    &TAG_REMOVED,
    &IMDS_V1,
    &IMDS_V2,
];

pub(super) fn compare(old: &Image, new: &Image, changes: &mut Changes) {
    let Image {
        name,
        description,
        tags,
        imds_v2,
        publish,
    } = new;
    let place = |key| Place::Image { key };
    changes.replaced(&NAME, place("name"), "the image's name", &old.name, name);
    changes.replaced(
        &DESCRIPTION,
        place("description"),
        "the image's description",
        &old.description,
        description,
    );
    let rules = TagRules {
        changed: &TAG,
        added: &TAG_ADDED,
        removed: &TAG_REMOVED,
    };
    rules.compare(&place("tags"), "of the image", (&old.tags, tags), changes);
    if old.imds_v2 != *imds_v2 {
        let (rule, message) = match imds_v2 {
            true => (
                &IMDS_V2,
                "instances now only accept version 2 of the instance metadata service",
            ),
            false => (
                &IMDS_V1,
                "instances now accept version 1 of the instance metadata service",
            ),
        };
        changes.push(Change::by(rule, place("imds-v2"), message));
    }
    publish::compare(&old.publish, publish, changes);
}

/// What is said of tags.
pub(super) struct TagRules {
    pub(super) changed: &'static DiffRule,
    pub(super) added: &'static DiffRule,
    pub(super) removed: &'static DiffRule,
}

impl TagRules {
    pub(super) fn compare(
        &self,
        place: &Place,
        whose: &str,
        (old, new): (&BTreeMap<String, String>, &BTreeMap<String, String>),
        changes: &mut Changes,
    ) {
        let written = |key: &str, value: &str| format!("{key}={value}");
        for (key, value) in new {
            let what = format!("the tag {} {whose}", quoted(key));
            match old.get(key) {
                Some(before) => {
                    changes.replaced(self.changed, place.clone(), &what, before, value);
                }
                None => {
                    let message = format!("{what} is new, with the value {}", quoted(value));
                    let change = Change::by(self.added, place.clone(), message);
                    changes.push(change.is(written(key, value)));
                }
            }
        }
        for (key, value) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
            let message = format!("the tag {} {whose} is gone", quoted(key));
            let change = Change::by(self.removed, place.clone(), message);
            changes.push(change.was(written(key, value)));
        }
    }
}
