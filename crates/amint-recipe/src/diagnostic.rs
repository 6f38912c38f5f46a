//! What is wrong with a recipe, and where.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::code::Code;
use crate::sources::Sources;
use crate::span::Span;

/// The most diagnostics that one run reports; the rest are counted.
pub(crate) const MAX_DIAGNOSTICS: usize = 100;

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The recipe can be used, but it is likely not what was meant.
    Warning,
    /// The recipe cannot be used.
    Error,
}

/// One thing that is wrong with a recipe.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Diagnostic {
    /// Stable code, such as `AM0011`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One line: what is wrong.
    pub message: String,
    /// The path of the text, as it was given; of an included one, from there.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// The bytes of that text that it is about.
    pub span: Span,
    /// What to do about it.
    pub hint: Option<String>,
    /// What else is to be known: which includes lead there, in which cells of the matrix it is so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// All that is wrong with a recipe, in the order of the text.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Diagnostics {
    all: Vec<Diagnostic>,
    #[serde(skip)]
    sources: Arc<Sources>,
    /// Secrets in the texts.
    #[serde(skip)]
    hidden: Vec<Span>,
}

impl Diagnostics {
    /// Whether one of them keeps the recipe from being used.
    pub fn has_errors(&self) -> bool {
        self.all.iter().any(|one| one.severity == Severity::Error)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The texts that they are about.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Has [`Self::render`] show none of this.
    pub(crate) fn hiding(self, hidden: Vec<Span>) -> Diagnostics {
        Diagnostics { hidden, ..self }
    }

    /// What is not shown.
    pub(crate) fn hidden(&self) -> &[Span] {
        &self.hidden
    }

    /// The diagnostics, in the order of the text.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.all.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.all.len() {
            1 => f.write_str("the recipe has 1 problem"),
            count => write!(f, "the recipe has {count} problems"),
        }
    }
}

impl std::error::Error for Diagnostics {}

/// A diagnostic before its line and column are known.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    severity: Severity,
    pub(crate) span: Span,
    pub(crate) message: String,
    hint: Option<String>,
    /// What else is to be said.
    pub(crate) notes: Vec<String>,
    /// The includes that lead to the text, the recipe's own first.
    pub(crate) trail: Vec<Span>,
}

impl Problem {
    pub(crate) fn new(code: Code, span: Span, message: impl Into<String>) -> Problem {
        Problem {
            code,
            severity: Severity::Error,
            span,
            message: message.into(),
            hint: None,
            notes: Vec::new(),
            trail: Vec::new(),
        }
    }

    pub(crate) fn included_at(mut self, trail: Vec<Span>) -> Problem {
        self.trail = trail;
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Problem {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn warning(mut self) -> Problem {
        self.severity = Severity::Warning;
        self
    }
}

/// Sorts problems by place, gives them lines and columns and caps their number.
pub(crate) fn locate(mut problems: Vec<Problem>, sources: Arc<Sources>) -> Diagnostics {
    problems.sort_by_key(|problem| problem.span);
    // An error past the cap must not let the recipe pass as one that only has warnings.
    problems.sort_by_key(|problem| problem.severity == Severity::Warning);
    let dropped = problems.len().saturating_sub(MAX_DIAGNOSTICS);
    problems.truncate(MAX_DIAGNOSTICS);
    problems.sort_by_key(|problem| problem.span);
    if dropped > 0
        && let Some(last) = problems.last_mut()
    {
        let note = format!("{dropped} more problems are not shown; mend these first");
        last.hint = Some(match last.hint.take() {
            Some(hint) => format!("{hint}; {note}"),
            None => note,
        });
    }
    let locate = |problem: Problem| {
        let included = problem.trail.iter().rev().map(|at| {
            let (line, column) = sources.position(*at);
            format!(
                "included at {}:{line}:{column}",
                sources.shown_path(at.file)
            )
        });
        let mut notes: Vec<String> = included.collect();
        notes.extend(problem.notes);
        let (line, column) = sources.position(problem.span);
        Diagnostic {
            code: problem.code.id(),
            severity: problem.severity,
            message: problem.message,
            file: sources.shown_path(problem.span.file),
            line,
            column,
            span: problem.span,
            hint: problem.hint,
            notes,
        }
    };
    Diagnostics {
        all: problems.into_iter().map(locate).collect(),
        sources,
        hidden: Vec::new(),
    }
}
