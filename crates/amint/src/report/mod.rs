//! What is told of an inspection.
//!
//! - [`Report`]: one disk, what was found, and why that matters.
//! - [`text`]: for people. [`json`]: for programs.
//! - [`sarif`]: for code scanning. [`junit`]: for test reports, on [`xml`].
//! - [`place`]: where in a repository a finding is shown. [`files`]: reports that are written beside the result.
//!
//! What a report says has passed the masks. Text that a disk holds is made fit for its format by that format.

pub(crate) mod files;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod place;
pub(crate) mod sarif;
pub(crate) mod text;
mod xml;

#[cfg(test)]
mod sample;

use amint_harden::inspection::{Inspection, Scope};
use amint_harden::{Finding, HardeningStep, Location, Rule, Severity, Waiver, waiver};
use amint_inspect::search::DIGEST_NAME;

use crate::secrets;
use place::Place;

/// Whose disk it is, and by what it is judged.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// What people know it by: the disk's path, or the recipe's name.
    pub(crate) name: String,
    /// Where code scanning shows its findings.
    pub(crate) place: Place,
    /// The profile, as `name@version`.
    pub(crate) profile: String,
    /// Whether its build is known, and with it what the seal must have left.
    pub(crate) of_build: bool,
    /// What the recipe accepts.
    pub(crate) waivers: Vec<Waiver>,
}

/// What is told of one disk.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) subject: Subject,
    pub(crate) outcome: Outcome,
}

/// How the inspection ended.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// With a verdict.
    Read(Box<Evidence>),
    /// Without one, and why.
    Unread(String),
}

/// What a verdict rests on.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    pub(crate) entries: Vec<Entry>,
    pub(crate) scope: Scope,
    /// The disk's digest under the name of how it is made, as the manifest has it.
    pub(crate) digest: Option<String>,
}

/// One finding.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) finding: Finding,
    /// What accepts it.
    pub(crate) waiver: Option<Waiver>,
}

impl Subject {
    /// The report of an inspection that was finished; waivers have been applied.
    pub(crate) fn read(self, inspection: &Inspection) -> Report {
        let entry = |finding: &Finding| Entry {
            finding: masked(finding.clone()),
            waiver: waiver::accepting(&self.waivers, finding).map(masked_waiver),
        };
        let digest = inspection.digest.as_ref();
        let evidence = Evidence {
            entries: inspection.findings.iter().map(entry).collect(),
            scope: inspection.scope.clone(),
            digest: digest.map(|digest| format!("{DIGEST_NAME}:{digest}")),
        };
        Report {
            outcome: Outcome::Read(Box::new(evidence)),
            subject: self,
        }
    }

    /// The report of a disk without a verdict.
    pub(crate) fn unread(self, why: &str) -> Report {
        Report {
            outcome: Outcome::Unread(secrets::masks().text(why).into_owned()),
            subject: self,
        }
    }

    /// The rules that its inspection goes by: those of the profile's steps, and those that every inspection rests on.
    fn rules(&self) -> Vec<&'static Rule> {
        let name = self.profile.split('@').next().unwrap_or_default();
        let steps = amint_harden::profile(name).map_or(&[][..], |profile| profile.steps);
        let asked = |rule: &&Rule| {
            !rule.is_waivable() || steps.iter().any(|step| step.rules.contains(&rule.id))
        };
        amint_harden::rules().iter().filter(asked).collect()
    }
}

impl Report {
    /// In one word.
    pub(crate) fn verdict(&self) -> &'static str {
        let Outcome::Read(evidence) = &self.outcome else {
            return "unread";
        };
        let mut findings = evidence.entries.iter().map(|entry| &entry.finding);
        if findings.clone().any(Finding::fails) {
            "violations"
        } else if findings.any(|one| one.waived && one.severity == Severity::Error) {
            "waived"
        } else {
            "clean"
        }
    }

    fn entries(&self) -> &[Entry] {
        match &self.outcome {
            Outcome::Read(evidence) => &evidence.entries,
            Outcome::Unread(_) => &[],
        }
    }

    /// The rules that it is about: those that were asked, and those that were violated beside them.
    fn rules(&self) -> Vec<&'static Rule> {
        let mut rules = self.subject.rules();
        for entry in self.entries() {
            match amint_harden::rule(entry.finding.rule) {
                Some(rule) if !rules.contains(&rule) => rules.push(rule),
                _ => {}
            }
        }
        rules
    }
}

/// The hardening steps that serve a rule.
pub(crate) fn steps_for(rule: &Rule) -> impl Iterator<Item = &'static HardeningStep> {
    let id = rule.id;
    let steps = amint_harden::steps().iter();
    steps.filter(move |step| step.rules.contains(&id))
}

fn masked(finding: Finding) -> Finding {
    let masks = secrets::masks();
    Finding {
        message: masks.text(&finding.message).into_owned(),
        location: match finding.location {
            Location::Path(path) => Location::Path(masks.text(&path).into_owned()),
            other => other,
        },
        ..finding
    }
}

fn masked_waiver(waiver: &Waiver) -> Waiver {
    Waiver {
        reason: secrets::masks().text(&waiver.reason).into_owned(),
        ..waiver.clone()
    }
}
