//! `amint explain`: what an id stands for.

use std::fmt::Write;

use amint_event::ExitClass;
use amint_harden::{Check, HardeningStep, Rule, Severity};
use serde::Serialize;

use super::steps;
use crate::cli::{DocumentFormat, Explain};
use crate::error::CommandError;
use crate::output;
use crate::report::steps_for;
use crate::report::text::explain_rule;

pub(super) fn run(arguments: &Explain) -> Result<ExitClass, CommandError> {
    let Some(id) = &arguments.topic else {
        list(arguments.format)?;
        return Ok(ExitClass::Success);
    };
    let topic = Topic::named(id).ok_or_else(|| CommandError::UnknownTopic(id.clone()))?;
    match arguments.format {
        DocumentFormat::Text => output::print(&topic.text())?,
        DocumentFormat::Json => output::print_json(&topic.document())?,
    }
    Ok(ExitClass::Success)
}

/// Something that can be explained.
#[derive(Clone, Copy)]
enum Topic {
    Rule(&'static Rule),
    Step(&'static HardeningStep),
    Check(&'static Check),
}

/// It for programs.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Document {
    Rule(RuleEntry),
    Step(steps::Entry),
    Check(steps::Entry),
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct RuleEntry {
    id: &'static str,
    title: &'static str,
    severity: Severity,
    why: &'static str,
    source: &'static str,
    waivable: bool,
    /// The hardening steps that mend a violation.
    steps: Vec<&'static str>,
}

/// It in a list, for programs.
#[derive(Serialize)]
struct ListEntry {
    kind: &'static str,
    id: &'static str,
    title: &'static str,
}

impl Topic {
    fn all() -> impl Iterator<Item = Self> {
        let rules = amint_harden::rules().iter().map(Self::Rule);
        rules
            .chain(amint_harden::steps().iter().map(Self::Step))
            .chain(amint_harden::checks().iter().map(Self::Check))
    }

    /// Capital letters or small ones: ids are copied from logs, but also typed.
    fn named(id: &str) -> Option<Self> {
        Self::all().find(|topic| topic.id().eq_ignore_ascii_case(id))
    }

    fn id(self) -> &'static str {
        match self {
            Self::Rule(rule) => rule.id,
            Self::Step(step) => step.id,
            Self::Check(check) => check.id,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Rule(rule) => rule.title,
            Self::Step(step) => step.title,
            Self::Check(check) => check.title,
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Rule(_) => "rule",
            Self::Step(_) => "step",
            Self::Check(_) => "check",
        }
    }

    fn text(self) -> String {
        match self {
            Self::Step(step) => steps::explain(step),
            Self::Check(check) => steps::explain_check(check),
            Self::Rule(rule) => {
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
        }
    }

    fn document(self) -> Document {
        match self {
            Self::Step(step) => Document::Step(steps::of_step(step)),
            Self::Check(check) => Document::Check(steps::of_check(check)),
            Self::Rule(rule) => Document::Rule(RuleEntry {
                id: rule.id,
                title: rule.title,
                severity: rule.severity,
                why: rule.why,
                source: rule.source,
                waivable: rule.is_waivable(),
                steps: steps_for(rule).map(|step| step.id).collect(),
            }),
        }
    }
}

fn list(format: DocumentFormat) -> Result<(), CommandError> {
    let entry = |topic: Topic| ListEntry {
        kind: topic.kind(),
        id: topic.id(),
        title: topic.title(),
    };
    if format == DocumentFormat::Json {
        return output::print_json(&Topic::all().map(entry).collect::<Vec<_>>());
    }
    let mut text = String::new();
    for topic in Topic::all() {
        let _ = writeln!(
            text,
            "{:<5} {:<28} {}",
            topic.kind(),
            topic.id(),
            topic.title()
        );
    }
    output::print(&text)
}

/// The id that was likely meant.
pub(crate) fn similar(id: &str) -> Option<&'static str> {
    let id = id.to_ascii_lowercase();
    let similarity = |topic: Topic| strsim::jaro_winkler(&id, &topic.id().to_ascii_lowercase());
    let ids = Topic::all().map(|topic| (similarity(topic), topic.id()));
    let likely = ids.filter(|(similarity, _)| *similarity > 0.8);
    let best = likely.max_by(|left, right| left.0.total_cmp(&right.0));
    best.map(|(_, id)| id)
}
