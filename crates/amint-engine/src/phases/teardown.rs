//! What the build acquired and does not keep is released. The image and its manifest are there: what
//! goes wrong here is told, but takes nothing back.

use std::time::Duration;

use amint_cloud::Resource;

use crate::context::Context;
use crate::look_up;
use crate::release;

/// How long releasing may take when nothing is urgent.
const LIMIT: Duration = Duration::from_secs(300);

pub(crate) async fn run(cx: &Context<'_>) -> Vec<Resource> {
    let mut held = release::held(cx);
    let intents = look_up::unsettled(cx);
    if !intents.is_empty() {
        // The answer to a call was lost, and another one did instead.
        let owned = release::owned(cx);
        held.extend(look_up::run(cx, &intents, &owned, LIMIT).await.found);
    }
    let left = release::of_build(cx).all(held, LIMIT).await;
    release::report_left(cx, &left);
    release::resources(left)
}
