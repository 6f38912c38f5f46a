//! A rule: what it asks for, why, who says so, what mends a violation.

use amint_harden::{Rule, Severity};
use serde::Serialize;

use crate::report::steps_for;
use crate::report::text::explain_rule;

/// It for programs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Entry {
    id: &'static str,
    title: &'static str,
    severity: Severity,
    why: &'static str,
    source: &'static str,
    waivable: bool,
    /// The hardening steps that mend a violation.
    steps: Vec<&'static str>,
}

/// It for programs.
pub(super) fn entry(rule: &Rule) -> Entry {
    Entry {
        id: rule.id,
        title: rule.title,
        severity: rule.severity,
        why: rule.why,
        source: rule.source,
        waivable: rule.is_waivable(),
        steps: steps_for(rule).map(|step| step.id).collect(),
    }
}

/// It for people.
pub(super) fn explain(rule: &Rule) -> String {
    let waivable = match rule.is_waivable() {
        true => "by a recipe, for a reason and for a time",
        false => "never: the proof rests on it",
    };
    format!(
        "{}severity {}\nwaived   {waivable}\n",
        explain_rule(rule),
        rule.severity
    )
}
