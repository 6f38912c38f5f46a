//! Free space is cleaned from outside: what was deleted before the seal lives on in blocks that no file
//! owns, and in the file system's journal. May acquire: snapshots, an image.

use std::sync::Arc;

use amint_cloud::{
    ImageDisk, ImageId, RegisterRequest, ResourceKind, ScrubRequest, Scrubbing, SnapshotId, WaitFor,
};
use amint_event::Phase;
use amint_inspect::FreeMap;
use amint_inspect::{BlockSource, Extent, ReadError, partition};

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
        let dirty = dirty_space(cx, &disk).await?;
        if dirty.is_empty() {
            continue;
        }
        match cx.cloud.scrubbing() {
            Scrubbing::InPlace => {
                let discard = || cx.cloud.discard(&captured, &disk.name, &dirty);
                cx.call("discard the image's free space", LONG, discard)
                    .await?;
            }
            Scrubbing::Successor => {
                let snapshot = clean_copy(cx, &captured, &disk.name, dirty).await?;
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

/// What is free on the disk and was written once.
async fn dirty_space(cx: &Context<'_>, disk: &ImageDisk) -> Result<Vec<Extent>, BuildError> {
    let (name, source) = (&disk.name, disk.source.clone());
    let survey = disk::blocking(cx, "search for free space", move || survey(&source)).await?;
    let Scrub { dirty, unmapped } = survey;
    for reason in unmapped {
        cx.progress(Phase::Scrub, format!("{name} not scrubbed: {reason}"));
    }
    let message = if dirty.is_empty() {
        format!("{name}: no free space was ever written")
    } else {
        let bytes: u64 = dirty.iter().map(|extent| extent.length).sum();
        let extents = dirty.len();
        format!("{name}: {bytes} bytes of free space to clean, in {extents} extents")
    };
    cx.progress(Phase::Scrub, message);
    Ok(dirty)
}

/// Makes a copy of the disk whose free space is clean, and waits until it is there.
async fn clean_copy(
    cx: &Context<'_>,
    image: &ImageId,
    disk: &str,
    extents: Vec<Extent>,
) -> Result<SnapshotId, BuildError> {
    let request = ScrubRequest {
        owner: cx.image_owner(),
        image: image.clone(),
        disk: disk.to_owned(),
        extents,
    };
    let token = format!("{}-snapshot-{disk}", cx.plan.build_id);
    let doing = format!("clean the free space of {disk}");
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

/// What can be discarded.
#[derive(Debug, Default)]
struct Scrub {
    /// Free, but written once.
    dirty: Vec<Extent>,
    /// Why some of the disk is left as it is. The inspection has the last word on it.
    unmapped: Vec<String>,
}

fn survey(source: &Arc<dyn BlockSource>) -> Scrub {
    let mut scrub = Scrub::default();
    let layout = match partition::read(source.as_ref()) {
        Ok(layout) => layout,
        Err(error) => {
            scrub.unmapped.push(error.to_string());
            return scrub;
        }
    };
    let mut free = layout.unused();
    for partition in &layout.partitions {
        match FreeMap::read(source.as_ref(), partition.extent) {
            Ok(None) => scrub
                .unmapped
                .push(format!("partition {} has no map", partition.number)),
            Ok(Some(map)) if map.clean => free.extend(map.scrubbable()),
            Ok(Some(_)) => {
                let number = partition.number;
                scrub
                    .unmapped
                    .push(format!("partition {number} was not cleanly unmounted"));
            }
            Err(error) => scrub
                .unmapped
                .push(format!("partition {}: {error}", partition.number)),
        }
    }
    match dirty(source.as_ref(), free) {
        Ok(dirty) => scrub.dirty = dirty,
        Err(error) => scrub.unmapped.push(error.to_string()),
    }
    scrub
}

/// The parts of `free` that were ever written: the others are holes already.
fn dirty(source: &dyn BlockSource, mut free: Vec<Extent>) -> Result<Vec<Extent>, ReadError> {
    free.sort_unstable();
    let written = source.written()?;
    let mut dirty = Vec::new();
    let mut candidates = written.iter().peekable();
    for extent in free {
        while candidates
            .next_if(|one| one.range().end <= extent.offset)
            .is_some()
        {}
        // The last of the overlapping ones may reach into the next free extent: it is kept.
        for one in candidates
            .clone()
            .take_while(|one| one.offset < extent.range().end)
        {
            let start = one.offset.max(extent.offset);
            let end = one.range().end.min(extent.range().end);
            dirty.push(Extent {
                offset: start,
                length: end - start,
            });
        }
    }
    Ok(dirty)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Written(Vec<Extent>);

    impl BlockSource for Written {
        fn size(&self) -> u64 {
            1000
        }
        fn written(&self) -> Result<Vec<Extent>, ReadError> {
            Ok(self.0.clone())
        }
        fn read_at(&self, _offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
            buffer.fill(0);
            Ok(())
        }
    }

    fn extents(ranges: &[(u64, u64)]) -> Vec<Extent> {
        ranges
            .iter()
            .map(|(start, end)| Extent {
                offset: *start,
                length: end - start,
            })
            .collect()
    }

    #[test]
    fn only_what_is_free_and_was_written_is_dirty() {
        let source = Written(extents(&[(0, 100), (200, 300), (400, 500)]));
        let free = extents(&[(250, 260), (50, 220), (270, 450), (490, 1000)]);
        let expected = extents(&[
            (50, 100),
            (200, 220),
            (250, 260),
            (270, 300),
            (400, 450),
            (490, 500),
        ]);
        assert_eq!(dirty(&source, free).expect("readable"), expected);
    }

    #[test]
    fn a_disk_without_a_known_layout_is_left_alone() {
        let source: Arc<dyn BlockSource> = Arc::new(Written(extents(&[(0, 1000)])));
        let scrub = survey(&source);
        assert!(scrub.dirty.is_empty(), "{scrub:?}");
    }
}
