//! `--skip-if-current`: whether there is an image already that is as good as the one that a build would make.

use std::fs;
use std::path::{Path, PathBuf};

use amint_cloud::{Cloud, SystemClock};
use amint_engine::{Asking, Cancel};
use amint_event::{Event, EventKind, ExitClass, Outcome};
use amint_plan::{BuildPlan, Machine};
use jiff::Timestamp;
use serde::Deserialize;

use super::place::{IMAGE, MANIFEST};
use crate::error::CommandError;

/// An image that need not be built again.
#[derive(Clone, Debug)]
pub(super) struct Current {
    /// A path or an image's id.
    pub(super) location: String,
    /// Its manifest, where it is still in the output folder.
    pub(super) manifest: Option<PathBuf>,
    /// What it has in common with the one that would be built.
    pub(super) fingerprint: String,
}

/// What a manifest says about its image. Others may have written it: nothing else of it is believed.
#[derive(Deserialize)]
struct Made {
    fingerprint: Option<String>,
    image: MadeImage,
}

#[derive(Deserialize)]
struct MadeImage {
    location: String,
    size: u64,
}

/// The image that is there already. On AWS this is one call, and one more when neither the plan nor its lock file tells
/// the base image; here, the output folder tells.
///
/// A plan with a waiver that holds no longer has none: its build would be refused.
///
/// # Errors
/// When the cloud cannot tell.
pub(super) async fn find(
    plan: &BuildPlan,
    cloud: &dyn Cloud,
    output: &Path,
    cancel: &Cancel,
) -> Result<Option<Current>, CommandError> {
    let now = Timestamp::now();
    if plan.waivers.iter().any(|waiver| waiver.has_expired(now)) {
        return Ok(None);
    }
    let clock = SystemClock::default();
    let asking = Asking::new(cloud, &clock, cancel);
    let fingerprint = asking.fingerprint(plan).await?;
    let manifest = output.join(MANIFEST);
    let made = made(&manifest).filter(|made| made.fingerprint.as_ref() == Some(&fingerprint));
    match &plan.builder.machine {
        Machine::Local(_) => Ok(made.and_then(|made| {
            let image = output.join(IMAGE);
            // A link, or another disk under that name, is not what was inspected.
            let there = fs::symlink_metadata(&image).ok()?;
            (there.is_file() && there.len() == made.image.size).then(|| Current {
                location: image.display().to_string(),
                manifest: Some(manifest),
                fingerprint,
            })
        })),
        Machine::Aws(_) => {
            let found = asking.current(&fingerprint).await?;
            Ok(found.map(|found| Current {
                manifest: made
                    .filter(|made| made.image.location == found.location)
                    .map(|_| manifest),
                location: found.location,
                fingerprint,
            }))
        }
    }
}

fn made(manifest: &Path) -> Option<Made> {
    let text = fs::read(manifest).ok()?;
    serde_json::from_slice(&text).ok()
}

/// What happened, as the events of a build that had nothing to do.
pub(super) fn events(plan: &BuildPlan, current: &Current) -> Vec<Event> {
    let kinds = [
        EventKind::RunStarted {
            recipe: plan.recipe.name.clone(),
            plan: plan.digest.clone(),
            steps: plan.steps.len(),
            resumed: false,
        },
        EventKind::ImageCurrent {
            id: current.location.clone(),
            fingerprint: current.fingerprint.clone(),
        },
        EventKind::RunFinished {
            outcome: Outcome::Succeeded,
            exit_code: ExitClass::Success.code(),
            error: None,
        },
    ];
    let event = |(seq, kind)| Event {
        seq,
        at: Timestamp::now(),
        elapsed_ms: 0,
        build: plan.build_id.clone(),
        kind,
    };
    (0..).zip(kinds).map(event).collect()
}
