//! `amint steps`: the catalogue of hardening steps and checks, explained.

mod conflicts;

use std::fmt::Write;

use amint_event::ExitClass;
use amint_harden::{Check, HardeningStep, Rule, Stage};
use serde::Serialize;

use crate::cli::{DocumentFormat, Steps};
use crate::error::CommandError;
use crate::output;
use crate::render::text::wrapped;
use crate::report::text::MARGIN;

pub(super) fn run(arguments: &Steps) -> Result<ExitClass, CommandError> {
    let Steps {
        name,
        conflicts,
        format,
    } = arguments;
    match (name, format) {
        (None, DocumentFormat::Text) if *conflicts => output::print(&conflicts::text())?,
        (None, DocumentFormat::Json) if *conflicts => output::print_json(&conflicts::document())?,
        (None, DocumentFormat::Text) => output::print(&list())?,
        (None, DocumentFormat::Json) => {
            let steps = amint_harden::steps().iter().map(of_step);
            let all: Vec<Entry> = steps
                .chain(amint_harden::checks().iter().map(of_check))
                .collect();
            output::print_json(&all)?;
        }
        (Some(name), format) => {
            let (text, entry) = match (amint_harden::step(name), amint_harden::check(name)) {
                (Some(step), _) => (explain(step), of_step(step)),
                (None, Some(check)) => (explain_check(check), of_check(check)),
                (None, None) => return Err(CommandError::UnknownStep(name.clone())),
            };
            match format {
                DocumentFormat::Text => output::print(&text)?,
                DocumentFormat::Json => output::print_json(&entry)?,
            }
        }
    }
    Ok(ExitClass::Success)
}

/// A hardening step, or a check, for programs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Entry {
    id: &'static str,
    title: &'static str,
    why: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    applies: Option<&'static str>,
    stage: &'static str,
    rules: Vec<RuleEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    script: Option<&'static str>,
    /// Of the script and its live check, as the plan and the manifest have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
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
pub(super) fn of_step(step: &HardeningStep) -> Entry {
    Entry {
        id: step.id,
        title: step.title,
        why: step.why,
        applies: Some(step.applies),
        stage: stage(step.stage),
        rules: rules(step.rules).map(of_rule).collect(),
        script: Some(step.script),
        sha256: Some(step.digest()),
        live_check: step.live_check,
    }
}

/// The check for programs.
pub(super) fn of_check(check: &Check) -> Entry {
    Entry {
        id: check.id,
        title: check.title,
        why: check.why,
        applies: None,
        stage: "inspection",
        rules: rules(check.rules).map(of_rule).collect(),
        script: None,
        sha256: None,
        live_check: None,
    }
}

fn of_rule(rule: &Rule) -> RuleEntry {
    RuleEntry {
        id: rule.id,
        title: rule.title,
        severity: rule.severity,
        source: rule.source,
    }
}

fn list() -> String {
    let mut text = String::new();
    for step in amint_harden::steps() {
        let _ = writeln!(text, "{:<28} {}", step.id, step.title);
    }
    text.push_str("\nonly read back from the disk:\n\n");
    for check in amint_harden::checks() {
        let _ = writeln!(text, "{:<28} {}", check.id, check.title);
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
    describe_rules(&mut text, step.rules);
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

/// The check for people.
pub(super) fn explain_check(check: &Check) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}: {}\n", check.id, check.title);
    let _ = writeln!(text, "why      {}", wrapped(check.why, MARGIN));
    let _ = writeln!(
        text,
        "runs     over the disk, when it is inspected; no script mends it"
    );
    describe_rules(&mut text, check.rules);
    text
}

fn describe_rules(text: &mut String, ids: &[&str]) {
    for rule in rules(ids) {
        let _ = writeln!(
            text,
            "rule     {} ({}) {}",
            rule.id, rule.severity, rule.title
        );
        let _ = writeln!(text, "         source: {}", rule.source);
    }
}

fn rules(ids: &[&str]) -> impl Iterator<Item = &'static Rule> {
    ids.iter().filter_map(|id| amint_harden::rule(id))
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
