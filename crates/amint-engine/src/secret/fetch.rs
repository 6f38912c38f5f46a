//! Secrets that a cloud keeps.

use amint_cloud::{Clock, Cloud, SecretSource, SecretValue};

use crate::call::{self, CallEnd, CallError, Calling, QUICK};
use crate::cancel::{Cancel, CancelLevel};
use crate::jitter::Jitter;

/// Asks the cloud for a secret, again where it is too busy or an answer was lost; nothing when `cancel` came first.
/// `build` is the build's id.
///
/// # Errors
/// When the cloud does not hand it out.
pub async fn fetch(
    source: &SecretSource,
    build: &str,
    cloud: &dyn Cloud,
    clock: &dyn Clock,
    cancel: &Cancel,
) -> Result<Option<SecretValue>, CallError> {
    let calling = Calling {
        clock,
        cancel,
        jitter: &Jitter::new(build),
        level: CancelLevel::Cancelled,
        limit: QUICK,
    };
    match call::call(calling, || cloud.secret(source)).await {
        Ok(value) => Ok(Some(value)),
        Err(CallEnd::Failed(error)) => Err(error),
        Err(CallEnd::Stopped) => Ok(None),
    }
}
