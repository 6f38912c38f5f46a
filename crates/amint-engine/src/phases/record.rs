//! The manifest is written: last, and only for an image that is there.

use std::fs;
use std::io;
use std::path::PathBuf;

use amint_cloud::{BaseImage, Published, ResourceKind};
use amint_harden::inspection::{self, Inspection};
use amint_harden::{Finding, Location, Profile, Severity, Stage, Verdict};
use amint_manifest::{self as manifest, Manifest};
use amint_plan::{Action, Step, Waiver};
use jiff::Timestamp;

use crate::context::Context;
use crate::digest::sha256;
use crate::durable::write_whole;
use crate::error::BuildError;
use crate::phases::inspect::Inspected;
use crate::phases::publish::Publication;
use crate::step::StepReport;
use crate::timeline::{HandOver, Timing};

/// What the phases before found out.
pub(crate) struct Facts<'a> {
    pub(crate) started: Timestamp,
    pub(crate) base: &'a BaseImage,
    pub(crate) profile: &'static Profile,
    pub(crate) steps: &'a [StepReport],
    pub(crate) inspected: &'a Inspected,
    pub(crate) publication: &'a Publication,
    pub(crate) timings: Vec<Timing>,
}

/// What a build is for.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) published: Published,
    pub(crate) manifest: PathBuf,
    /// How many findings at error level the recipe accepts.
    pub(crate) waived: usize,
    /// Absent when another process had inspected the image.
    pub(crate) inspection: Option<Box<Inspection>>,
}

/// The record of what is kept says it already.
impl HandOver for Recorded {}

/// Removes the manifest of a build that is given up: an earlier process may have written it and got no further.
pub(crate) fn take_back(cx: &Context<'_>) {
    let path = &cx.options.manifest_path;
    let Ok(bytes) = fs::read(path) else {
        return;
    };
    let manifest: Option<serde_json::Value> = serde_json::from_slice(&bytes).ok();
    let build = manifest
        .as_ref()
        .and_then(|one| one["build"]["id"].as_str());
    // Another build's may be there.
    if build == Some(&cx.plan.build_id)
        && let Err(error) = fs::remove_file(path)
    {
        tracing::warn!(%error, path = %path.display(), "could not remove the manifest");
    }
}

/// That of an earlier process.
pub(crate) fn before(cx: &Context<'_>) -> Option<Recorded> {
    let (published, waived) = cx.past.result.clone()?;
    Some(Recorded {
        published,
        manifest: cx.options.manifest_path.clone(),
        waived,
        inspection: None,
    })
}

pub(crate) async fn run(cx: &Context<'_>, facts: Facts<'_>) -> Result<Recorded, BuildError> {
    let (publication, inspected) = (facts.publication, facts.inspected);
    let findings = inspected.inspection.findings.iter();
    let waived = |one: &&Finding| one.waived && one.severity == Severity::Error;
    let waived = findings.filter(waived).count();
    let manifest = cx.options.masks.document(manifest(cx, facts));
    let text = manifest.to_canonical_json()?;
    let path = &cx.options.manifest_path;
    let written = write_whole(path, text.as_bytes()).map_err(|source| BuildError::Write {
        path: path.clone(),
        source,
    });
    // From here on the image outlives the build; until then a failure takes it back.
    let kept = written.and_then(|()| keep(cx, publication, waived));
    match kept {
        Ok(()) => Ok(Recorded {
            published: publication.published.clone(),
            manifest: path.clone(),
            waived,
            inspection: Some(Box::new(inspected.inspection.clone())),
        }),
        Err(error) => {
            if let Err(error) = fs::remove_file(path)
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!(%error, path = %path.display(), "could not remove the manifest");
            }
            Err(error)
        }
    }
}

/// What is published outlives the build. All of it or nothing: what could not be written down goes back.
fn keep(cx: &Context<'_>, publication: &Publication, waived: usize) -> Result<(), BuildError> {
    let parameter = publication.parameter.iter();
    let parameter = parameter.map(|id| (ResourceKind::Parameter, id.as_str()));
    let images = publication.images.iter();
    let images = images.map(|id| (ResourceKind::Image, id.0.as_str()));
    // A snapshot is a part of the image that was registered from it.
    let snapshots = cx.journal().held();
    let snapshots = snapshots
        .iter()
        .filter(|(kind, _)| *kind == ResourceKind::Snapshot)
        .map(|(kind, id)| (*kind, id.as_str()));
    let all = parameter.chain(images).chain(snapshots);
    let kept: Vec<_> = all.map(|(kind, id)| (kind, id.to_owned())).collect();
    let result = (publication.published.clone(), waived);
    Ok(cx.journal().published(cx.clock.now(), kept, result)?)
}

