//! The stopped disk becomes an image. May acquire: an image.

use std::time::Duration;

use amint_cloud::{CaptureRequest, ErrorKind, ImageId, ImageState, ResourceKind};
use amint_event::Phase;

use crate::acquire::{Intent, acquire};
use crate::call::{CallError, QUICK};
use crate::context::Context;
use crate::error::BuildError;
use crate::phases::launch::Builder;
use crate::wait::{self, WaitEnd};

/// How long an image may be in the making: a large first snapshot takes most of an hour.
const LIMIT: Duration = Duration::from_secs(3600);

pub(crate) async fn run(cx: &Context<'_>, builder: &Builder) -> Result<ImageId, BuildError> {
    let request = CaptureRequest {
        build: cx.plan.build_id.clone(),
        builder: builder.id.clone(),
        name: cx.plan.image.name.clone(),
    };
    let token = format!("{}-image", request.build);
    let intent = Intent {
        phase: Phase::Capture,
        kind: ResourceKind::Image,
        token: &token,
        doing: "make an image of the builder",
    };
    let image = acquire(cx, intent, async || Ok(cx.cloud.capture(&request).await?.0)).await?;
    let image = ImageId(image);
    wait_until_available(cx, &image).await?;
    Ok(image)
}

async fn wait_until_available(cx: &Context<'_>, image: &ImageId) -> Result<(), BuildError> {
    let mut told = None;
    let available = wait::until(cx, LIMIT, None, async || {
        let state = cx
            .call("ask about the image", QUICK, || cx.cloud.image_state(image))
            .await;
        match state {
            Ok(ImageState::Available) => Ok(Some(())),
            Ok(ImageState::Failed { reason }) => Err(BuildError::CaptureFailed { reason }),
            Ok(ImageState::Pending { percent }) => {
                if let Some(percent) = percent.filter(|percent| told != Some(*percent)) {
                    told = Some(percent);
                    cx.progress(Phase::Capture, format!("{percent} % of the image is made"));
                }
                Ok(None)
            }
            Err(error) if not_there_yet(&error) => Ok(None),
            Err(error) => Err(error),
        }
    })
    .await;
    available.map_err(|end| match end {
        WaitEnd::TimedOut => BuildError::CaptureTimedOut { waited: LIMIT },
        WaitEnd::Stopped => cx.stopped(),
        WaitEnd::Failed(error) => error,
    })
}

/// Look-ups may trail a create.
fn not_there_yet(error: &BuildError) -> bool {
    matches!(error, BuildError::Call { source: CallError::Cloud(cloud), .. }
        if cloud.kind == ErrorKind::NotFound)
}
