//! `variables`: their values. What a value does is in the rendered steps and texts, which are compared by themselves.

use std::collections::BTreeMap;

use super::change::{Change, Class, Place};
use super::changes::{Changes, quoted};
use super::rule::{DiffRule, both_ways, pair};

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

pub(super) static RULES: &[&DiffRule] = &[&VALUE, &ADDED, &REMOVED];

pub(super) fn compare(
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
    changes: &mut Changes,
) {
    let place = |name: &String| Place::Variable { name: name.clone() };
    for (name, value) in new {
        let what = format!("the variable {}", quoted(name));
        match old.get(name) {
            Some(before) => changes.replaced(&VALUE, place(name), &what, before, value),
            None => {
                let message = format!("{what} is new, with the value {}", quoted(value));
                changes.push(Change::by(&ADDED, place(name), message).is(value));
            }
        }
    }
    for (name, value) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
        let message = format!("the variable {} is gone", quoted(name));
        changes.push(Change::by(&REMOVED, place(name), message).was(value));
    }
}
