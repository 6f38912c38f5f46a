//! `amint steps`: the catalogue of hardening steps, explained.

use std::fmt::Write;

use amint_event::ExitClass;
use amint_harden::{HardeningStep, Rule, Stage};
use serde::Serialize;

use crate::cli::{DocumentFormat, Steps};
use crate::error::CommandError;
use crate::output;
use crate::render::text::wrapped;
use crate::report::text::MARGIN;

pub(super) fn run(arguments: &Steps) -> Result<ExitClass, CommandError> {
    match (&arguments.name, arguments.format) {
        (None, DocumentFormat::Text) => output::print(&list())?,
        (None, DocumentFormat::Json) => {
            let steps: Vec<Entry> = amint_harden::steps().iter().map(entry).collect();
            output::print_json(&steps)?;
        }
        (Some(name), format) => {
            let step =
                amint_harden::step(name).ok_or_else(|| CommandError::UnknownStep(name.clone()))?;
            match format {
                DocumentFormat::Text => output::print(&explain(step))?,
                DocumentFormat::Json => output::print_json(&entry(step))?,
            }
        }
    }
    Ok(ExitClass::Success)
}

/// A hardening step for programs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Entry {
    id: &'static str,
    title: &'static str,
    why: &'static str,
    applies: &'static str,
    stage: &'static str,
    rules: Vec<RuleEntry>,
    script: &'static str,
    /// Of the script and its live check, as the plan and the manifest have it.
    sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    live_check: Option<&'static str>,
}

/// A rule for programs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct RuleEntry {
    id: &'static str,
    title: &'static str,
    severity: amint_harden::Severity,
    source: &'static str,
}

/// The step for programs.
pub(super) fn entry(step: &HardeningStep) -> Entry {
    Entry {
        id: step.id,
        title: step.title,
        why: step.why,
        applies: step.applies,
        stage: stage(step.stage),
        rules: rules(step)
            .map(|rule| RuleEntry {
                id: rule.id,
                title: rule.title,
                severity: rule.severity,
                source: rule.source,
            })
            .collect(),
        script: step.script,
        sha256: step.digest(),
        live_check: step.live_check,
    }
}

fn list() -> String {
    let mut text = String::new();
    for step in amint_harden::steps() {
        let _ = writeln!(text, "{:<28} {}", step.id, step.title);
    }
    text
}

/// The step for people, with its script.
pub(super) fn explain(step: &HardeningStep) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}: {}\n", step.id, step.title);
    let _ = writeln!(text, "why      {}", wrapped(step.why, MARGIN));
    let _ = writeln!(text, "applies  {}", wrapped(step.applies, MARGIN));
    let _ = writeln!(text, "runs     {}", describe(step.stage));
    for rule in rules(step) {
        let _ = writeln!(
            text,
            "rule     {} ({}) {}",
            rule.id, rule.severity, rule.title
        );
        let _ = writeln!(text, "         source: {}", rule.source);
    }
    let _ = writeln!(text, "\nscript:\n\n{}", step.script.trim_end());
    if let Some(check) = step.live_check {
        let _ = writeln!(
            text,
            "\nread back on the running machine:\n\n{}",
            check.trim_end()
        );
    }
    text
}

fn rules(step: &HardeningStep) -> impl Iterator<Item = &'static Rule> {
    step.rules.iter().filter_map(|id| amint_harden::rule(id))
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Attached => "attached",
        Stage::Detached => "detached",
    }
}

fn describe(stage: Stage) -> &'static str {
    match stage {
        Stage::Attached => "as an ordinary command, while the machine can still be asked",
        Stage::Detached => "inside the seal, detached from everything, before the power-off",
    }
}
