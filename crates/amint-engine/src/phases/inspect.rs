//! The image's own bytes are read and judged, and what the recipe accepts is marked.

use amint_cloud::ImageId;
use amint_event::{EventKind, Phase};
use amint_harden::inspection::{self, Expectations, Inspection};
use amint_harden::{Finding, Profile, Waiver, waiver};

use crate::context::Context;
use crate::disk::{self, Disks};
use crate::error::BuildError;
use crate::phases::seal::Sealed;
use crate::request;
use crate::timeline::HandOver;

/// What the image's own bytes showed.
pub(crate) struct Inspected {
    /// With the findings that are accepted marked as such.
    pub(crate) inspection: Inspection,
    /// How many findings each waiver of the plan covers, in the plan's order.
    pub(crate) covered: Vec<usize>,
}

/// A verdict is never taken from a journal: another process reads the disk again.
impl HandOver for Inspected {}

pub(crate) async fn run(
    cx: &Context<'_>,
    image: &ImageId,
    profile: &'static Profile,
    sealed: &Sealed,
) -> Result<Inspected, BuildError> {
    let Disks { root, others } = disk::open(cx, image).await?;
    let expectations = Expectations {
        build_id: Some(cx.plan.build_id.clone()),
        tracers: sealed.tracers.patterns(),
        secrets: cx.options.secrets.clone(),
        application_logs: cx.plan.seal.application_logs.clone(),
        agent_removed: request::removes_agent(cx.plan),
        digest: true,
        profile,
    };
    let work = move || {
        let mut inspection = inspection::inspect(root.source.as_ref(), &expectations)?;
        for disk in &others {
            let source = disk.source.as_ref();
            inspection.add(inspection::inspect_data(source, &disk.name, &expectations)?);
        }
        Ok(inspection)
    };
    let mut inspection = disk::blocking(cx, "inspection", work)
        .await?
        .map_err(BuildError::NoVerdict)?;
    let unproven: Vec<&str> = sealed.unproven.iter().map(String::as_str).collect();
    inspection.scope.take_back(&unproven);
    let covered = apply_waivers(cx, &mut inspection.findings);
    for finding in &inspection.findings {
        cx.events.emit(reported(finding, &cx.plan.waivers));
    }
    if inspection.findings.iter().any(Finding::fails) {
        return Err(BuildError::Violations {
            inspection: Box::new(inspection),
        });
    }
    Ok(Inspected {
        inspection,
        covered,
    })
}

/// Marks what is accepted, and tells which waivers were of no use. Returns how many findings each covers.
fn apply_waivers(cx: &Context<'_>, findings: &mut [Finding]) -> Vec<usize> {
    let (waivers, now) = (&cx.plan.waivers, cx.clock.now());
    let covered = waiver::apply(waivers, findings, now);
    for (waiver, _) in waivers
        .iter()
        .zip(&covered)
        .filter(|(_, count)| **count == 0)
    {
        // The preflight refuses those that have expired: the day ended while the build ran.
        let fate = match waiver.has_expired(now) {
            true => "has expired meanwhile",
            false => "matched nothing",
        };
        cx.progress(Phase::Inspect, format!("waiver {waiver} {fate}"));
    }
    covered
}

fn reported(finding: &Finding, waivers: &[Waiver]) -> EventKind {
    let waiver = waiver::accepting(waivers, finding);
    EventKind::FindingReported {
        rule: finding.rule.to_owned(),
        severity: finding.severity.to_string(),
        location: finding.location.to_string(),
        message: finding.message.clone(),
        waived: finding.waived,
        reason: waiver.map(|one| one.reason.clone()),
        expires: waiver.map(|one| one.expires.to_string()),
        step: finding.step.map(str::to_owned),
    }
}
