//! The exit code of a question that a cloud did not answer.

use amint_cloud::ErrorKind;
use amint_engine::{AskError, CallError};
use amint_event::ExitClass;

/// By what stood in the way of the call.
pub(super) fn call_class(error: &CallError) -> ExitClass {
    match error {
        CallError::Cloud(error) => match error.kind {
            ErrorKind::Denied { .. } | ErrorKind::Credentials => ExitClass::Denied,
            ErrorKind::Throttled => ExitClass::Throttled,
            ErrorKind::Prerequisite => ExitClass::Preflight,
            ErrorKind::NotFound | ErrorKind::Gone => ExitClass::NotFound,
            ErrorKind::Unfit => ExitClass::Recipe,
            _ => ExitClass::Internal,
        },
        CallError::NoAnswer { .. } => ExitClass::Internal,
    }
}

pub(super) fn class(error: &AskError) -> ExitClass {
    match error {
        AskError::Interrupted => ExitClass::Interrupted,
        AskError::Call { source, .. } => call_class(source),
    }
}
