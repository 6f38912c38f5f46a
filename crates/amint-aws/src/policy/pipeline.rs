//! The policy for who runs the pipeline.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{PolicyInput, table};

/// What the pipeline needs for this recipe, and no more: what it creates must bear the build's tag, and what it
/// changes or deletes must bear it already. The order is always the same.
pub fn pipeline_policy(input: &PolicyInput) -> Value {
    let mut grants: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for row in table::rows(input) {
        grants.entry(row.grant).or_default().extend(row.actions);
    }
    let statement = |(grant, actions): (super::Grant, BTreeSet<&str>)| {
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
