//! Why a build has no secrets.

use amint_cloud::ErrorKind;
use amint_engine::CallError;
use amint_event::ExitClass;

/// Why the value of a plan's secret cannot be had, or not used. No message holds any of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    /// The environment has no such variable.
    #[error("the secret `{secret}` has no value: {variable} is not set")]
    NotSet { secret: String, variable: String },
    /// The environment's value is no text.
    #[error("the secret `{secret}` cannot be used: {variable} is not UTF-8 text")]
    NotText { secret: String, variable: String },
    /// The cloud does not hand it out.
    #[error("cannot read the secret `{secret}` from {place}")]
    Fetch {
        secret: String,
        place: String,
        // Boxed: it is far larger than anything else here.
        source: Box<CallError>,
    },
    /// The build was interrupted meanwhile.
    #[error("interrupted")]
    Interrupted,
    /// Such text is everywhere.
    #[error("the secret `{secret}` from {place} is shorter than {least} bytes")]
    TooShort {
        secret: String,
        place: String,
        least: usize,
    },
    /// It does not fit into a command.
    #[error("the secret `{secret}` from {place} is larger than {} KiB", most >> 10)]
    TooLarge {
        secret: String,
        place: String,
        most: usize,
    },
    /// A shell knows no zero bytes.
    #[error("the secret `{secret}` from {place} holds a zero byte")]
    ZeroByte { secret: String, place: String },
}

impl SecretError {
    /// The exit code's class.
    pub(crate) fn class(&self) -> ExitClass {
        match self {
            SecretError::NotSet { .. } | SecretError::NotText { .. } => ExitClass::Usage,
            SecretError::Interrupted => ExitClass::Interrupted,
            SecretError::TooShort { .. }
            | SecretError::TooLarge { .. }
            | SecretError::ZeroByte { .. } => ExitClass::Recipe,
            SecretError::Fetch { source, .. } => match source.as_ref() {
                CallError::Cloud(error) => match error.kind {
                    ErrorKind::NotFound => ExitClass::NotFound,
                    ErrorKind::Unfit => ExitClass::Recipe,
                    ErrorKind::Denied { .. } | ErrorKind::Credentials => ExitClass::Denied,
                    ErrorKind::Throttled => ExitClass::Throttled,
                    _ => ExitClass::Preflight,
                },
                CallError::NoAnswer { .. } => ExitClass::Preflight,
            },
        }
    }

    /// The way out, where there is one.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            SecretError::NotSet { variable, .. } => {
                Some(format!("put its value into the environment as {variable}"))
            }
            SecretError::NotText { .. } => Some("keep it as text, such as base64".to_owned()),
            SecretError::Fetch { source, .. } => match source.as_ref() {
                CallError::Cloud(error) => error.hint.clone(),
                CallError::NoAnswer { .. } => None,
            },
            SecretError::TooShort { .. } => Some(
                "text that short is everywhere, and cannot be looked for on the disk: use a longer one"
                    .to_owned(),
            ),
            SecretError::TooLarge { .. } => {
                Some("let the builder fetch it, with a token that is the secret".to_owned())
            }
            SecretError::ZeroByte { .. } => Some("keep it as text, such as base64".to_owned()),
            SecretError::Interrupted => None,
        }
    }
}
