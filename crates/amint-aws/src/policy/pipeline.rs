//! The policy for who runs the pipeline.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::table::{self, Row};
use super::{Grant, PolicyInput};

/// What the pipeline needs for this recipe, and no more: what it creates must bear the build's tag, and what it
/// changes or deletes must bear it already. The order is always the same.
pub fn pipeline_policy(input: &PolicyInput) -> Value {
    policy(table::rows(input), input)
}

/// One statement for all that is allowed on the same things.
pub(super) fn policy<'a>(rows: impl Iterator<Item = &'a Row>, input: &PolicyInput) -> Value {
    let mut grants: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for row in rows {
        grants.entry(row.grant).or_default().extend(row.actions);
    }
    let statement = |(grant, actions): (Grant, BTreeSet<&str>)| {
        let mut statement = json!({
            "Sid": grant.sid(),
            "Effect": "Allow",
            "Action": actions,
            "Resource": grant.resources(input),
        });
        if let Some(condition) = grant.condition(input) {
            statement["Condition"] = condition;
        }
        statement
    };
    let statements: Vec<Value> = grants.into_iter().map(statement).collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// The names of all actions that a build of the recipe needs of who runs `amint`, sorted, each once.
pub fn actions(input: &PolicyInput) -> Vec<&'static str> {
    let mut actions: Vec<_> = table::rows(input).flat_map(|row| row.actions).collect();
    actions.sort_unstable();
    actions.dedup();
    actions.into_iter().copied().collect()
}
