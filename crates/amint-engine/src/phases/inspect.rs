//! The image's own bytes are read and judged.

use amint_cloud::ImageId;
use amint_event::EventKind;
use amint_harden::inspection::{self, Expectations, Inspection};
use amint_harden::tracer::Tracers;
use amint_harden::{Finding, Profile, Severity};

use crate::context::Context;
use crate::disk;
use crate::error::BuildError;

pub(crate) async fn run(
    cx: &Context<'_>,
    image: &ImageId,
    profile: &'static Profile,
    tracers: &Tracers,
) -> Result<Inspection, BuildError> {
    let disk = disk::only(cx, image).await?;
    let expectations = Expectations {
        build_id: Some(cx.plan.build_id.clone()),
        tracers: tracers.patterns(),
        application_logs: cx.plan.seal.application_logs.clone(),
        digest: true,
        profile,
    };
    let work = move || inspection::inspect(disk.source.as_ref(), &expectations);
    let inspection = disk::blocking(cx, "inspection", work)
        .await?
        .map_err(BuildError::NoVerdict)?;
    for finding in &inspection.findings {
        cx.events.emit(reported(finding));
    }
    if inspection
        .findings
        .iter()
        .any(|finding| finding.severity == Severity::Error)
    {
        return Err(BuildError::Violations {
            findings: inspection.findings,
        });
    }
    Ok(inspection)
}

fn reported(finding: &Finding) -> EventKind {
    EventKind::FindingReported {
        rule: finding.rule.to_owned(),
        severity: finding.severity.to_string(),
        location: finding.location.to_string(),
        message: finding.message.clone(),
    }
}
