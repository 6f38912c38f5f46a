//! What was changed a moment ago is not known everywhere at once: what needs it is asked for again.

use std::future::Future;
use std::time::Duration;

use amint_cloud::{CloudError, WaitFor};

use crate::call::CallError;
use crate::context::Context;
use crate::error::BuildError;
use crate::wait::{self, Wait, WaitEnd};

/// How long a change may take until a cloud knows it everywhere.
pub(crate) const SETTLING: Duration = Duration::from_secs(120);

/// Calls the cloud until it no longer says that something is not there, or not in the state for it. Each call may
/// take `each`, and all of them `limit`.
pub(crate) async fn call<T, F>(
    cx: &Context<'_>,
    doing: &str,
    each: Duration,
    limit: Duration,
    ask: impl Fn() -> F,
) -> Result<T, BuildError>
where
    F: Future<Output = Result<T, CloudError>>,
{
    let wait = Wait {
        waiting_for: WaitFor::State,
        limit,
        builder: None,
    };
    let mut unsettled = None;
    let answer = wait::until(cx, wait, async || match cx.call(doing, each, &ask).await {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.may_pass() => {
            unsettled = Some(error);
            Ok(None)
        }
        Err(error) => Err(error),
    })
    .await;
    answer.map_err(|end| match end {
        WaitEnd::Failed(error) => error,
        WaitEnd::Stopped => cx.stopped(),
        WaitEnd::TimedOut => unsettled.unwrap_or_else(|| BuildError::Call {
            doing: doing.to_owned(),
            source: CallError::NoAnswer { limit },
        }),
    })
}
