//! How a finding is written on a line.

use amint_event::EventKind;

use super::text::visible;

/// What is known about a finding.
pub(crate) struct Parts<'a> {
    pub(crate) rule: &'a str,
    pub(crate) severity: &'a str,
    pub(crate) location: &'a str,
    pub(crate) message: &'a str,
    pub(crate) waived: bool,
    /// Why it is waived, and until when.
    pub(crate) accepted: Option<(&'a str, &'a str)>,
    pub(crate) step: Option<&'a str>,
}

/// How bad, which rule, where, what; and why it is accepted, or else what mends it.
pub(crate) fn line(parts: &Parts<'_>) -> String {
    let waived = if parts.waived { "waived " } else { "" };
    let note = match (&parts.accepted, parts.step) {
        (Some((reason, expires)), _) => {
            // A reason may be a block of lines.
            let reason: Vec<&str> = reason.split_whitespace().collect();
            format!(" (until {expires}: {})", visible(&reason.join(" ")))
        }
        (None, Some(step)) => format!(" (mended by {step})"),
        (None, None) => String::new(),
    };
    format!(
        "{waived}{} {} {}: {}{note}",
        parts.severity,
        parts.rule,
        visible(parts.location),
        visible(parts.message)
    )
}

/// That of a reported finding; empty for another event.
pub(super) fn of_event(kind: &EventKind) -> String {
    let EventKind::FindingReported {
        rule,
        severity,
        location,
        message,
        waived,
        reason,
        expires,
        step,
    } = kind
    else {
        return String::new();
    };
    line(&Parts {
        rule,
        severity,
        location,
        message,
        waived: *waived,
        accepted: reason.as_deref().zip(expires.as_deref()),
        step: step.as_deref(),
    })
}
