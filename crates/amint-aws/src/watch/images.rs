//! Images and snapshots of one region.
//!
//! An image does not say how far it is; its snapshots do, and it is not ready before they are. So while they
//! are being made only they are asked about, and the image itself now and then.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use amint_cloud::{ImageState, Result};
use tokio::time::Instant;

use crate::watch::batch::{Batch, Timing};
use crate::watch::fetch::{self, Seen};

/// An image is looked at itself after this many times of what counts as fresh: it may fail while its
/// snapshots do not.
const LOOKS: u32 = 100;

pub(super) struct Region {
    images: Batch<Seen>,
    snapshots: Batch<ImageState>,
    /// Images whose snapshots are being made.
    pending: Mutex<HashMap<String, Pending>>,
    look_every: Duration,
}

#[derive(Clone)]
struct Pending {
    snapshots: Vec<String>,
    looked: Instant,
}

impl Region {
    pub(super) fn new(ec2: aws_sdk_ec2::Client, timing: Timing) -> Self {
        let other = ec2.clone();
        let images = Batch::new(timing, move |ids| Box::pin(fetch::images(ec2.clone(), ids)));
        let snapshots = Batch::new(timing, move |ids| {
            Box::pin(fetch::snapshots(other.clone(), ids))
        });
        Self::asking(images, snapshots, timing)
    }

    fn asking(images: Batch<Seen>, snapshots: Batch<ImageState>, timing: Timing) -> Self {
        Self {
            images,
            snapshots,
            pending: Mutex::default(),
            look_every: timing.fresh * LOOKS,
        }
    }

    pub(super) async fn snapshot_state(&self, id: &str) -> Result<Option<ImageState>> {
        self.snapshots.ask(id).await
    }

    pub(super) async fn image_state(&self, id: &str) -> Result<Option<ImageState>> {
        if let Some(pending) = self.known(id)
            && pending.looked.elapsed() < self.look_every
            && let Some(percent) = self.percent(&pending.snapshots).await?
        {
            let percent = Some(percent);
            return Ok(Some(ImageState::Pending { percent }));
        }
        let looked = Instant::now();
        let Some(seen) = self.images.ask(id).await? else {
            self.forget(id);
            return Ok(None);
        };
        if !matches!(seen.state, ImageState::Pending { .. }) || seen.snapshots.is_empty() {
            self.forget(id);
            return Ok(Some(seen.state));
        }
        let percent = self.percent(&seen.snapshots).await?;
        self.note(id, seen.snapshots, looked);
        Ok(Some(ImageState::Pending { percent }))
    }

    /// How far the slowest is; nothing when that does not tell how far the image is: when all are done,
    /// or one is not to be seen or failed.
    async fn percent(&self, snapshots: &[String]) -> Result<Option<u8>> {
        let mut least = None;
        for id in snapshots {
            match self.snapshots.ask(id).await? {
                Some(ImageState::Pending { percent }) => {
                    let Some(percent) = percent else {
                        return Ok(None);
                    };
                    least = Some(least.unwrap_or(percent).min(percent));
                }
                Some(ImageState::Available) => {}
                Some(ImageState::Failed { .. }) | None => return Ok(None),
            }
        }
        Ok(least)
    }

    fn known(&self, id: &str) -> Option<Pending> {
        self.pending().get(id).cloned()
    }

    fn note(&self, id: &str, snapshots: Vec<String>, looked: Instant) {
        let pending = Pending { snapshots, looked };
        self.pending().insert(id.to_owned(), pending);
    }

    fn forget(&self, id: &str) {
        self.pending().remove(id);
    }

    fn pending(&self) -> std::sync::MutexGuard<'_, HashMap<String, Pending>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const TIMING: Timing = Timing {
        fresh: Duration::from_millis(12),
        forget: Duration::from_secs(60),
    };

    /// A region with one image of two snapshots, the second half as far as the first. It is available 20
    /// milliseconds after they are.
    fn region(millis: u64) -> (Region, Arc<AtomicUsize>, Arc<AtomicUsize>) {
        let start = Instant::now();
        let looks = Arc::new(AtomicUsize::new(0));
        let questions = Arc::new(AtomicUsize::new(0));
        let counter = looks.clone();
        let images = Batch::new(TIMING, move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
            let state = match start.elapsed().as_millis() >= u128::from(millis + 20) {
                true => ImageState::Available,
                false => ImageState::Pending { percent: None },
            };
            let snapshots = vec!["snap-1".to_owned(), "snap-2".to_owned()];
            let found = [("ami-1".to_owned(), Seen { state, snapshots })];
            Box::pin(async { Ok(HashMap::from(found)) })
        });
        let counter = questions.clone();
        let snapshots = Batch::new(TIMING, move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
            let done = start.elapsed().as_millis() as f64 / millis as f64 * 100.0;
            let state = |percent: f64| match percent >= 100.0 {
                true => ImageState::Available,
                false => ImageState::Pending {
                    percent: Some(percent as u8),
                },
            };
            let found = [
                ("snap-1".to_owned(), state(done * 2.0)),
                ("snap-2".to_owned(), state(done)),
            ];
            Box::pin(async { Ok(HashMap::from(found)) })
        });
        let region = Region::asking(images, snapshots, TIMING);
        (region, looks, questions)
    }

    #[tokio::test]
    async fn an_image_is_as_far_as_its_slowest_snapshot() {
        let (region, _, _) = region(10_000);
        tokio::time::sleep(Duration::from_millis(500)).await;
        let state = region.image_state("ami-1").await.expect("no error");
        let Some(ImageState::Pending {
            percent: Some(percent),
        }) = state
        else {
            panic!("{state:?}");
        };
        // The other one is at twice that.
        assert!((5..10).contains(&percent), "{percent}");
    }

    #[tokio::test]
    async fn a_poll_costs_about_one_call() {
        let (region, looks, questions) = region(600);
        let mut polls = 0;
        loop {
            polls += 1;
            match region.image_state("ami-1").await.expect("no error") {
                Some(ImageState::Available) => break,
                Some(ImageState::Pending { .. }) => {}
                state => panic!("{state:?}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let calls = looks.load(Ordering::SeqCst) + questions.load(Ordering::SeqCst);
        assert!(polls > 5, "{polls}");
        assert!(
            calls < polls + polls / 3 + 2,
            "{calls} calls, {polls} polls"
        );
    }

    #[tokio::test]
    async fn an_image_that_is_not_there_is_not_there() {
        let images = Batch::new(TIMING, |_| Box::pin(async { Ok(HashMap::new()) }));
        let snapshots = Batch::new(TIMING, |_| Box::pin(async { Ok(HashMap::new()) }));
        let region = Region::asking(images, snapshots, TIMING);
        assert_eq!(region.image_state("ami-1").await.expect("no error"), None);
        assert_eq!(
            region.snapshot_state("snap-1").await.expect("no error"),
            None
        );
    }
}
