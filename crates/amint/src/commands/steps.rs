//! `amint steps`: the catalogue of hardening steps, explained.

use std::fmt::Write;

use amint_event::ExitClass;
use amint_harden::{HardeningStep, Rule, Stage};
use serde::Serialize;

use crate::cli::{DocumentFormat, Steps};
use crate::error::CommandError;
use crate::output;

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
struct Entry {
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

fn entry(step: &HardeningStep) -> Entry {
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

fn explain(step: &HardeningStep) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}: {}\n", step.id, step.title);
    let _ = writeln!(text, "why      {}", wrap(step.why));
    let _ = writeln!(text, "applies  {}", wrap(step.applies));
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

/// A paragraph in lines of at most 80 characters, as far as its words allow, beside a margin of nine.
fn wrap(paragraph: &str) -> String {
    let mut text = String::new();
    let mut width = 0;
    for word in paragraph.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > 80 {
            text.push_str("\n         ");
            width = 0;
        }
        if width > 0 {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += length;
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

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn paragraphs_are_wrapped_beside_their_margin() {
        let paragraph = "word ".repeat(40);
        let lines: Vec<String> = wrap(&paragraph).lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 3);
        assert!(
            lines[1..]
                .iter()
                .all(|line| line.starts_with("         word"))
        );
        assert!(lines.iter().all(|line| line.trim().len() <= 80));
        let long = "x".repeat(100);
        assert_eq!(wrap(&long), long);
    }
}
