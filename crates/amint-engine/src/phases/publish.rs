//! The image is made available. Until its manifest is written, a failure still takes it back.

use std::fs;
use std::io;

use amint_cloud::{ImageId, Published};
use amint_event::Phase;

use crate::call::LONG;
use crate::context::Context;
use crate::error::BuildError;

pub(crate) async fn run(cx: &Context<'_>, image: &ImageId) -> Result<Published, BuildError> {
    // A manifest from an earlier build must not stand beside this image, whatever happens next.
    let path = &cx.options.manifest_path;
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            return Err(BuildError::Write {
                path: path.clone(),
                source,
            });
        }
        _ => {}
    }
    let published = cx
        .call("publish the image", LONG, || cx.cloud.publish(image))
        .await?;
    cx.progress(Phase::Publish, format!("image {}", published.location));
    Ok(published)
}
