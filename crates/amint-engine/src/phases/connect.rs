//! The builder's agent answers, its boot has finished, and it will end itself.

use std::time::Duration;

use amint_cloud::OnPowerOff;

use crate::context::Context;
use crate::error::BuildError;
use crate::phases::launch::Builder;
use crate::power_off;
use crate::ready::{self, BootId};

/// How long a machine may take to boot, under emulation too.
const LIMIT: Duration = Duration::from_secs(600);

pub(crate) async fn run(cx: &Context<'_>, builder: &Builder) -> Result<BootId, BuildError> {
    let doing = "make the builder's power-off final";
    power_off::set(cx, &builder.id, OnPowerOff::Terminate, doing).await?;
    let limit = LIMIT.min(Duration::from_secs(cx.plan.builder.timeout_seconds));
    ready::wait(cx, builder, "connect", None, limit).await
}
