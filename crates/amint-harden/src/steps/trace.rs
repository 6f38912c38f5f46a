//! Tables of files that a step removes, and the check that reads them back.

use amint_inspect::TreeError;

use crate::disk::{DiskContext, expand};
use crate::finding::{Finding, Severity};
use crate::rule::Rule;

/// Files that must not be there, or be empty.
pub(super) struct Trace {
    pattern: &'static str,
    rule: &'static Rule,
    what: &'static str,
    severity: Severity,
}

impl Trace {
    /// `pattern` as a shell expands it, below the folder that [`left`] is asked about.
    pub(super) const fn new(
        pattern: &'static str,
        rule: &'static Rule,
        what: &'static str,
    ) -> Self {
        Self {
            pattern,
            rule,
            what,
            severity: rule.severity,
        }
    }

    /// The same, as a recommendation: what is left there is no secret.
    pub(super) const fn warning(self) -> Self {
        Self {
            severity: Severity::Warning,
            ..self
        }
    }

    #[cfg(test)]
    pub(super) const fn pattern(&self) -> &'static str {
        self.pattern
    }
}

/// A finding for each file of `traces` below `folder` that has content, links followed.
pub(super) fn left(
    disk: &DiskContext<'_>,
    folder: &str,
    traces: &[Trace],
) -> Result<Vec<Finding>, TreeError> {
    let mut findings: Vec<Finding> = Vec::new();
    for trace in traces {
        for path in expand(disk.tree, folder, trace.pattern)? {
            if disk.has_content(&path)? {
                findings.push(Finding {
                    severity: trace.severity,
                    ..trace.rule.at(path, trace.what)
                });
            }
        }
    }
    // Patterns overlap.
    findings.sort_by(|one, other| one.location.cmp(&other.location));
    findings.dedup_by(|one, other| one.location == other.location && one.rule == other.rule);
    Ok(findings)
}

/// A finding that is only a recommendation.
pub(super) fn warning(finding: Finding) -> Finding {
    Finding {
        severity: Severity::Warning,
        ..finding
    }
}
