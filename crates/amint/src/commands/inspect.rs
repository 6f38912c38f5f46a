//! `amint inspect`: a disk's own bytes to a verdict.

use std::fmt::Write;
use std::path::Path;

use amint_event::ExitClass;
use amint_harden::inspection::{self, Expectations, Inspection};
use amint_harden::{Finding, Verdict};
use amint_inspect::raw::RawFile;
use amint_inspect::search::DIGEST_NAME;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::{DocumentFormat, Inspect};
use crate::error::{self, CommandError};
use crate::output;
use crate::render::text::visible;

pub(super) fn run(arguments: &Inspect) -> Result<ExitClass, CommandError> {
    let expectations = expectations(arguments)?;
    let result = inspect(&arguments.disk, &expectations);
    match (&result, arguments.format) {
        (Ok(inspection), DocumentFormat::Text) => {
            output::print(&describe(&arguments.disk, inspection))?;
        }
        (Ok(inspection), DocumentFormat::Json) => output::print_json(&Report::of(inspection))?,
        (Err(_), DocumentFormat::Text) => {}
        (Err(error), DocumentFormat::Json) => output::print_json(&Report::unread(error))?,
    }
    Ok(class(&result?))
}

fn expectations(arguments: &Inspect) -> Result<Expectations, CommandError> {
    let profile = amint_harden::profile(&arguments.profile)
        .ok_or_else(|| CommandError::UnknownProfile(arguments.profile.clone()))?;
    if let Some(log) = arguments
        .application_logs
        .iter()
        .find(|log| !log.starts_with('/'))
    {
        return Err(CommandError::RelativeLog(log.clone()));
    }
    Ok(Expectations {
        // Which build the disk comes from is not known here, nor what that build planted.
        build_id: None,
        tracers: Vec::new(),
        application_logs: arguments.application_logs.clone(),
        agent_removed: false,
        digest: arguments.digest,
        profile,
    })
}

fn inspect(path: &Path, expectations: &Expectations) -> Result<Inspection, CommandError> {
    let disk = RawFile::open(path)?;
    inspection::inspect(&disk, expectations).map_err(|source| CommandError::Inspect {
        path: path.to_owned(),
        source,
    })
}

fn class(inspection: &Inspection) -> ExitClass {
    match inspection.verdict {
        Verdict::Clean => ExitClass::Success,
        Verdict::Violations => ExitClass::Findings,
    }
}

/// The result for programs; its keys are public.
#[derive(Serialize)]
struct Report<'a> {
    verdict: &'static str,
    /// Why the disk could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    findings: &'a [Finding],
    /// Empty when the disk could not be read.
    scope: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

impl<'a> Report<'a> {
    fn of(inspection: &'a Inspection) -> Self {
        Self {
            verdict: name(inspection.verdict),
            error: None,
            findings: &inspection.findings,
            scope: json!(inspection.scope),
            digest: digest(inspection),
        }
    }

    fn unread(error: &CommandError) -> Self {
        Self {
            verdict: "unread",
            error: Some(error::one_line(error)),
            findings: &[],
            scope: json!({}),
            digest: None,
        }
    }
}

/// The disk's digest under the name of how it is made, as the manifest has it.
fn digest(inspection: &Inspection) -> Option<String> {
    inspection
        .digest
        .as_ref()
        .map(|digest| format!("{DIGEST_NAME}:{digest}"))
}

/// The result for people.
fn describe(path: &Path, inspection: &Inspection) -> String {
    let mut text = String::new();
    for finding in &inspection.findings {
        let Finding {
            rule,
            severity,
            location,
            message,
            step,
            // Waivers are a recipe's, and here is none.
            waived: _,
        } = finding;
        let (location, message) = (visible(&location.to_string()), visible(message));
        let _ = write!(text, "{severity} {rule} {location}: {message}");
        let _ = match step {
            Some(step) => writeln!(text, " (mended by {step})"),
            None => writeln!(text),
        };
    }
    let scope = &inspection.scope;
    let _ = writeln!(
        text,
        "read {} bytes of {}, all that was written",
        scope.written, scope.size
    );
    for item in &scope.searched_for {
        let _ = writeln!(text, "searched for {item}");
    }
    for item in &scope.not_seen {
        let _ = writeln!(text, "not seen: {item}");
    }
    if let Some(digest) = digest(inspection) {
        let _ = writeln!(text, "digest: {digest}");
    }
    let _ = writeln!(text, "{}: {}", path.display(), name(inspection.verdict));
    text
}

fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Clean => "clean",
        Verdict::Violations => "violations",
    }
}
