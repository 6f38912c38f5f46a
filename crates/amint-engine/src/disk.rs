//! The image's disks, and work on them away from the engine's own thread.

use amint_cloud::{ImageDisk, ImageId};

use crate::call::QUICK;
use crate::context::Context;
use crate::error::BuildError;

/// An image's disks as they are now.
pub(crate) struct Disks {
    /// The one that instances start from.
    pub(crate) root: ImageDisk,
    pub(crate) others: Vec<ImageDisk>,
}

/// Opens the image's disks; exactly one of them holds the operating system.
pub(crate) async fn open(cx: &Context<'_>, image: &ImageId) -> Result<Disks, BuildError> {
    let disks = cx
        .call("open the image's disks", QUICK, || cx.cloud.disks(image))
        .await?;
    let (mut roots, others): (Vec<_>, Vec<_>) = disks.into_iter().partition(|disk| disk.root);
    match (roots.pop(), roots.len()) {
        (Some(root), 0) => Ok(Disks { root, others }),
        (last, more) => Err(BuildError::RootDisks {
            found: more + usize::from(last.is_some()),
        }),
    }
}

/// Runs `work` on a thread of its own. When the build is stopped meanwhile, its result is dropped.
pub(crate) async fn blocking<T: Send + 'static>(
    cx: &Context<'_>,
    doing: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, BuildError> {
    let worker = tokio::task::spawn_blocking(work);
    tokio::select! {
        biased;
        result = worker => result.map_err(|source| BuildError::Crashed { doing, source }),
        () = cx.cancel.cancelled() => Err(cx.stopped()),
    }
}
