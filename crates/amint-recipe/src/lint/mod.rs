//! What a recipe can say, and nobody means: each lint is one file.
//!
//! - [`subject`]: what lints look at, collected while the recipe is decoded.
//! - [`shell`]: scripts as commands; [`place`]: back from there to the recipe's text.
//! - [`allow`]: lints that the recipe silences; [`base`]: what is known about a base image.
//! - the others: one lint each, or a few that look at the same thing.
//!
//! Lints read scripts as they will run, with variables inserted, and in the order of the steps. Where a script can't be
//! understood they say nothing: a warning that is wrong costs more than one that is missing.

mod allow;
mod base;
pub(crate) mod place;
pub(crate) mod shell;
pub(crate) mod subject;

mod agent_stopped;
mod asks_back;
mod authorized_key;
mod bashism;
mod cleared_early;
mod credential;
mod downloads;
mod end_of_life;
mod guard_stopped;
mod imds;
mod lock_then_delete;
mod package_manager;
mod password_literal;
mod password_set;
mod placeholder;
mod region;
mod remove;
mod restart;
mod runcmd;
mod sleep;
mod ssh_opened;
mod sudo;
mod unknown_user;
mod world_writable;

use std::collections::BTreeSet;
use std::ops::Range;

use self::allow::Allowed;
use self::subject::{Material, Place};
use crate::code::Code;
use crate::diagnostic::{Problem, Severity};
use crate::sources::Sources;
use crate::span::Span;

/// How many findings are looked at; far more than are shown.
const MAX_FINDINGS: usize = 300;

/// What a lint needs besides the recipe.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Context<'a> {
    /// The day on which the recipe is checked, `YYYY-MM-DD` in UTC; without it, nothing is too old.
    pub(crate) today: Option<&'a str>,
}

/// A lint: looks at everything and adds what it finds.
type Lint = for<'a> fn(&'a Material, Context<'_>, &mut Findings<'a>);

/// All lints; those whose findings are errors first, so that no flood of warnings hides them.
const LINTS: [Lint; 24] = [
    credential::check,
    lock_then_delete::check,
    remove::check,
    unknown_user::check,
    password_set::check,
    authorized_key::check,
    ssh_opened::check,
    placeholder::check,
    password_literal::check,
    world_writable::check,
    downloads::check,
    cleared_early::check,
    runcmd::check,
    end_of_life::check,
    imds::check,
    region::check,
    asks_back::check,
    sudo::check,
    package_manager::check,
    restart::check,
    sleep::check,
    agent_stopped::check,
    guard_stopped::check,
    bashism::check,
];

/// What lints found.
#[derive(Default)]
pub(crate) struct Findings<'a>(Vec<Finding<'a>>);

/// One thing that a lint found.
pub(crate) struct Finding<'a> {
    code: Code,
    severity: Severity,
    place: Place<'a>,
    message: String,
    hint: String,
}

impl<'a> Findings<'a> {
    /// Adds a warning.
    pub(crate) fn warn(
        &mut self,
        code: Code,
        place: Place<'a>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.add(code, Severity::Warning, place, message.into(), hint.into());
    }

    /// Adds an error: what nobody can mean.
    pub(crate) fn error(
        &mut self,
        code: Code,
        place: Place<'a>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.add(code, Severity::Error, place, message.into(), hint.into());
    }

    fn add(
        &mut self,
        code: Code,
        severity: Severity,
        place: Place<'a>,
        message: String,
        hint: String,
    ) {
        if self.0.len() < MAX_FINDINGS {
            self.0.push(Finding {
                code,
                severity,
                place,
                message,
                hint,
            });
        }
    }
}

/// What comes of all lints, in one cell of the matrix after the other.
#[derive(Default)]
pub(crate) struct Linted {
    /// What they found, but what the recipe allows.
    pub(crate) problems: Vec<Problem>,
    /// Where secrets stand, allowed or not: nobody shows them.
    pub(crate) secrets: Vec<Span>,
    /// Where the items of `allow` stand that were needed in any cell.
    needed: BTreeSet<Span>,
    /// A problem for each that was not needed in one of them.
    unneeded: Vec<Problem>,
}

impl Linted {
    /// Has all lints look at a cell of a recipe.
    pub(crate) fn add(&mut self, material: &Material, context: Context<'_>, sources: &Sources) {
        let mut allowed = Allowed::new(&material.allow);
        let mut findings = Findings::default();
        for lint in LINTS {
            lint(material, context, &mut findings);
        }
        let is_secret = |finding: &&Finding<'_>| {
            matches!(finding.code, Code::Credential | Code::PasswordLiteral)
        };
        let secrets: Vec<_> = findings
            .0
            .iter()
            .filter(is_secret)
            .map(|finding| (finding.code, finding.place.locate(sources)))
            .collect();
        // What is known by its form is not said again because of the word before it.
        let is_known = |finding: &Finding<'_>| {
            let at = (finding.code == Code::PasswordLiteral).then(|| finding.place.locate(sources));
            at.is_some_and(|at| secrets.contains(&(Code::Credential, at)))
        };
        let found = findings.0.into_iter().filter(|finding| !is_known(finding));
        let found = found.filter(|finding| {
            let step = finding.place.step();
            let piece = step.and_then(|step| material.steps.get(step));
            !allowed.takes(finding.code, piece.and_then(|piece| piece.name()))
        });
        self.problems
            .extend(found.map(|finding| finding.problem(sources)));
        // A secret in a file beside the recipe is not in what is shown.
        let shown = secrets.into_iter().filter(|(_, (_, line))| line.is_none());
        self.secrets.extend(shown.map(|(_, (span, _))| span));
        self.needed.extend(allowed.needed());
        self.unneeded.extend(allowed.unneeded(material));
    }

    /// A problem for each item of `allow` that was needed in no cell.
    pub(crate) fn unused(&mut self) -> Vec<Problem> {
        let mut said = BTreeSet::new();
        let mut unused = std::mem::take(&mut self.unneeded);
        unused.retain(|problem| !self.needed.contains(&problem.span) && said.insert(problem.span));
        unused
    }
}

/// Where in a line secrets stand, whatever it is shown for: a mistake beside one must not show it.
pub(crate) fn secrets_in(line: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    credential::find_all(line, credential::Start::Anywhere, &mut |_, range| {
        ranges.push(range);
    });
    password_literal::find_all(line, &mut |_, range| ranges.push(range));
    ranges
}

impl Finding<'_> {
    fn problem(self, sources: &Sources) -> Problem {
        let (span, line) = self.place.locate(sources);
        let message = match line {
            Some(line) => format!("{line}: {}", self.message),
            None => self.message,
        };
        let problem = Problem::new(self.code, span, message).hint(self.hint);
        match self.severity {
            Severity::Warning => problem.warning(),
            Severity::Error => problem,
        }
    }
}
