//! For people: the findings, what is wrong with each kind of them, and what was read.

use std::fmt::Write;

use amint_harden::{Finding, Rule};

use super::{Entry, Outcome, Report, steps_for};
use crate::render::finding;
use crate::render::text::{visible, wrapped};

/// What a line of an explanation begins with is this wide.
pub(crate) const MARGIN: usize = 9;

/// The whole report. Empty for a disk without a verdict: why it has none is an error, which is shown as one.
///
/// Writing to a `String` cannot fail, hence the ignored results.
pub(crate) fn describe(report: &Report) -> String {
    let Outcome::Read(evidence) = &report.outcome else {
        return String::new();
    };
    let mut text = String::new();
    for entry in &evidence.entries {
        let _ = writeln!(text, "{}", line(entry));
    }
    let findings = evidence.entries.iter().map(|entry| &entry.finding);
    let explained = explain_rules(findings);
    if !explained.is_empty() {
        let _ = writeln!(text, "\n{explained}");
    }
    let scope = &evidence.scope;
    let _ = writeln!(
        text,
        "read {} bytes of {}, all that was written",
        scope.written, scope.size
    );
    for item in &scope.searched_for {
        let _ = writeln!(text, "searched for {}", visible(item));
    }
    for item in &scope.not_seen {
        let _ = writeln!(text, "not seen: {}", visible(item));
    }
    if let Some(digest) = &evidence.digest {
        let _ = writeln!(text, "digest: {digest}");
    }
    let _ = writeln!(text, "{}: {}", report.subject.name, report.verdict());
    text
}

fn line(entry: &Entry) -> String {
    let finding = &entry.finding;
    let expires = entry.waiver.as_ref().map(|one| one.expires.to_string());
    let reason = entry.waiver.as_ref().map(|one| one.reason.as_str());
    finding::line(&finding::Parts {
        rule: finding.rule,
        severity: &finding.severity.to_string(),
        location: &finding.location.to_string(),
        message: &finding.message,
        waived: finding.waived,
        accepted: reason.zip(expires.as_deref()),
        step: finding.step,
    })
}

/// Each rule that something violates, once: what it asks for, why, who says so, and what mends it. An empty line
/// between two, none after the last; empty when nothing is violated.
pub(crate) fn explain_rules<'a>(findings: impl Iterator<Item = &'a Finding>) -> String {
    let mut ids: Vec<&str> = Vec::new();
    for finding in findings {
        if !ids.contains(&finding.rule) {
            ids.push(finding.rule);
        }
    }
    let rules = ids.into_iter().filter_map(amint_harden::rule);
    rules.map(explain_rule).collect::<Vec<_>>().join("\n")
}

/// What a rule asks for, why, who says so, and what mends a violation.
pub(crate) fn explain_rule(rule: &Rule) -> String {
    let mut text = format!("{}: {}\n", rule.id, rule.title);
    let _ = writeln!(text, "why      {}", wrapped(rule.why, MARGIN));
    let _ = writeln!(text, "source   {}", rule.source);
    for step in steps_for(rule) {
        let mends = format!("{}: {}", step.id, step.title);
        let _ = writeln!(text, "step     {}", wrapped(&mends, MARGIN));
    }
    text
}
