//! What the build acquired and does not keep is released. The image and its manifest are there: what
//! goes wrong here is told, but takes nothing back.

use std::time::Duration;

use amint_cloud::Resource;

use crate::context::Context;
use crate::release;

/// How long releasing may take when nothing is urgent.
const LIMIT: Duration = Duration::from_secs(300);

pub(crate) async fn run(cx: &Context<'_>) -> Vec<Resource> {
    let held = release::held(cx);
    let left = release::all(cx, held, LIMIT).await;
    release::report_left(cx, &left);
    release::resources(left)
}
