//! Everything that has an id and can be explained. A new kind of it is a variant here, its words in a file of their own.

use amint_harden::{Check, HardeningStep, Rule};
use amint_plan::{DiffRule, diff_rules};
use amint_recipe::CodeInfo;
use serde::Serialize;

use super::{code, diff_rule, rule};
use crate::commands::steps;

/// Something that can be explained.
#[derive(Clone, Copy)]
pub(super) enum Topic {
    Rule(&'static Rule),
    Step(&'static HardeningStep),
    Check(&'static Check),
    Diff(&'static DiffRule),
    Code(&'static CodeInfo),
}

/// It for programs.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(super) enum Document {
    Rule(rule::Entry),
    Step(steps::Entry),
    Check(steps::Entry),
    Diff(diff_rule::Entry),
    Problem(code::Entry),
    Lint(code::Entry),
}

impl Topic {
    /// Everything, in the order in which it is listed.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let rules = amint_harden::rules().iter().map(Self::Rule);
        rules
            .chain(amint_harden::steps().iter().map(Self::Step))
            .chain(amint_harden::checks().iter().map(Self::Check))
            .chain(diff_rules().map(Self::Diff))
            .chain(amint_recipe::codes().map(Self::Code))
    }

    /// Capital letters or small ones: ids are copied from logs, but also typed.
    pub(super) fn named(id: &str) -> Option<Self> {
        Self::all().find(|topic| topic.id().eq_ignore_ascii_case(id))
    }

    /// Its id, as it is printed everywhere.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Rule(rule) => rule.id,
            Self::Step(step) => step.id,
            Self::Check(check) => check.id,
            Self::Diff(rule) => rule.id,
            Self::Code(info) => info.id,
        }
    }

    /// It in a few words.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Rule(rule) => rule.title,
            Self::Step(step) => step.title,
            Self::Check(check) => check.title,
            Self::Diff(rule) => rule.title,
            Self::Code(info) => info.title,
        }
    }

    /// What it is, in a word.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Rule(_) => "rule",
            Self::Step(_) => "step",
            Self::Check(_) => "check",
            Self::Diff(_) => "diff",
            Self::Code(info) => code::kind(info),
        }
    }

    /// It for people.
    pub(super) fn text(self) -> String {
        match self {
            Self::Rule(rule) => rule::explain(rule),
            Self::Step(step) => steps::explain(step),
            Self::Check(check) => steps::explain_check(check),
            Self::Diff(rule) => diff_rule::explain(rule),
            Self::Code(info) => code::explain(info),
        }
    }

    /// It for programs.
    pub(super) fn document(self) -> Document {
        match self {
            Self::Rule(rule) => Document::Rule(rule::entry(rule)),
            Self::Step(step) => Document::Step(steps::of_step(step)),
            Self::Check(check) => Document::Check(steps::of_check(check)),
            Self::Diff(rule) => Document::Diff(diff_rule::entry(rule)),
            Self::Code(info) if info.is_lint => Document::Lint(code::entry(info)),
            Self::Code(info) => Document::Problem(code::entry(info)),
        }
    }
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
