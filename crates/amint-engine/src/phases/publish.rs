//! The image is made available: to its owner, in other regions, to others. Until its manifest is written, a failure
//! still takes everything back. May acquire: images (copies), a parameter.

use std::fs;
use std::io;
use std::time::Duration;

use amint_cloud::{
    CopyRequest, ImageId, ImageSpec, ParameterChange, PublicState, PublishSpec, Published,
    ResourceKind, WaitFor,
};
use amint_event::Phase;
use jiff::SignedDuration;

use crate::acquire::{Intent, acquire};
use crate::call::{LONG, QUICK};
use crate::context::Context;
use crate::error::BuildError;
use crate::journal::IntentState;
use crate::phases::capture::wait_until_available;
use crate::request;
use crate::timeline::HandOver;
use crate::wait::{self, Wait, WaitEnd};

/// How long a parameter may take to name what it was set to: the image is looked at after the answer.
const PARAMETER: Duration = Duration::from_secs(120);

/// An image that its users can have.
pub(crate) struct Publication {
    pub(crate) published: Published,
    /// The image itself first, then its copies in other regions.
    pub(crate) images: Vec<ImageId>,
    /// The parameter that names it now, by what releases it.
    pub(crate) parameter: Option<String>,
}

/// All of it can be asked for again.
impl HandOver for Publication {}

pub(crate) async fn run(
    cx: &Context<'_>,
    image: &ImageId,
    fingerprint: &str,
) -> Result<Publication, BuildError> {
    remove_old_manifest(cx)?;
    let spec = request::publication(cx.plan);
    // Whoever finds the image half shared must see that it is not done.
    set_state(cx, image, PublicState::Publishing, fingerprint).await?;
    let published = cx
        .call("publish the image", LONG, || cx.cloud.publish(image))
        .await?;
    let mut images = vec![image.clone()];
    images.extend(copy(cx, image, &spec).await?);
    for one in &images {
        offer(cx, one, &spec).await?;
    }
    let parameter = match &spec.parameter {
        Some(name) => Some(name_newest(cx, name, image).await?),
        None => None,
    };
    // The image itself comes last: once it says so, all is done.
    for one in images.iter().rev() {
        set_state(cx, one, PublicState::Published, fingerprint).await?;
    }
    cx.progress(Phase::Publish, format!("image {}", published.location));
    Ok(Publication {
        published,
        images,
        parameter,
    })
}

/// A manifest from an earlier build must not stand beside this image, whatever happens next.
fn remove_old_manifest(cx: &Context<'_>) -> Result<(), BuildError> {
    let path = &cx.options.manifest_path;
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(BuildError::Write {
            path: path.clone(),
            source,
        }),
        _ => Ok(()),
    }
}

async fn set_state(
    cx: &Context<'_>,
    image: &ImageId,
    state: PublicState,
    fingerprint: &str,
) -> Result<(), BuildError> {
    let doing = format!("mark the image {}", state.name());
    let set = || cx.cloud.set_state(image, state, fingerprint);
    cx.call(&doing, QUICK, set).await
}

/// All copies are begun before the first is waited for.
async fn copy(
    cx: &Context<'_>,
    image: &ImageId,
    spec: &PublishSpec,
) -> Result<Vec<ImageId>, BuildError> {
    let mut copies = Vec::new();
    for region in &spec.copy_to {
        let request = CopyRequest {
            owner: cx.image_owner(),
            image: image.clone(),
            region: region.clone(),
            spec: ImageSpec::clone(&request::image(cx.plan)),
        };
        let token = format!("{}-image-{region}", cx.plan.build_id);
        let doing = format!("copy the image to {region}");
        let intent = Intent {
            phase: Phase::Publish,
            kind: ResourceKind::Image,
            token: &token,
            doing: &doing,
            patience: None,
        };
        let id = acquire(cx, intent, async || Ok(cx.cloud.copy(&request).await?.0)).await?;
        copies.push((ImageId(id), request));
    }
    for (id, request) in &copies {
        let what = format!("the copy in {}", request.region);
        let ask = || cx.cloud.image_state(id);
        wait_until_available(cx, (Phase::Publish, WaitFor::State), &what, ask).await?;
        let doing = format!("finish {what}");
        cx.call(&doing, QUICK, || cx.cloud.finish_copy(id, request))
            .await?;
    }
    Ok(copies.into_iter().map(|(id, _)| id).collect())
}

