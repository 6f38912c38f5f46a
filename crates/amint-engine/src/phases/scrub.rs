//! Free space is cleaned from outside: what was deleted before the seal lives on in blocks that no file
//! owns, and in the file system's journal.

use std::sync::Arc;

use amint_cloud::ImageId;
use amint_event::Phase;
use amint_inspect::ext4::map::FreeMap;
use amint_inspect::{BlockSource, Extent, ReadError, partition};

use crate::call::LONG;
use crate::context::Context;
use crate::disk;
use crate::error::BuildError;

pub(crate) async fn run(cx: &Context<'_>, image: &ImageId) -> Result<(), BuildError> {
    let disk = disk::only(cx, image).await?;
    let source = disk.source;
    let Scrub { dirty, unmapped } =
        disk::blocking(cx, "search for free space", move || survey(&source)).await?;
    for reason in unmapped {
        cx.progress(Phase::Scrub, format!("not scrubbed: {reason}"));
    }
    if dirty.is_empty() {
        cx.progress(Phase::Scrub, "no free space was ever written");
        return Ok(());
    }
    let bytes: u64 = dirty.iter().map(|extent| extent.length).sum();
    let discard = || cx.cloud.discard(image, &disk.name, &dirty);
    cx.call("discard the image's free space", LONG, discard)
        .await?;
    let extents = dirty.len();
    cx.progress(
        Phase::Scrub,
        format!("{bytes} bytes of free space discarded in {extents} extents"),
    );
    Ok(())
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
            Ok(map) if map.clean => free.extend(map.scrubbable()),
            Ok(_) => {
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
