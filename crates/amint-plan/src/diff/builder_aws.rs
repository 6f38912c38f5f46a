//! `builder`, on AWS: where it runs, what reaches it, what it may do, what is kept of what it prints.

use super::change::{Change, Class, Place};
use super::changes::{Changes, list, quoted};
use super::image::TagRules;
use super::rule::{DiffRule, both_ways, pair};
use super::{builder_agent, builder_volumes};
use crate::machine::{AwsMachine, InstanceProfile};

static REGION: DiffRule = both_ways(
    "DIFF-AWS-001",
    Class::Changed,
    "the image is built in another Region",
    "Base images, instance profiles and buckets belong to a Region; those of the same name are others elsewhere.",
);
static PLACEMENT: DiffRule = both_ways(
    "DIFF-AWS-002",
    Class::Neutral,
    "the builder is another type of instance",
    "What the builder runs on is no part of the image.",
);
static SUBNETS: DiffRule = both_ways(
    "DIFF-AWS-003",
    Class::Changed,
    "the builder is in another subnet",
    "A subnet decides what the builder reaches and what reaches it.",
);
static GROUP_ADDED: DiffRule = pair(
    "DIFF-AWS-004",
    Class::Weakened,
    "DIFF-AWS-005",
    "the builder is in one more security group",
    "A group that is named may let traffic in. The temporary one, which the builder is in when none is named, lets in nothing.",
);
static GROUP_REMOVED: DiffRule = pair(
    "DIFF-AWS-005",
    Class::Strengthened,
    "DIFF-AWS-004",
    "the builder is no longer in a security group",
    "What that group lets in no longer reaches the builder.",
);
static PROFILE_ADDED: DiffRule = pair(
    "DIFF-AWS-006",
    Class::Weakened,
    "DIFF-AWS-007",
    "the builder has the rights of another instance profile",
    "Every script of the recipe can use them. A plan does not say what they are: somebody has to look at the profile's role.",
);
static PROFILE_REMOVED: DiffRule = pair(
    "DIFF-AWS-007",
    Class::Strengthened,
    "DIFF-AWS-006",
    "the builder no longer has the rights of an instance profile",
    "Scripts of the recipe can no longer use them. A temporary profile has what the build needs, and no more.",
);
static BOUNDARY_REMOVED: DiffRule = pair(
    "DIFF-AWS-008",
    Class::Weakened,
    "DIFF-AWS-009",
    "the temporary role's permissions boundary is gone or another one",
    "A boundary is what the account's owners allow at most; without it, or with another, a role may do more.",
);
static BOUNDARY_ADDED: DiffRule = pair(
    "DIFF-AWS-009",
    Class::Strengthened,
    "DIFF-AWS-008",
    "the temporary role has a permissions boundary",
    "Whatever is attached to the role, it may do no more than the boundary says.",
);
static TAG: DiffRule = both_ways(
    "DIFF-AWS-010",
    Class::Neutral,
    "temporary resources have other tags",
    "They are gone when the build is over.",
);
static BUCKET: DiffRule = both_ways(
    "DIFF-AWS-011",
    Class::Changed,
    "large files go through another bucket",
    "Whoever may read the bucket sees the large files that go into the image, as long as the build needs them.",
);
static LOGS_REMOVED: DiffRule = pair(
    "DIFF-AWS-012",
    Class::Weakened,
    "DIFF-AWS-013",
    "what the steps print is no longer kept in a log group",
    "It is what an auditor reads when something went wrong; the group is out of the builder's reach.",
);
static LOGS_ADDED: DiffRule = pair(
    "DIFF-AWS-013",
    Class::Strengthened,
    "DIFF-AWS-012",
    "what the steps print is kept in a log group",
    "It can be read afterwards, by people who cannot change it.",
);
static LOGS_CHANGED: DiffRule = both_ways(
    "DIFF-AWS-014",
    Class::Changed,
    "what the steps print is kept in another log group",
    "Another group has other readers and keeps its lines for another time.",
);

pub(super) static RULES: &[&DiffRule] = &[
    &REGION,
    &PLACEMENT,
    &SUBNETS,
    &GROUP_ADDED,
    &GROUP_REMOVED,
    &PROFILE_ADDED,
    &PROFILE_REMOVED,
    &BOUNDARY_REMOVED,
    &BOUNDARY_ADDED,
    &TAG,
    &BUCKET,
    &LOGS_REMOVED,
    &LOGS_ADDED,
    &LOGS_CHANGED,
];

