//! `variables`: their values, and where secrets are read from. What a value does is in the rendered steps and texts, which are compared by themselves.

use std::collections::BTreeMap;

use super::change::{Change, Class, Place};
use super::changes::{Changes, quoted};
use super::rule::{DiffRule, both_ways, pair};
use crate::secret::Secret;

static VALUE: DiffRule = both_ways(
    "DIFF-VARIABLE-001",
    Class::Neutral,
    "a variable has another value",
    "What comes of it is in the scripts, files and names that hold it, which are compared as they will be.",
);
static ADDED: DiffRule = pair(
    "DIFF-VARIABLE-002",
    Class::Neutral,
    "DIFF-VARIABLE-003",
    "a variable is new",
    "A variable does nothing by itself.",
);
static REMOVED: DiffRule = pair(
    "DIFF-VARIABLE-003",
    Class::Neutral,
    "DIFF-VARIABLE-002",
    "a variable is gone",
    "A variable does nothing by itself.",
);

static SOURCE: DiffRule = both_ways(
    "DIFF-VARIABLE-004",
    Class::Changed,
    "a secret is read from somewhere else",
    "Whoever can write there decides what the steps are given.",
);
static SECRET_ADDED: DiffRule = pair(
    "DIFF-VARIABLE-005",
    Class::Changed,
    "DIFF-VARIABLE-006",
    "a secret is new",
    "The builder is handed it, and every step from the first one that reads it can.",
);
static SECRET_REMOVED: DiffRule = pair(
    "DIFF-VARIABLE-006",
    Class::Changed,
    "DIFF-VARIABLE-005",
    "a secret is gone",
    "No step is handed it any more.",
);
static EXPOSED: DiffRule = pair(
    "DIFF-VARIABLE-007",
    Class::Weakened,
    "DIFF-VARIABLE-008",
    "a secret is an ordinary variable now",
    "Its value is in the plan, in commands and in journals, and nobody looks for it on the disk.",
);
static HIDDEN: DiffRule = pair(
    "DIFF-VARIABLE-008",
    Class::Strengthened,
    "DIFF-VARIABLE-007",
    "an ordinary variable is a secret now",
    "Its value is in nothing that is written, and is looked for on the disk.",
);

pub(super) static RULES: &[&DiffRule] = &[
    &VALUE,
    &ADDED,
    &REMOVED,
    &SOURCE,
    &SECRET_ADDED,
    &SECRET_REMOVED,
    &EXPOSED,
    &HIDDEN,
];

/// What a variable is: its value, or where its secret is read from.
enum Variable<'a> {
    Plain(&'a str),
    Secret(String),
}

fn all<'a>(
    (plain, secrets): (&'a BTreeMap<String, String>, &'a [Secret]),
) -> BTreeMap<&'a str, Variable<'a>> {
    let plain = plain.iter();
    let plain = plain.map(|(name, value)| (name.as_str(), Variable::Plain(value)));
    let secret = |one: &'a Secret| (one.name.as_str(), Variable::Secret(one.source.to_string()));
    plain.chain(secrets.iter().map(secret)).collect()
}

pub(super) fn compare(
    old: (&BTreeMap<String, String>, &[Secret]),
    new: (&BTreeMap<String, String>, &[Secret]),
    changes: &mut Changes,
) {
    let (old, new) = (all(old), all(new));
    let place = |name: &str| Place::Variable {
        name: name.to_owned(),
    };
    for (name, now) in &new {
        compare_one(changes, place(name), name, old.get(name), now);
    }
    for (name, before) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
        let change = match before {
            Variable::Plain(value) => {
                let message = format!("the variable {} is gone", quoted(name));
                Change::by(&REMOVED, place(name), message).was(*value)
            }
            Variable::Secret(source) => {
                let message = format!("the secret {} is gone", quoted(name));
                Change::by(&SECRET_REMOVED, place(name), message).was(source)
            }
        };
        changes.push(change);
    }
}

fn compare_one(
    changes: &mut Changes,
    place: Place,
    name: &str,
    before: Option<&Variable<'_>>,
    now: &Variable<'_>,
) {
    use Variable::{Plain, Secret};
    let (variable, secret) = (
        format!("the variable {}", quoted(name)),
        format!("the secret {}", quoted(name)),
    );
    let change = match (before, now) {
        (Some(Plain(before)), Plain(value)) => {
            return changes.replaced(&VALUE, place, &variable, before, value);
        }
        (Some(Secret(before)), Secret(source)) if before == source => return,
        (Some(Secret(before)), Secret(source)) => {
            let message = format!("{secret} was read from {before} and is read from {source}");
            Change::by(&SOURCE, place, message).was(before).is(source)
        }
        (None, Plain(value)) => {
            let message = format!("{variable} is new, with the value {}", quoted(value));
            Change::by(&ADDED, place, message).is(*value)
        }
        (None, Secret(source)) => {
            let message = format!("{secret} is new, read from {source}");
            Change::by(&SECRET_ADDED, place, message).is(source)
        }
        (Some(Secret(source)), Plain(value)) => {
            let message = format!("{secret} is an ordinary variable now");
            Change::by(&EXPOSED, place, message).was(source).is(*value)
        }
        (Some(Plain(value)), Secret(source)) => {
            let message = format!("{variable} is a secret now, read from {source}");
            Change::by(&HIDDEN, place, message).was(*value).is(source)
        }
    };
    changes.push(change);
}
