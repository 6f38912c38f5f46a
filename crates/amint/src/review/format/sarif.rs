//! For code scanning: SARIF 2.1.0, with a result for each change.

use std::collections::BTreeMap;
use std::path::Path;

use amint_plan::{Class, DiffRule, diff_rules};
use serde_json::{Value, json};

use super::foreign::shown;
use crate::hex;
use crate::report::place::uri_of;
use crate::report::sarif::{SCHEMA, message};
use crate::review::{Located, Review, Reviewed};

/// One log with one run.
pub(super) fn document(review: &Review) -> Value {
    let rules: Vec<&DiffRule> = diff_rules().collect();
    let mut seen = BTreeMap::new();
    let results: Vec<Value> = review
        .recipes
        .iter()
        .flat_map(|recipe| recipe.changes.iter().map(move |change| (recipe, change)))
        .map(|(recipe, located)| {
            let print = fingerprint(recipe, located);
            let count: &mut usize = seen.entry(print.clone()).or_default();
            *count += 1;
            result(recipe, located, &rules, &format!("{print}:{count}"))
        })
        .collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "amint",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            } },
            "automationDetails": { "id": "amint/diff/" },
            "results": results,
            "properties": { "old": review.old, "new": review.new, "unapproved": review.unapproved() },
        }],
    })
}

fn descriptor(rule: &DiffRule) -> Value {
    json!({
        "id": rule.id,
        "name": rule.id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.why },
        "help": { "text": rule.why },
        "defaultConfiguration": { "level": level(rule.class) },
        "properties": { "tags": ["security"] },
    })
}

fn level(class: Class) -> &'static str {
    match class {
        Class::Weakened => "error",
        Class::Changed => "warning",
        Class::Strengthened | Class::Neutral => "note",
    }
}

fn result(recipe: &Reviewed, located: &Located, rules: &[&DiffRule], print: &str) -> Value {
    let (change, line) = (&located.change, &located.line);
    let labels = recipe.labels(located);
    let text = match labels.as_slice() {
        [] => format!("{}: {}", change.class, change.message),
        labels => format!(
            "{}: {} ({})",
            change.class,
            change.message,
            labels.join(", ")
        ),
    };
    let mut result = json!({
        "ruleId": change.rule.id,
        "level": level(change.class),
        "message": { "text": message(&shown(&text)) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri_of(Path::new(&line.file)), "uriBaseId": "%SRCROOT%" },
                "region": {
                    "startLine": line.first,
                    "startColumn": line.column,
                    "endLine": line.last.max(line.first),
                },
            },
            "logicalLocations": [{ "fullyQualifiedName": change.place.to_string() }],
        }],
        "partialFingerprints": {
            "primaryLocationLineHash": print,
            "amintChange/v1": print,
        },
        "properties": { "class": change.class },
    });
    if let Some(index) = rules.iter().position(|rule| rule.id == change.rule.id) {
        result["ruleIndex"] = json!(index);
    }
    if let Some(approval) = recipe
        .approval(located)
        .filter(|_| change.class == Class::Weakened)
    {
        result["suppressions"] = json!([{
            "kind": "external",
            "status": "accepted",
            "justification": format!("{} ({}, {})", approval.reason, approval.by, approval.date),
        }]);
    }
    result
}

/// The same whenever the same change is looked at: the rule, the recipe, the place and what is said.
fn fingerprint(recipe: &Reviewed, located: &Located) -> String {
    let change = &located.change;
    let text = format!(
        "{}\0{}\0{}\0{}",
        change.rule.id, recipe.path, change.place, change.message
    );
    hex::fingerprint(text)
}
