//! What the SDK's errors mean in the port's terms.

use amint_cloud::{CloudError, ErrorKind};
use aws_sdk_ec2::config::http::HttpResponse;
use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};

use crate::policy;

/// Turns an answer of the SDK into one of the port.
pub(crate) trait Explain<T> {
    /// `action` is what was asked for, as IAM names it: `ec2:RunInstances`.
    fn explain(self, action: &'static str) -> amint_cloud::Result<T>;
}

impl<T, E> Explain<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    fn explain(self, action: &'static str) -> amint_cloud::Result<T> {
        self.map_err(|error| explain(error, action))
    }
}

/// The code that AWS gave, if it gave one.
pub(crate) fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<&str> {
    error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
}

pub(crate) fn explain<E>(error: SdkError<E, HttpResponse>, action: &'static str) -> CloudError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match &error {
        SdkError::ServiceError(context) => {
            let status = context.raw().status().as_u16();
            let refusal = context.err();
            let code = refusal.code().unwrap_or("no error code");
            let message = refusal.message().unwrap_or("no message");
            let kind = kind(code, status, message, action);
            let text = format!("{action}: {} ({code})", one_line(message));
            with_hint(CloudError::new(kind, text))
        }
        SdkError::DispatchFailure(failure) => {
            let deepest = deepest(&error);
            if failure.is_other() && looks_like_credentials(&deepest) {
                let profile = std::env::var("AWS_PROFILE");
                let place =
                    profile.map_or(String::new(), |name| format!(" in the profile `{name}`"));
                return with_hint(CloudError::new(
                    ErrorKind::Credentials,
                    format!("{action}: there are no usable AWS credentials{place}: {deepest}"),
                ));
            }
            CloudError::new(
                ErrorKind::AnswerLost,
                format!("{action}: AWS could not be reached: {deepest}"),
            )
            .hint("check the network, the region and AWS_ENDPOINT_URL")
        }
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) => CloudError::new(
            ErrorKind::AnswerLost,
            format!("{action}: the answer was lost: {}", deepest(&error)),
        ),
        _ => CloudError::other(format!("{action}: {}", deepest(&error))),
    }
}

/// By code, as the services document them; an unknown one decides by its form.
fn kind(code: &str, status: u16, message: &str, action: &'static str) -> ErrorKind {
    match code {
        "RequestLimitExceeded"
        | "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "TooManyRequestsException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "EC2ThrottledException"
        | "BandwidthLimitExceeded"
        | "SlowDown"
        | "ConcurrentLimitExceededException"
        | "SnapshotCreationPerVolumeRateExceeded"
        | "ConcurrentSnapshotLimitExceeded"
        | "PendingSnapshotLimitExceeded"
        // Refused without effect; whoever comes next succeeds.
        | "ConcurrentTagAccess"
        | "ConcurrentModification"
        | "EntityTemporarilyUnmodifiable"
        | "TooManyUpdates" => ErrorKind::Throttled,
        // `Unsupported`: the type is not offered in the zone; another one may offer it.
        "InsufficientInstanceCapacity"
        | "InsufficientHostCapacity"
        | "InsufficientCapacity"
        | "InsufficientReservedInstanceCapacity"
        | "InsufficientFreeAddressesInSubnet"
        | "InsufficientVolumeCapacity" => ErrorKind::NoCapacity,
        "Unsupported" if action == "ec2:RunInstances" => ErrorKind::NoCapacity,
        "UnauthorizedOperation"
        | "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedException" => ErrorKind::Denied {
            action: Some(missing_action(message).unwrap_or(action).to_owned()),
        },
        // Also the answer for an image of somebody else's.
        "AuthFailure" if message.contains("Not authorized for") => ErrorKind::NotFound,
        "AuthFailure"
        | "InvalidClientTokenId"
        | "SignatureDoesNotMatch"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "UnrecognizedClientException"
        | "InvalidAccessKeyId"
        | "MissingAuthenticationToken"
        | "IncompleteSignature"
        | "InvalidIdentityToken"
        | "CredentialsNotLoaded" => ErrorKind::Credentials,
        "InvalidAMIID.Unavailable" => ErrorKind::Gone,
        "NoSuchEntity"
        | "ParameterNotFound"
        | "InvalidInstanceId"
        | "InvocationDoesNotExist"
        | "NoSuchBucket"
        | "NoSuchKey" => ErrorKind::NotFound,
        "InvalidAMIName.Duplicate"
        | "InvalidGroup.Duplicate"
        | "EntityAlreadyExists"
        | "IdempotentParameterMismatch"
        | "ConflictException"
        | "ParameterAlreadyExists" => ErrorKind::Conflict,
        "IncorrectInstanceState"
        | "IncorrectState"
        | "DependencyViolation"
        | "InvalidSnapshot.InUse"
        | "InvalidNetworkInterface.InUse"
        | "VolumeInUse"
        | "DeleteConflict" => ErrorKind::Busy,
        "Unsupported" | "UnsupportedOperation" | "OptInRequired" | "OperationNotPermitted"
        | "InvalidParameterValue" | "InvalidParameterCombination" | "InvalidParameter"
        | "MissingParameter" | "InvalidAMIAttributeItemValue" | "InvalidBlockDeviceMapping" => {
            ErrorKind::Unfit
        }
        "LimitExceeded" | "ServiceQuotaExceededException" => ErrorKind::Quota,
        _ if code.ends_with(".NotFound")
            || code.ends_with("NotFoundException")
            || code.ends_with("NotFound") =>
        {
            ErrorKind::NotFound
        }
        _ if code.ends_with("LimitExceeded") || code.ends_with("CountExceeded") => ErrorKind::Quota,
        // AWS does not say whether the call had its effect.
        _ if status >= 500 => ErrorKind::AnswerLost,
        _ => ErrorKind::Other,
    }
}

