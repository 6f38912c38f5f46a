//! Whether there is an image already that is as good as the one that a build would make.

use amint_cloud::{BaseImage, Clock, Cloud, CloudError, Published};
use amint_plan::{BuildPlan, LockedBase};

use crate::call::{self, CallEnd, CallError, Calling, LONG, QUICK};
use crate::cancel::{Cancel, CancelLevel};
use crate::jitter::Jitter;
use crate::{locked, request};

/// Why it cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The cloud could not tell.
    #[error("cannot {doing}")]
    Call {
        /// Such as `find the base image`.
        doing: &'static str,
        /// What was underneath.
        source: CallError,
    },
    /// The user had enough.
    #[error("interrupted")]
    Interrupted,
}

impl AskError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<&str> {
        match self {
            AskError::Call {
                source: CallError::Cloud(CloudError { hint, .. }),
                ..
            } => hint.as_deref(),
            _ => None,
        }
    }
}

/// Asks a cloud before there is a build. Retries are those of a build's calls.
pub struct Asking<'a> {
    cloud: &'a dyn Cloud,
    clock: &'a dyn Clock,
    cancel: &'a Cancel,
    jitter: Jitter,
}

impl<'a> Asking<'a> {
    /// Asks `cloud`.
    pub fn new(cloud: &'a dyn Cloud, clock: &'a dyn Clock, cancel: &'a Cancel) -> Self {
        Self {
            cloud,
            clock,
            cancel,
            jitter: Jitter::new("asking"),
        }
    }

    /// The base image that a build by this plan would start from. Nothing is made.
    ///
    /// # Errors
    /// When the cloud cannot tell, and when it is not the one that the plan is locked to.
    pub async fn base(&self, plan: &BuildPlan) -> Result<BaseImage, AskError> {
        let query = request::base(plan);
        self.call("find the base image", LONG, || async {
            let found = self.cloud.identify_base(&query).await;
            locked::verified(plan, found.map_err(|error| locked::explained(plan, error))?)
        })
        .await
    }

    /// The newest published image with this fingerprint, in one call.
    ///
    /// # Errors
    /// When the cloud cannot tell.
    pub async fn current(&self, fingerprint: &str) -> Result<Option<Published>, AskError> {
        self.call("look for a current image", QUICK, || {
            self.cloud.current_image(fingerprint)
        })
        .await
    }

    /// The fingerprint of what a build by this plan would make. Its base image is asked for where the plan does not tell
    /// it.
    ///
    /// # Errors
    /// When the cloud cannot tell.
    pub async fn fingerprint(&self, plan: &BuildPlan) -> Result<String, AskError> {
        Ok(match plan.known_base() {
            Some(id) => plan.fingerprint(id),
            None => plan.fingerprint(&self.base(plan).await?.id),
        })
    }

    async fn call<T, F>(
        &self,
        doing: &'static str,
        limit: std::time::Duration,
        ask: impl Fn() -> F,
    ) -> Result<T, AskError>
    where
        F: Future<Output = Result<T, CloudError>>,
    {
        let calling = Calling {
            clock: self.clock,
            cancel: self.cancel,
            jitter: &self.jitter,
            level: CancelLevel::Cancelled,
            limit,
        };
        call::call(calling, ask).await.map_err(|end| match end {
            CallEnd::Failed(source) => AskError::Call { doing, source },
            CallEnd::Stopped => AskError::Interrupted,
        })
    }
}

/// What is locked of a base image that was found.
pub fn identity(base: &BaseImage) -> LockedBase {
    locked::identity(base)
}
