//! The two calls to S3. Its SDK takes minutes to compile; the parts that all SDKs are made of are here anyway.

use std::convert::Infallible;
use std::time::{Duration, SystemTime};

use amint_cloud::{CloudError, ErrorKind, Result};
use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::service_config::ServiceConfigKey;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long the answer may take once everything is sent.
const ANSWER: Duration = Duration::from_secs(45);
/// The slowest network that a file is sent over, in bytes a second.
const SLOWEST: usize = 128 << 10;

/// Where an object is.
pub(crate) struct Object<'a> {
    pub(crate) region: &'a str,
    pub(crate) bucket: &'a str,
    /// Of characters that a URL takes as they are.
    pub(crate) key: &'a str,
}

impl Object<'_> {
    /// With the bucket in the path: names with dots fit no certificate, and emulators have no names for buckets.
    pub(crate) fn url(&self, endpoint: &str) -> String {
        format!(
            "{}/{}/{}",
            endpoint.trim_end_matches('/'),
            self.bucket,
            self.key
        )
    }
}

/// S3 in the region, or what stands for it: `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, a profile's `endpoint_url`.
pub(crate) fn endpoint(config: &SdkConfig, region: &str) -> String {
    let key = ServiceConfigKey::builder()
        .service_id("S3")
        .env("AWS_ENDPOINT_URL_S3")
        .profile("endpoint_url")
        .build();
    let own = key
        .ok()
        .and_then(|key| config.service_config()?.load_config(key));
    match own.or_else(|| config.endpoint_url().map(str::to_owned)) {
        Some(endpoint) => endpoint,
        None if region.starts_with("cn-") => format!("https://s3.{region}.amazonaws.com.cn"),
        None => format!("https://s3.{region}.amazonaws.com"),
    }
}

/// What is to be done with an object.
struct Call<'a> {
    /// As IAM names it: `s3:PutObject`.
    action: &'static str,
    method: &'static str,
    content: &'a [u8],
}

/// Puts `content` there, whatever was there before.
pub(crate) async fn put(config: &SdkConfig, object: &Object<'_>, content: &[u8]) -> Result<()> {
    let call = Call {
        action: "s3:PutObject",
        method: "PUT",
        content,
    };
    make(config, object, &call).await
}

/// Deletes what is there. S3 answers the same when nothing is, but not when there is no such bucket.
pub(crate) async fn delete(config: &SdkConfig, object: &Object<'_>) -> Result<()> {
    let call = Call {
        action: "s3:DeleteObject",
        method: "DELETE",
        content: &[],
    };
    make(config, object, &call).await
}

/// Makes a call whose answer says no more than that it worked: 200 or 204.
async fn make(config: &SdkConfig, object: &Object<'_>, call: &Call<'_>) -> Result<()> {
    let endpoint = endpoint(config, object.region);
    let request = signed(config, object, &endpoint, call).await?;
    let (status, body) = send(config, &endpoint, call.action, request).await?;
    match status {
        200..=299 => Ok(()),
        _ => Err(refused(object, call.action, status, &body)),
    }
}

async fn signed(
    config: &SdkConfig,
    object: &Object<'_>,
    endpoint: &str,
    call: &Call<'_>,
) -> Result<HttpRequest> {
    let url = object.url(endpoint);
    let Call {
        action,
        method,
        content,
    } = *call;
    let nobody = || {
        let text = format!("{action}: there are no usable AWS credentials");
        CloudError::new(ErrorKind::Credentials, text)
    };
    let provider = config.credentials_provider().ok_or_else(nobody)?;
    let credentials = provider.provide_credentials().await;
    let identity = credentials
        .map_err(|error| nobody().caused_by(error))?
        .into();
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    let unsigned = |error: Box<dyn std::error::Error + Send + Sync>| {
        CloudError::other(format!("{action}: {url} cannot be signed")).caused_by(error)
    };
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(object.region)
        .name("s3")
        .time(SystemTime::now())
        .settings(settings)
        .build()
        .map_err(|error| unsigned(error.into()))?;
    let signable = SignableRequest::new(
        method,
        url.as_str(),
        std::iter::empty(),
        SignableBody::Bytes(content),
    );
    let signable = signable.map_err(|error| unsigned(error.into()))?;
    let signature = sign(signable, &parameters.into()).map_err(|error| unsigned(error.into()))?;
    let (headers, _) = signature.into_parts().0.into_parts();
    let mut request = HttpRequest::new(SdkBody::from(content.to_vec()));
    request
        .set_method(method)
        .map_err(|error| unsigned(error.into()))?;
    // What is before the path comes from the endpoint.
    request
        .set_uri(object.url(""))
        .map_err(|error| unsigned(error.into()))?;
    for header in &headers {
        let value = header.value().to_owned();
        request.headers_mut().insert(header.name(), value);
    }
    let length = content.len().to_string();
    request.headers_mut().insert("content-length", length);
    Ok(request)
}

