//! Disks are cleaned from outside: what was deleted before the seal lives on in blocks that no file owns, in the file
//! system's journal, and between the names of directories. May acquire: snapshots, an image.

use amint_cloud::{
    ImageDisk, ImageId, RegisterRequest, ResourceKind, ScrubRequest, Scrubbing, SnapshotId, WaitFor,
};
use amint_event::Phase;
use amint_inspect::scrub::{Cleaning, Survey, survey};

use crate::acquire::{Intent, acquire};
use crate::call::LONG;
use crate::context::Context;
use crate::disk::{self, Disks};
use crate::error::BuildError;
use crate::journal::{Handed, IntentState};
use crate::phases::capture::{Captured, wait_until_available};
use crate::release;
use crate::request;
use crate::settle::SETTLING;
use crate::timeline::HandOver;

/// A clean copy has few blocks of its own, and an image that is registered from complete snapshots copies none.
const SOON: (Phase, WaitFor) = (Phase::Scrub, WaitFor::Soon);

/// The image whose disks are clean: the captured one, or another that was registered from them.
#[derive(Clone, Debug)]
pub(crate) struct Clean {
    pub(crate) image: ImageId,
    /// How large its disks are together, where that was seen.
    bytes: Option<u64>,
}

impl Clean {
    /// That of an earlier process.
    pub(crate) fn before(id: &str) -> Self {
        Self {
            image: ImageId(id.to_owned()),
            bytes: None,
        }
    }
}

impl HandOver for Clean {
    fn handed(&self) -> Option<Handed> {
        Some(Handed::Image {
            id: self.image.0.clone(),
            bytes: self.bytes,
        })
    }
}

pub(crate) async fn run(cx: &Context<'_>, captured: Captured) -> Result<Clean, BuildError> {
    let Captured(captured) = captured;
    let registered = cx.journal().intent(&successor(cx)).cloned();
    if matches!(registered, Some(IntentState::Made(_))) {
        // By an earlier process, from disks that were clean by then: the captured image may be gone already.
        return succeed(cx, captured, Vec::new(), None).await;
    }
    let Disks { root, others } = disk::open(cx, &captured).await?;
    let bytes = others.iter().chain([&root]).map(|disk| disk.source.size());
    let bytes = Some(bytes.sum());
    let mut replaced = Vec::new();
    for disk in others.into_iter().chain([root]) {
        let cleaning = examine(cx, &disk).await?;
        if cleaning.is_empty() {
            continue;
        }
        match cx.cloud.scrubbing() {
            Scrubbing::InPlace => {
                let clean = || cx.cloud.clean(&captured, &disk.name, &cleaning);
                cx.call("clean the image's disk", LONG, clean).await?;
            }
            Scrubbing::Successor => {
                let snapshot = clean_copy(cx, &captured, &disk.name, cleaning).await?;
                replaced.push((disk.name, snapshot));
            }
        }
    }
    match cx.cloud.scrubbing() {
        Scrubbing::InPlace => Ok(Clean {
            image: captured,
            bytes,
        }),
        Scrubbing::Successor => succeed(cx, captured, replaced, bytes).await,
    }
}

/// What is to be done to the disk.
async fn examine(cx: &Context<'_>, disk: &ImageDisk) -> Result<Cleaning, BuildError> {
    let (name, source) = (&disk.name, disk.source.clone());
    let survey = disk::blocking(cx, "search for free space", move || survey(source.as_ref()));
    let Survey { cleaning, left } = match survey.await? {
        Ok(survey) => survey,
        Err(error) => Survey {
            left: vec![error.to_string()],
            ..Survey::default()
        },
    };
    for reason in left {
        cx.progress(Phase::Scrub, format!("{name} not scrubbed: {reason}"));
    }
    let free = match cleaning.free.as_slice() {
        [] => "no free space was ever written".to_owned(),
        extents => format!(
            "{} bytes of free space to clean, in {} extents",
            cleaning.free_bytes(),
            extents.len()
        ),
    };
    let between = match cleaning.patches.len() {
        0 => String::new(),
        blocks => format!(", and {blocks} blocks with leftovers of what was removed"),
    };
    cx.progress(Phase::Scrub, format!("{name}: {free}{between}"));
    Ok(cleaning)
}

/// Makes a clean copy of the disk, and waits until it is there.
async fn clean_copy(
    cx: &Context<'_>,
    image: &ImageId,
    disk: &str,
    cleaning: Cleaning,
) -> Result<SnapshotId, BuildError> {
    let request = ScrubRequest {
        owner: cx.image_owner(),
        image: image.clone(),
        disk: disk.to_owned(),
        cleaning,
    };
    let token = format!("{}-snapshot-{disk}", cx.plan.build_id);
    let doing = format!("clean {disk}");
    let intent = Intent {
        phase: Phase::Scrub,
        kind: ResourceKind::Snapshot,
        token: &token,
        doing: &doing,
        patience: None,
    };
    let progress = |message: &str| cx.progress(Phase::Scrub, message);
    let id = acquire(cx, intent, async || {
        Ok(cx.cloud.scrub(&request, &progress).await?.0)
    })
    .await?;
    let snapshot = SnapshotId(id);
    let ask = || cx.cloud.snapshot_state(&snapshot);
    wait_until_available(cx, SOON, "the clean copy", ask).await?;
    Ok(snapshot)
}

/// The token of the image that is registered from the clean disks.
fn successor(cx: &Context<'_>) -> String {
    format!("{}-image-clean", cx.plan.build_id)
}

/// Registers the image that is published from the clean disks, and lets go of the one that was captured.
async fn succeed(
    cx: &Context<'_>,
    captured: ImageId,
    replaced: Vec<(String, SnapshotId)>,
    bytes: Option<u64>,
) -> Result<Clean, BuildError> {
    let request = RegisterRequest {
        owner: cx.image_owner(),
        image: captured.clone(),
        replaced,
        spec: request::image(cx.plan),
    };
    let token = successor(cx);
    let intent = Intent {
        phase: Phase::Scrub,
        kind: ResourceKind::Image,
        token: &token,
        doing: "register the image",
        // Its disks were completed a moment ago.
        patience: Some(SETTLING),
    };
    let id = acquire(cx, intent, async || {
        Ok(cx.cloud.register(&request).await?.0)
    })
    .await?;
    let image = ImageId(id);
    let ask = || cx.cloud.image_state(&image);
    wait_until_available(cx, SOON, "the image", ask).await?;
    // What fails here is tried again at the end.
    release::early(cx, ResourceKind::Image, &captured.0).await;
    Ok(Clean { image, bytes })
}
