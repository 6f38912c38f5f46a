//! For programs. The keys are public.

use amint_harden::Finding;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Entry, Outcome, Report};

/// The result of an inspection.
#[derive(Serialize)]
pub(crate) struct Document<'a> {
    verdict: &'static str,
    /// Why the disk could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    findings: Vec<FindingEntry<'a>>,
    /// Empty when the disk could not be read.
    scope: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<&'a str>,
}

#[derive(Serialize)]
struct FindingEntry<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    /// What the rule asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'static str>,
    /// Why that matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
    /// Who says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<Value>,
}

impl<'a> Document<'a> {
    pub(crate) fn of(report: &'a Report) -> Self {
        let verdict = report.verdict();
        match &report.outcome {
            Outcome::Read(evidence) => Self {
                verdict,
                error: None,
                findings: evidence.entries.iter().map(FindingEntry::of).collect(),
                scope: json!(evidence.scope),
                digest: evidence.digest.as_deref(),
            },
            Outcome::Unread(error) => Self {
                verdict,
                error: Some(error),
                findings: Vec::new(),
                scope: json!({}),
                digest: None,
            },
        }
    }
}

impl<'a> FindingEntry<'a> {
    fn of(entry: &'a Entry) -> Self {
        let rule = amint_harden::rule(entry.finding.rule);
        let waiver = entry.waiver.as_ref();
        Self {
            finding: &entry.finding,
            title: rule.map(|rule| rule.title),
            why: rule.map(|rule| rule.why),
            source: rule.map(|rule| rule.source),
            waiver: waiver.map(|one| json!({ "reason": one.reason, "expires": one.expires })),
        }
    }
}
