//! The stopped disk becomes an image, and the builder goes. May acquire: an image.

use std::future::Future;
use std::time::Duration;

use amint_cloud::{
    CaptureRequest, ImageId, ImageSpec, ImageState, ResourceKind, Scrubbing, WaitFor,
};
use amint_event::Phase;

use crate::acquire::{Intent, acquire};
use crate::call::QUICK;
use crate::context::Context;
use crate::error::BuildError;
use crate::journal::Handed;
use crate::phases::launch::Builder;
use crate::release;
use crate::request;
use crate::settle::SETTLING;
use crate::timeline::HandOver;
use crate::wait::{self, Answer, Wait, WaitEnd};

/// How long an image may be in the making: a large first snapshot takes most of an hour.
pub(crate) const LIMIT: Duration = Duration::from_secs(3600);

/// The image that was made of the builder: not clean yet.
#[derive(Clone, Debug)]
pub(crate) struct Captured(pub(crate) ImageId);

/// The token of the image: once it is in the journal, the builder's disk may be in an image.
pub(crate) fn token(cx: &Context<'_>) -> String {
    format!("{}-image", cx.plan.build_id)
}

impl Captured {
    /// That of an earlier process.
    pub(crate) fn before(id: String) -> Self {
        Self(ImageId(id))
    }
}

impl HandOver for Captured {
    fn handed(&self) -> Option<Handed> {
        let id = self.0.0.clone();
        Some(Handed::Image { id, bytes: None })
    }
}

pub(crate) async fn run(cx: &Context<'_>, builder: &Builder) -> Result<Captured, BuildError> {
    let image = request::image(cx.plan);
    let image = match cx.cloud.scrubbing() {
        Scrubbing::InPlace => image,
        // The name is for the image that is registered from its clean disks.
        Scrubbing::Successor => ImageSpec {
            name: format!("amint-{}", cx.plan.build_id),
            ..image
        },
    };
    let request = CaptureRequest {
        owner: cx.image_owner(),
        builder: builder.id.clone(),
        image,
    };
    let token = token(cx);
    let intent = Intent {
        phase: Phase::Capture,
        kind: ResourceKind::Image,
        token: &token,
        doing: "make an image of the builder",
        // Not every part of the cloud knows yet that it has stopped.
        patience: Some(SETTLING),
    };
    let image = acquire(cx, intent, async || Ok(cx.cloud.capture(&request).await?.0)).await?;
    let image = ImageId(image);
    let ask = || cx.cloud.image_state(&image);
    let wait = (Phase::Capture, WaitFor::State);
    wait_until_available(cx, wait, "the image", ask).await?;
    // Nobody needs it any more, and what belongs to it is free the sooner. What fails here is tried again.
    release::early(cx, ResourceKind::Builder, &builder.id.0).await;
    Ok(Captured(image))
}

/// Waits until an image, or what an image will be made from, is there.
pub(crate) async fn wait_until_available<F>(
    cx: &Context<'_>,
    (phase, waiting_for): (Phase, WaitFor),
    what: &str,
    ask: impl Fn() -> F,
) -> Result<(), BuildError>
where
    F: Future<Output = amint_cloud::Result<ImageState>>,
{
    let mut told = None;
    let doing = format!("ask about {what}");
    let wait = Wait {
        waiting_for,
        limit: LIMIT,
        builder: None,
    };
    let available = wait::until(cx, wait, async || {
        match cx.call(&doing, QUICK, &ask).await {
            Ok(ImageState::Available) => Ok(Answer::Ready(())),
            Ok(ImageState::Failed { reason }) => Err(BuildError::CaptureFailed { reason }),
            Ok(ImageState::Pending { percent: None }) => Ok(Answer::NotYet),
            Ok(ImageState::Pending {
                percent: Some(percent),
            }) => {
                if told.replace(percent) != Some(percent) {
                    cx.progress(phase, format!("{percent} % of {what} is made"));
                }
                Ok(Answer::Percent(percent))
            }
            // Look-ups may trail a create.
            Err(error) if error.is_not_found() => Ok(Answer::NotYet),
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