pub(super) fn compare(old: &AwsMachine, new: &AwsMachine, changes: &mut Changes) {
    let AwsMachine {
        region,
        instance_types,
        subnets,
        security_groups,
        instance_profile,
        root_volume,
        volumes,
        tags,
        agent,
        bucket,
        log_group,
    } = new;
    let place = |key| Place::Builder { key };
    let what = "the Region that the image is built in";
    changes.replaced(&REGION, place("region"), what, &old.region, region);
    listed(
        &PLACEMENT,
        place("instance-types"),
        "the builder's instance types",
        (&old.instance_types, instance_types),
        changes,
    );
    let what = "the builder's subnets";
    listed(
        &SUBNETS,
        place("subnets"),
        what,
        (&old.subnets, subnets),
        changes,
    );
    changes.items(
        &place("security-groups"),
        (&old.security_groups, security_groups),
        (&GROUP_ADDED, "the builder is now in the security group"),
        (
            &GROUP_REMOVED,
            "the builder is no longer in the security group",
        ),
    );
    profile(&old.instance_profile, instance_profile, changes);
    builder_volumes::compare_root(&old.root_volume, root_volume, changes);
    builder_volumes::compare(&old.volumes, volumes, changes);
    let rules = TagRules {
        changed: &TAG,
        added: &TAG,
        removed: &TAG,
    };
    rules.compare(
        &place("tags"),
        "of temporary resources",
        (&old.tags, tags),
        changes,
    );
    builder_agent::compare(old.agent.as_ref(), agent.as_ref(), changes);
    let (before, after) = (or_none(&old.bucket), or_none(bucket));
    let what = "the bucket for large files";
    changes.replaced(&BUCKET, place("bucket"), what, before, after);
    logs(old.log_group.as_deref(), log_group.as_deref(), changes);
}

fn or_none(name: &Option<String>) -> &str {
    name.as_deref().unwrap_or("none")
}

/// Lists whose order is one of preference.
fn listed(
    rule: &'static DiffRule,
    place: Place,
    what: &str,
    (old, new): (&[String], &[String]),
    changes: &mut Changes,
) {
    let said = |items: &[String]| match items {
        [] => "the default ones".to_owned(),
        items => list(items),
    };
    if old != new {
        let message = format!("{what} were {} and are {}", said(old), said(new));
        let change = Change::by(rule, place, message);
        changes.push(change.was(old.join(", ")).is(new.join(", ")));
    }
}

/// A profile's rights are not in the plan. One that is named may have any, the temporary one is known.
fn profile(old: &InstanceProfile, new: &InstanceProfile, changes: &mut Changes) {
    let place = || Place::Builder {
        key: "instance-profile",
    };
    let named = |profile: &InstanceProfile| match profile {
        InstanceProfile::Named(name) => vec![name.clone()],
        InstanceProfile::Temporary { .. } => Vec::new(),
    };
    changes.items(
        &place(),
        (&named(old), &named(new)),
        (
            &PROFILE_ADDED,
            "the builder now has the rights of the instance profile",
        ),
        (
            &PROFILE_REMOVED,
            "the builder no longer has the rights of the instance profile",
        ),
    );
    let boundary = |profile: &InstanceProfile| match profile {
        InstanceProfile::Named(_) => None,
        InstanceProfile::Temporary {
            permissions_boundary,
        } => permissions_boundary.clone(),
    };
    let (before, after) = (boundary(old), boundary(new));
    if before == after {
        return;
    }
    if let Some(gone) = before {
        let message = format!(
            "the builder's rights no longer end at the boundary {}",
            quoted(&gone)
        );
        changes.push(Change::by(&BOUNDARY_REMOVED, place(), message).was(gone));
    }
    if let Some(boundary) = after {
        let message = format!(
            "the builder's rights now end at the boundary {}",
            quoted(&boundary)
        );
        changes.push(Change::by(&BOUNDARY_ADDED, place(), message).is(boundary));
    }
}

fn logs(old: Option<&str>, new: Option<&str>, changes: &mut Changes) {
    let place = Place::Builder { key: "log-group" };
    match (old, new) {
        (Some(old), Some(new)) => {
            changes.replaced(
                &LOGS_CHANGED,
                place,
                "the log group for what steps print",
                old,
                new,
            );
        }
        (Some(old), None) => {
            let message = format!(
                "what steps print is no longer kept in the log group {}",
                quoted(old)
            );
            changes.push(Change::by(&LOGS_REMOVED, place, message).was(old));
        }
        (None, Some(new)) => {
            let message = format!(
                "what steps print is now kept in the log group {}",
                quoted(new)
            );
            changes.push(Change::by(&LOGS_ADDED, place, message).is(new));
        }
        (None, None) => {}
    }
}
