//! Why secrets did not reach the builder.

use std::time::Duration;

use amint_event::ExitClass;

use crate::error::Tail;

/// Why secrets did not reach the builder, or did not leave it.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Nobody said what it is.
    #[error("the value of the secret `{name}` was not given")]
    NoValue {
        /// The variable's name.
        name: String,
    },
    /// The builder lacks what it needs to take them.
    #[error("the builder lacks {what}")]
    Lacking {
        /// Such as `openssl`.
        what: String,
    },
    /// What the builder gave as its key is none.
    #[error("the key that the builder made cannot be used")]
    BadKey,
    /// A command failed.
    #[error("the builder could not {doing} (exit code {exit_code})")]
    Failed {
        /// What the command was for.
        doing: &'static str,
        /// Of the command.
        exit_code: i32,
        /// What it printed last.
        #[source]
        output: Option<Tail>,
    },
    /// A command hung.
    #[error("the builder did not {doing} within {} s", limit.as_secs())]
    TimedOut {
        /// What the command was for.
        doing: &'static str,
        /// How long it may take.
        limit: Duration,
    },
}

impl SecretError {
    /// What the user can do about it.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            SecretError::Lacking { what } if what == "openssl" => {
                Some("add `- install-packages: [openssl]` before the first step that uses a secret")
            }
            SecretError::Lacking { .. } => Some("use a base image whose init is systemd"),
            _ => None,
        }
    }

    pub(crate) fn exit_class(&self) -> ExitClass {
        match self {
            SecretError::Lacking { .. } => ExitClass::Recipe,
            SecretError::NoValue { .. } => ExitClass::Internal,
            _ => ExitClass::Builder,
        }
    }
}
