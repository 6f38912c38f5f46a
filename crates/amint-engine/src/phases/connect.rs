//! The builder's agent answers, its boot has finished, and it will end itself.

use std::time::Duration;

use amint_cloud::OnPowerOff;

use crate::call::QUICK;
use crate::context::Context;
use crate::error::BuildError;
use crate::phases::launch::Builder;
use crate::ready::{self, BootId};
use crate::settle::{self, SETTLING};

/// How long a machine may take to boot, under emulation too.
const LIMIT: Duration = Duration::from_secs(600);

pub(crate) async fn run(cx: &Context<'_>, builder: &Builder) -> Result<BootId, BuildError> {
    let doing = "make the builder's power-off final";
    let set = || {
        cx.cloud
            .set_on_power_off(&builder.id, OnPowerOff::Terminate)
    };
    settle::call(cx, doing, QUICK, SETTLING, set).await?;
    let limit = LIMIT.min(Duration::from_secs(cx.plan.builder.timeout_seconds));
    // Another process asks anew: the answers to the earlier one's questions tell about its time.
    let round = match cx.past.resumed {
        0 => "connect".to_owned(),
        resumed => format!("connect-{resumed}"),
    };
    ready::wait(cx, builder, &round, None, limit).await
}