/// Status and body of the answer.
async fn send(
    config: &SdkConfig,
    endpoint: &str,
    action: &'static str,
    request: HttpRequest,
) -> Result<(u16, String)> {
    let size = request.body().bytes().map_or(0, <[u8]>::len);
    let limits = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ANSWER + Duration::from_secs((size / SLOWEST) as u64))
        .build();
    let mut operation = Operation::builder()
        .service_name("S3")
        .operation_name(action.trim_start_matches("s3:"))
        .behavior_version(BehaviorVersion::latest())
        .no_auth()
        .no_retry()
        .endpoint_url(endpoint)
        .timeout_config(limits);
    if let Some(client) = config.http_client() {
        operation = operation.http_client(client);
    }
    if let Some(sleep) = config.sleep_impl() {
        operation = operation.sleep_impl(sleep);
    }
    let operation = operation
        .serializer(|request: HttpRequest| Ok(request))
        .deserializer::<(u16, String), Infallible>(|answer| {
            let body = answer.body().bytes().unwrap_or_default();
            let body = String::from_utf8_lossy(body.get(..4096).unwrap_or(body));
            Ok((answer.status().as_u16(), body.into_owned()))
        })
        .build();
    operation.invoke(request).await.map_err(|error| {
        let text = format!("{action}: the answer was lost");
        let kind = match error {
            SdkError::ConstructionFailure(_) => ErrorKind::Other,
            _ => ErrorKind::AnswerLost,
        };
        CloudError::new(kind, text).caused_by(error.to_string())
    })
}

/// What S3 says in XML, of which the code is enough.
fn refused(object: &Object<'_>, action: &str, status: u16, body: &str) -> CloudError {
    let Object { bucket, region, .. } = object;
    let code = between(body, "<Code>", "</Code>").unwrap_or("no error code");
    let message = between(body, "<Message>", "</Message>").unwrap_or("no message");
    let text = format!("{action}: bucket {bucket}: {message} ({code})");
    let error = |kind| CloudError::new(kind, text.clone());
    match (code, status) {
        ("SlowDown" | "ServiceUnavailable" | "RequestLimitExceeded", _) => {
            error(ErrorKind::Throttled)
        }
        ("NoSuchBucket", _) => error(ErrorKind::NotFound).hint(format!(
            "make the bucket in {region}, or change `builder.bucket`"
        )),
        ("PermanentRedirect" | "AuthorizationHeaderMalformed", _) | (_, 301) => {
            error(ErrorKind::Unfit).hint(format!("`builder.bucket` must be one in {region}"))
        }
        ("AccessDenied", _) => error(ErrorKind::Denied {
            action: Some(action.to_owned()),
        })
        .hint(format!(
            "allow {action}; `amint iam RECIPE` prints the whole policy"
        )),
        (
            "InvalidAccessKeyId"
            | "SignatureDoesNotMatch"
            | "ExpiredToken"
            | "InvalidToken"
            | "RequestTimeTooSkewed",
            _,
        ) => error(ErrorKind::Credentials).hint("sign in again (aws sso login, aws configure)"),
        (_, 500..) => error(ErrorKind::AnswerLost),
        _ => error(ErrorKind::Other),
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.split_once(start)?
        .1
        .split_once(end)
        .map(|(inner, _)| inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_kinds() {
        let object = Object {
            region: "eu-west-1",
            bucket: "b",
            key: "k",
        };
        let kind = |code: &str, status| {
            let body = format!("<Error><Code>{code}</Code><Message>m</Message></Error>");
            refused(&object, "s3:DeleteObject", status, &body).kind
        };
        assert_eq!(kind("NoSuchBucket", 404), ErrorKind::NotFound);
        assert_eq!(kind("PermanentRedirect", 301), ErrorKind::Unfit);
        assert_eq!(kind("SlowDown", 503), ErrorKind::Throttled);
        assert_eq!(kind("InternalError", 500), ErrorKind::AnswerLost);
        let action = Some("s3:DeleteObject".to_owned());
        assert_eq!(kind("AccessDenied", 403), ErrorKind::Denied { action });
        let error = refused(&object, "s3:PutObject", 418, "<html>");
        let text = "s3:PutObject: bucket b: no message (no error code)";
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn an_endpoint_that_is_configured_wins() {
        let config = SdkConfig::builder();
        let plain = config.build();
        assert_eq!(
            endpoint(&plain, "eu-west-1"),
            "https://s3.eu-west-1.amazonaws.com"
        );
        assert_eq!(
            endpoint(&plain, "cn-north-1"),
            "https://s3.cn-north-1.amazonaws.com.cn"
        );
        let config = SdkConfig::builder().endpoint_url("http://127.0.0.1:1/");
        let object = Object {
            region: "us-east-1",
            bucket: "b",
            key: "amint/x",
        };
        let url = object.url(&endpoint(&config.build(), "us-east-1"));
        assert_eq!(url, "http://127.0.0.1:1/b/amint/x");
    }
}