/// The action that a refusal names itself: one call may need several.
fn missing_action(message: &str) -> Option<&str> {
    let rest = message.split("not authorized to perform: ").nth(1)?;
    let action = rest.split_whitespace().next()?;
    action.contains(':').then_some(action)
}

/// The way out, where the kind alone tells it.
fn with_hint(error: CloudError) -> CloudError {
    let hint = match &error.kind {
        ErrorKind::Denied {
            action: Some(action),
        } => {
            let printed = policy::printed_by(action);
            format!("allow {action}; `{printed}` prints the whole policy")
        }
        ErrorKind::Credentials => {
            "sign in again (aws sso login, aws configure) or set AWS_PROFILE; in GitHub Actions use \
             aws-actions/configure-aws-credentials; if they are fresh, check this machine's clock"
                .to_owned()
        }
        ErrorKind::NoCapacity => "add `instance-types` or `subnets` to `builder`".to_owned(),
        ErrorKind::Quota => "ask for a higher quota, or end what is not needed".to_owned(),
        ErrorKind::Throttled => "the account makes too many calls; try again later".to_owned(),
        _ => return error,
    };
    error.hint(hint)
}

/// What AWS says, without the coded message that only `sts decode-authorization-message` can read.
fn one_line(message: &str) -> String {
    let message = message
        .split("Encoded authorization failure message")
        .next()
        .unwrap_or(message);
    let words: Vec<&str> = message.split_whitespace().collect();
    words.join(" ").trim_end_matches('.').to_owned()
}

fn looks_like_credentials(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["credential", "identity", "token", "profile", "sso"]
        .iter()
        .any(|word| text.contains(word))
}

/// The innermost cause: those above only say that something went wrong.
fn deepest(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    one_line(&deepest.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_action_that_it_is_about() {
        let message = "You are not authorized to perform this operation. User: arn:aws:iam::1:user/a is \
                       not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/b";
        let kind = kind("UnauthorizedOperation", 403, message, "ec2:RunInstances");
        let action = Some("iam:PassRole".to_owned());
        assert_eq!(kind, ErrorKind::Denied { action });
        let hint = |action: &str| {
            let action = Some(action.to_owned());
            with_hint(CloudError::new(ErrorKind::Denied { action }, "no")).hint
        };
        let printed = "allow ec2:RunInstances; `amint iam RECIPE` prints the whole policy";
        assert_eq!(hint("ec2:RunInstances").as_deref(), Some(printed));
        let printed = "allow iam:ListRoles; `amint iam --cleanup` prints the whole policy";
        assert_eq!(hint("iam:ListRoles").as_deref(), Some(printed));
        let text = "You are not allowed. Encoded authorization failure message: abcDEF";
        assert_eq!(one_line(text), "You are not allowed");
    }

    #[test]
    fn codes_have_kinds() {
        let kind = |code, status| kind(code, status, "", "ec2:X");
        assert_eq!(kind("RequestLimitExceeded", 503), ErrorKind::Throttled);
        assert_eq!(kind("VcpuLimitExceeded", 400), ErrorKind::Quota);
        assert_eq!(kind("InvalidInstanceID.NotFound", 400), ErrorKind::NotFound);
        assert_eq!(kind("InternalError", 500), ErrorKind::AnswerLost);
        assert_eq!(kind("Surprise", 400), ErrorKind::Other);
    }
}
