//! What can go wrong in a cloud, by kind: the engine decides by kind, never by text.

/// The kind of trouble.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ErrorKind {
    /// Not there, or not there yet: look-ups may trail a create.
    NotFound,
    /// Too many calls; try again later.
    Throttled,
    /// No room for what was asked; another type or zone may have some.
    NoCapacity,
    /// Not allowed; the action that is missing, when it is known.
    Denied {
        /// Such as `ec2:RunInstances`.
        action: Option<String>,
    },
    /// Nobody is known to be asking: credentials are missing, wrong or over.
    Credentials,
    /// The name or token is taken by something else.
    Conflict,
    /// A quota is reached.
    Quota,
    /// Still in use, or not in the state for it; that passes.
    Busy,
    /// The recipe asks for what cannot be.
    Unfit,
    /// It was there and is no more.
    Gone,
    /// The answer was lost: whether the call had its effect is not known, and asking again tells.
    AnswerLost,
    /// Something that the cloud needs on this machine is missing or broken (a program, disk space).
    Prerequisite,
    /// Anything else.
    Other,
}

/// One fact about what went wrong, with the way out where there is one.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct CloudError {
    /// What kind of trouble it is.
    pub kind: ErrorKind,
    /// A fragment that reads after "cannot launch the builder: ".
    pub message: String,
    /// What the user can do about it.
    pub hint: Option<String>,
    /// What was underneath.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl CloudError {
    /// An error of `kind`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            source: None,
        }
    }

    /// An error of kind [`ErrorKind::Other`].
    pub fn other(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Other, message)
    }

    /// Adds what the user can do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }
}
