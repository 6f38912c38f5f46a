//! What the checks found.

use std::collections::BTreeSet;

use amint_cloud::{CloudError, ErrorKind, Result};

/// What one check, or all of them, found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) problems: Vec<CloudError>,
    pub(super) warnings: Vec<String>,
    pub(super) unchecked: Vec<String>,
    /// Actions that are not allowed; they become one problem.
    pub(super) denied: BTreeSet<String>,
}

impl Findings {
    pub(super) fn problem(&mut self, problem: CloudError) {
        self.problems.push(problem);
    }

    /// What the recipe asks for cannot be.
    pub(super) fn unfit(&mut self, message: impl Into<String>, hint: impl Into<String>) {
        self.problem(CloudError::new(ErrorKind::Unfit, message).hint(hint));
    }

    pub(super) fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }

    pub(super) fn unchecked(&mut self, what: impl Into<String>) {
        self.unchecked.push(what.into());
    }

    /// The answer to a question that a build depends on. One that cannot be answered is a problem.
    pub(super) fn needed<T>(&mut self, answer: Result<T>) -> Result<Option<T>> {
        let error = match answer {
            Ok(answer) => return Ok(Some(answer)),
            Err(error) => error,
        };
        match &error.kind {
            ErrorKind::AnswerLost => return Err(error),
            _ if is_fatal(&error) => return Err(error),
            ErrorKind::Denied {
                action: Some(action),
            } => {
                self.denied.insert(action.clone());
            }
            _ => self.problem(error),
        }
        Ok(None)
    }

    /// The answer to a question that only the preflight has: about `what`, which stays unchecked without it.
    pub(super) fn wanted<T>(&mut self, what: &str, answer: Result<T>) -> Result<Option<T>> {
        let error = match answer {
            Ok(answer) => return Ok(Some(answer)),
            Err(error) => error,
        };
        match &error.kind {
            _ if is_fatal(&error) => return Err(error),
            ErrorKind::Denied {
                action: Some(action),
            } => self.unchecked(format!("{what}: {action} is not allowed")),
            _ => self.unchecked(format!("{what}: {}", error.message)),
        }
        Ok(None)
    }

    /// All of them, in this order.
    pub(super) fn merge(&mut self, other: Findings) {
        self.problems.extend(other.problems);
        self.warnings.extend(other.warnings);
        self.unchecked.extend(other.unchecked);
        self.denied.extend(other.denied);
    }
}

/// Whether no other question would be answered either.
pub(super) fn is_fatal(error: &CloudError) -> bool {
    matches!(error.kind, ErrorKind::Throttled | ErrorKind::Credentials)
}