fn manifest(cx: &Context<'_>, facts: Facts<'_>) -> Manifest {
    let plan = cx.plan;
    let Inspected {
        inspection,
        covered,
    } = facts.inspected;
    Manifest {
        schema: manifest::SchemaVersion::V1,
        digest: None,
        recipe: manifest::Recipe {
            file: plan.recipe.file.clone(),
            name: plan.recipe.name.clone(),
            version: plan.recipe.version.clone(),
            sha256: plan.recipe.sha256.clone(),
        },
        plan: plan.digest.clone(),
        fingerprint: Some(plan.fingerprint(&facts.base.id)),
        base_image: base_image(facts.base),
        tool: manifest::Tool {
            name: "amint".to_owned(),
            version: cx.options.tool_version.clone(),
        },
        build: manifest::Build {
            id: plan.build_id.clone(),
            started: facts.started.to_string(),
            finished: cx.clock.now().to_string(),
        },
        steps: plan.steps.iter().zip(facts.steps).map(step).collect(),
        profile: plan.seal.profile.clone(),
        hardening: hardening(facts.profile),
        image: manifest::Image {
            name: plan.image.name.clone(),
            location: facts.publication.published.location.clone(),
            format: facts.publication.published.format.clone(),
            size: facts.publication.published.size,
            digest: image_digest(inspection),
            copies: copies(facts.publication),
        },
        inspection: evidence(inspection),
        waivers: plan.waivers.iter().zip(covered).map(waiver).collect(),
        timings: facts.timings.into_iter().map(timing).collect(),
    }
}

fn base_image(base: &BaseImage) -> manifest::BaseImage {
    let packages = (!base.packages.is_empty()).then(|| {
        let list: String = base
            .packages
            .iter()
            .map(|package| format!("{package}\n"))
            .collect();
        manifest::Packages {
            count: base.packages.len(),
            sha256: sha256(list.as_bytes()),
        }
    });
    manifest::BaseImage {
        id: base.id.clone(),
        name: base.name.clone(),
        created: base.created.clone(),
        sha256: base.digest.clone(),
        packages,
    }
}

fn step((step, report): (&Step, &StepReport)) -> manifest::Step {
    manifest::Step {
        index: step.index,
        name: step.name.clone(),
        kind: step.kind.clone(),
        actions: step.actions.iter().map(action).collect(),
        duration_ms: report.duration_ms,
        exit_code: report.exit_code,
    }
}

fn action(action: &Action) -> manifest::Action {
    match action {
        Action::Run { script } => manifest::Action::Run {
            sha256: sha256(script.as_bytes()),
        },
        Action::Upload {
            to, sha256, size, ..
        } => manifest::Action::Upload {
            to: to.clone(),
            sha256: sha256.clone(),
            size: *size,
        },
        Action::Reboot => manifest::Action::Reboot {},
    }
}

fn hardening(profile: &Profile) -> Vec<manifest::HardeningStep> {
    let step = |step: &&amint_harden::HardeningStep| manifest::HardeningStep {
        id: step.id.to_owned(),
        sha256: step.digest(),
        stage: match step.stage {
            Stage::Attached => manifest::Stage::Attached,
            Stage::Detached => manifest::Stage::Detached,
        },
    };
    profile.steps.iter().map(step).collect()
}

/// The digest of the disk, under the name of how it is made.
fn image_digest(inspection: &Inspection) -> String {
    format!(
        "sparse-sha256-v1:{}",
        inspection.digest.as_deref().unwrap_or_default()
    )
}

fn evidence(inspection: &Inspection) -> manifest::Inspection {
    let scope = &inspection.scope;
    manifest::Inspection {
        verdict: match inspection.verdict {
            Verdict::Clean => manifest::Verdict::Clean,
            Verdict::Violations if inspection.findings.iter().any(Finding::fails) => {
                manifest::Verdict::Violations
            }
            Verdict::Violations => manifest::Verdict::Waived,
        },
        findings: inspection.findings.iter().map(finding).collect(),
        scope: manifest::Scope {
            size: scope.size,
            written: scope.written,
            partitions: scope.partitions.iter().map(partition).collect(),
            data_disks: scope.data_disks.iter().map(data_disk).collect(),
            searched_for: scope
                .searched_for
                .iter()
                .map(|one| one.to_string())
                .collect(),
            not_seen: scope.not_seen.iter().map(|one| one.to_string()).collect(),
        },
    }
}

fn data_disk(disk: &inspection::DataDisk) -> manifest::DataDisk {
    manifest::DataDisk {
        name: disk.name.clone(),
        size: disk.size,
        written: disk.written,
        digest: disk.digest.clone(),
    }
}

/// All but the image itself.
fn copies(publication: &Publication) -> Vec<String> {
    let copies = publication.images.iter().skip(1);
    copies.map(|image| image.0.clone()).collect()
}

fn finding(finding: &Finding) -> manifest::Finding {
    let (path, offset) = match &finding.location {
        Location::Path(path) => (Some(path.clone()), None),
        Location::Offset(offset) => (None, Some(*offset)),
        Location::Disk => (None, None),
    };
    manifest::Finding {
        rule: finding.rule.to_owned(),
        severity: match finding.severity {
            Severity::Info => manifest::Severity::Info,
            Severity::Warning => manifest::Severity::Warning,
            Severity::Error => manifest::Severity::Error,
        },
        path,
        offset,
        message: finding.message.clone(),
        step: finding.step.map(str::to_owned),
        waived: finding.waived,
    }
}

fn waiver((waiver, covered): (&Waiver, &usize)) -> manifest::Waiver {
    manifest::Waiver {
        rule: waiver.rule.clone(),
        path: waiver.path.clone(),
        reason: waiver.reason.clone(),
        expires: waiver.expires.to_string(),
        findings: *covered,
    }
}

fn partition(partition: &inspection::Partition) -> manifest::Partition {
    manifest::Partition {
        offset: partition.offset,
        length: partition.length,
        file_system: partition.file_system.clone(),
    }
}

fn timing(timing: Timing) -> manifest::Timing {
    let phase = timing.phase.name().to_owned();
    manifest::Timing {
        phase,
        duration_ms: timing.duration_ms,
    }
}
