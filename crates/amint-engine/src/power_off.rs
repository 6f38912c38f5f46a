//! What a power-off from inside means: said, and said again until it is so.

use std::time::Duration;

use amint_cloud::{BuilderId, ErrorKind, OnPowerOff, WaitFor};

use crate::call::{CallError, QUICK};
use crate::context::Context;
use crate::error::BuildError;
use crate::wait::{self, Wait, WaitEnd};

/// How long the cloud may not know a builder that it has just launched, or read an old answer back.
const LIMIT: Duration = Duration::from_secs(60);

/// Sets it; `doing` reads after "cannot".
pub(crate) async fn set(
    cx: &Context<'_>,
    builder: &BuilderId,
    action: OnPowerOff,
    doing: &str,
) -> Result<(), BuildError> {
    // At once: only what is refused in passing is waited for.
    let set = || cx.cloud.set_on_power_off(builder, action);
    let mut last = match cx.call(doing, QUICK, set).await {
        Err(error) if passes(&error) => error,
        answer => return answer,
    };
    let wait = Wait {
        waiting_for: WaitFor::Command,
        limit: LIMIT,
        builder: None,
    };
    let done = wait::until(cx, wait, async || match cx.call(doing, QUICK, set).await {
        Ok(()) => Ok(Some(())),
        Err(error) if passes(&error) => {
            last = error;
            Ok(None)
        }
        Err(error) => Err(error),
    })
    .await;
    done.map_err(|end| match end {
        WaitEnd::Failed(error) => error,
        WaitEnd::Stopped => cx.stopped(),
        WaitEnd::TimedOut => last,
    })
}

fn passes(error: &BuildError) -> bool {
    matches!(error, BuildError::Call { source: CallError::Cloud(error), .. }
        if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Busy))
}
