//! The image's one disk, and work on it away from the engine's own thread.

use amint_cloud::{ImageDisk, ImageId};

use crate::call::QUICK;
use crate::context::Context;
use crate::error::BuildError;

/// The image's disk as it is now; an image with several can't be proved yet.
pub(crate) async fn only(cx: &Context<'_>, image: &ImageId) -> Result<ImageDisk, BuildError> {
    let mut disks = cx
        .call("open the image's disk", QUICK, || cx.cloud.disks(image))
        .await?;
    match (disks.pop(), disks.len()) {
        (Some(disk), 0) => Ok(disk),
        (last, others) => Err(BuildError::DiskCount {
            found: others + usize::from(last.is_some()),
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
