//! `base`: whose image the builder starts from, and how old it is.

use super::change::{Change, Class, Place};
use super::changes::Changes;
use super::release::Release;
use super::rule::{DiffRule, both_ways, pair};
use crate::plan::Base;

pub(super) static STRANGE: DiffRule = pair(
    "DIFF-BASE-001",
    Class::Weakened,
    "DIFF-BASE-002",
    "the build starts from an image that is not known to be official",
    "Whoever made the base image decides what is in every image that is built on it. Official are Debian's releases that \
     amint makes itself, what AWS's public parameters name, and what the accounts of the distributions own; a literal image \
     id or a file says nothing about its maker.",
);
pub(super) static NOT_STRANGE: DiffRule = pair(
    "DIFF-BASE-002",
    Class::Strengthened,
    "DIFF-BASE-001",
    "the build no longer starts from an image that is not known to be official",
    "One maker less has to be trusted.",
);
pub(super) static OLDER: DiffRule = pair(
    "DIFF-BASE-003",
    Class::Weakened,
    "DIFF-BASE-004",
    "the base image is older",
    "What was mended since is open again, until a step brings it up to date; an older release is supported for a shorter \
     time.",
);
pub(super) static NEWER: DiffRule = pair(
    "DIFF-BASE-004",
    Class::Strengthened,
    "DIFF-BASE-003",
    "the base image is newer",
    "It brings along what was mended since.",
);
pub(super) static OTHER: DiffRule = both_ways(
    "DIFF-BASE-005",
    Class::Changed,
    "the build starts from another base image",
    "Everything that the steps do not change comes from the base image.",
);

pub(super) static RULES: &[&DiffRule] = &[&STRANGE, &NOT_STRANGE, &OLDER, &NEWER, &OTHER];

/// Who EC2 images are official of: an alias or an account id, and whose it is.
const OFFICIAL_OWNERS: [(&str, &str); 13] = [
    ("amazon", "AWS"),
    // amint's own aliases of the accounts below.
    ("debian", "Debian"),
    ("ubuntu", "Ubuntu"),
    ("canonical", "Ubuntu"),
    ("137112412989", "Amazon Linux"),
    ("099720109477", "Ubuntu"),
    ("136693071363", "Debian"),
    ("309956199498", "Red Hat"),
    ("013907871322", "SUSE"),
    ("125523088429", "Fedora and CentOS"),
    ("792107900819", "Rocky Linux"),
    ("764336703387", "AlmaLinux"),
    ("131827586825", "Oracle Linux"),
];

/// What only AWS can create parameters under; the distributions publish theirs there, too.
const OFFICIAL_PARAMETERS: &str = "/aws/service/";

pub(super) fn compare(old: &Base, new: &Base, changes: &mut Changes) {
    let (before, after) = (written(old), written(new));
    // The path of a file is not what is built on: its digest is.
    if before == after {
        return;
    }
    let found = changes.0.len();
    let (was, is) = (strange(old), strange(new));
    changes.items(
        &Place::Base,
        (was.as_slice(), is.as_slice()),
        (
            &STRANGE,
            "the build now starts from an image that is not known to be official:",
        ),
        (
            &NOT_STRANGE,
            "the build no longer starts from an image that is not known to be official:",
        ),
    );
    if let (Some(was), Some(is)) = (Release::of(old), Release::of(new))
        && let Some(order) = is.compare(&was).filter(|order| order.is_ne())
    {
        let (rule, how) = if order.is_gt() {
            (&NEWER, "newer")
        } else {
            (&OLDER, "older")
        };
        let message = format!("the base image is {how}: it was {before} and is {after}");
        changes.push(Change::by(rule, Place::Base, message).was(before).is(after));
    } else if changes.0.len() == found {
        changes.replaced(&OTHER, Place::Base, "the base image", &before, &after);
    }
}

/// A recipe that is new: only whose image it starts from.
pub(super) fn introduce(new: &Base, changes: &mut Changes) {
    let is = strange(new);
    let says = "the build starts from an image that is not known to be official:";
    let place = Place::Base;
    changes.items(
        &place,
        (&[], is.as_slice()),
        (&STRANGE, says),
        (&NOT_STRANGE, says),
    );
}

/// Whom a base image makes one trust, unless it is known to be official.
pub(super) fn strange(base: &Base) -> Option<String> {
    match base {
        Base::Debian { .. } => None,
        Base::AwsParameter { name } if name.starts_with(OFFICIAL_PARAMETERS) => None,
        Base::AwsNewest { owner, .. } if is_official(owner) => None,
        // Whatever the name: all images of an owner are as good as the owner.
        Base::AwsNewest { owner, .. } => Some(format!("any of the account {owner}")),
        base => Some(written(base)),
    }
}

pub(super) fn is_official(owner: &str) -> bool {
    OFFICIAL_OWNERS.iter().any(|(id, _)| *id == owner)
}

/// What a plan says about its base image, in words.
fn written(base: &Base) -> String {
    match base {
        Base::Debian { release } => format!("Debian {release}"),
        Base::Image { path: _, sha256 } => format!("a file with the SHA-256 {sha256}"),
        Base::AwsId { id } => format!("the image {id}"),
        Base::AwsParameter { name } => format!("what the parameter {name} names"),
        Base::AwsNewest { owner, name } => {
            let known = OFFICIAL_OWNERS.iter().find(|(id, _)| id == owner);
            let whose = known.map_or(String::new(), |(_, whose)| format!(" ({whose})"));
            format!("the newest image {name} of {owner}{whose}")
        }
    }
}