/// Shares the image, and says how long it is recommended.
async fn offer(cx: &Context<'_>, image: &ImageId, spec: &PublishSpec) -> Result<(), BuildError> {
    if !spec.sharing.is_empty() {
        let share = || cx.cloud.share(image, &spec.sharing);
        cx.call("share the image", QUICK, share).await?;
    }
    if let Some(after) = spec.deprecate_after {
        let after = SignedDuration::try_from(after).unwrap_or(SignedDuration::MAX);
        let at = cx.clock.now().saturating_add(after);
        let at = at.unwrap_or(jiff::Timestamp::MAX);
        let deprecate = || cx.cloud.deprecate(image, at);
        cx.call("say when the image is outdated", QUICK, deprecate)
            .await?;
    }
    Ok(())
}

/// The change that is to be made, journalled before it is: what takes it back is known whatever happens then.
async fn change_of(
    cx: &Context<'_>,
    name: &str,
    image: &ImageId,
) -> Result<ParameterChange, BuildError> {
    let token = format!("{}-parameter", cx.plan.build_id);
    let known = cx.journal().intent(&token).cloned();
    if let Some(IntentState::Made(id)) = &known
        && let Some(change) = ParameterChange::parse(id)
    {
        // By an earlier process, which may have made it: what the parameter names now is not what it named before.
        return Ok(change);
    }
    let read = || cx.cloud.parameter(name);
    let change = ParameterChange {
        name: name.to_owned(),
        image: image.clone(),
        before: cx.call("read the parameter", QUICK, read).await?,
    };
    let kind = ResourceKind::Parameter;
    if known.is_none() {
        let now = cx.clock.now();
        cx.journal().intend(now, Phase::Publish, kind, &token)?;
    }
    cx.acquired(&token, kind, &change.to_string())?;
    Ok(change)
}

/// Lets the parameter name the image, and reads it back: what it names is looked at after the answer.
async fn name_newest(cx: &Context<'_>, name: &str, image: &ImageId) -> Result<String, BuildError> {
    let owner = cx.image_owner();
    let change = change_of(cx, name, image).await?;
    let id = change.to_string();
    let now = cx.call("read the parameter", QUICK, || cx.cloud.parameter(name));
    let now = now.await?;
    if now != change.before && now.as_deref() != Some(&image.0) {
        // Between two processes of this build another one was published.
        let named = now.as_deref().unwrap_or("nothing");
        let message = format!("warning: {name} names {named} since, and is left so");
        cx.progress(Phase::Publish, message);
        return Ok(id);
    }
    let doing = format!("let {name} name the image");
    let set = || cx.cloud.set_parameter(&owner, &change);
    cx.call(&doing, QUICK, set).await?;
    let wait = Wait {
        waiting_for: WaitFor::Command,
        limit: PARAMETER,
        builder: None,
    };
    let named = wait::until(cx, wait, async || {
        let read = || cx.cloud.parameter(name);
        let value = cx.call("read the parameter back", QUICK, read).await?;
        Ok((value.as_deref() == Some(&image.0)).then_some(()))
    })
    .await;
    match named {
        Ok(()) => Ok(id),
        Err(WaitEnd::Failed(error)) => Err(error),
        Err(WaitEnd::Stopped) => Err(cx.stopped()),
        Err(WaitEnd::TimedOut) => Err(BuildError::ParameterRefused {
            name: name.to_owned(),
            image: image.0.clone(),
        }),
    }
}
