//! Older images of the recipe go, last of all, because it cannot be undone. What goes wrong here is told, and takes
//! nothing back.

use amint_cloud::OlderImage;
use amint_event::{EventKind, Phase};
use jiff::Timestamp;

use crate::call::LONG;
use crate::context::Context;
use crate::request;

/// What could not be retired.
#[derive(Debug, Default)]
pub(crate) struct Retirement {
    pub(crate) failed: bool,
}

pub(crate) async fn run(cx: &Context<'_>, keep: u32) -> Retirement {
    let copies = request::publication(cx.plan).copy_to;
    let regions = [None].into_iter().chain(copies.iter().map(Some));
    let mut retirement = Retirement::default();
    for region in regions {
        let region = region.map(String::as_str);
        retirement.failed |= in_region(cx, keep, region).await.failed;
    }
    retirement
}

/// As many stay in each region as in the cloud's own.
async fn in_region(cx: &Context<'_>, keep: u32, region: Option<&str>) -> Retirement {
    let owner = cx.image_owner();
    let list = || cx.cloud.older_images(&owner, region);
    let older = match cx.call("list older images", LONG, list).await {
        Ok(older) => older,
        Err(error) => return failed(cx, &error.one_line()),
    };
    let mut retirement = Retirement::default();
    for image in surplus(older, keep, cx.begun()) {
        if let Some(reason) = &image.stays {
            let message = format!("{} ({}) stays: {reason}", image.id.0, image.name);
            cx.progress(Phase::Retire, message);
            continue;
        }
        if let Err(error) = cx.check_stop() {
            return failed(cx, &error.one_line());
        }
        let retire = || cx.cloud.retire(&image.id);
        match cx.call("retire an older image", LONG, retire).await {
            Ok(()) => cx.events.emit(EventKind::ImageRetired {
                id: image.id.0.clone(),
                name: image.name.clone(),
            }),
            Err(error) => {
                let message = format!("{} is not retired: {}", image.id.0, error.one_line());
                retirement = failed(cx, &message);
            }
        }
    }
    retirement
}

fn failed(cx: &Context<'_>, message: &str) -> Retirement {
    cx.progress(Phase::Retire, format!("warning: {message}"));
    Retirement { failed: true }
}

/// All but the newest. This build's own image is one of those that stay, and so is every one that was made since the
/// build began: it may have been gone on with days later, or have been overtaken. Those that must stay count as kept.
fn surplus(all: Vec<OlderImage>, keep: u32, begun: Timestamp) -> Vec<OlderImage> {
    let (newer, mut older): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.created > begun);
    older.sort_by(|one, other| {
        let newest = other.created.cmp(&one.created);
        newest.then_with(|| one.id.0.cmp(&other.id.0))
    });
    let keep = usize::try_from(keep.saturating_sub(1)).unwrap_or(usize::MAX);
    let keep = keep.saturating_sub(newer.len());
    older.split_off(keep.min(older.len()))
}

#[cfg(test)]
mod tests {
    use amint_cloud::ImageId;

    use super::*;

    #[test]
    fn the_newest_stay_this_builds_own_included() {
        let image = |second| OlderImage {
            id: ImageId(format!("image-{second}")),
            name: String::new(),
            created: Timestamp::from_second(second).expect("a time"),
            stays: None,
        };
        let surplus_at = |keep, begun| -> Vec<String> {
            let older = vec![image(2), image(4), image(1), image(3)];
            let begun = Timestamp::from_second(begun).expect("a time");
            let surplus = surplus(older, keep, begun).into_iter();
            surplus.map(|one| one.id.0).collect()
        };
        let surplus = |keep| surplus_at(keep, 9);
        assert_eq!(surplus(3), ["image-2", "image-1"]);
        assert_eq!(surplus(1).len(), 4);
        assert!(surplus(5).is_empty() && surplus(100).is_empty());
        // What came after the build began is never surplus, and counts.
        assert_eq!(surplus_at(1, 2), ["image-2", "image-1"]);
        assert_eq!(surplus_at(4, 2), ["image-1"]);
    }
}
