//! Why a recipe has no plan.

use amint_harden::{CombineError, WaiverError};
use amint_recipe::RenderError;

/// Why a recipe has no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The recipe only says what builders on AWS start from.
    #[error("the recipe has no base image for this machine")]
    NoLocalBase,
    /// The recipe only says what builders on this machine start from.
    #[error("the recipe has no base image for AWS")]
    NoAwsBase,
    /// A file is too large for SSM, and there is no other way to the builder.
    #[error("`{to}` has {size} bytes, and without `builder.bucket` a file on AWS may have {most}")]
    FileNeedsBucket {
        /// The path on the builder.
        to: String,
        /// Its size in bytes.
        size: u64,
        /// The largest size in bytes that needs no bucket.
        most: u64,
    },
    /// The catalogue has no such profile.
    #[error("there is no profile `{name}`")]
    UnknownProfile {
        /// The name that the recipe gives.
        name: String,
    },
    /// The profiles cannot be followed together.
    #[error(transparent)]
    Profiles(CombineError),
    /// A waiver accepts what cannot be accepted.
    #[error("a waiver of `{rule}` cannot be used")]
    Waiver {
        /// The rule's id as the recipe gives it.
        rule: String,
        /// Why not.
        source: WaiverError,
    },
    /// A string could not be rendered.
    #[error("a string of the recipe could not be rendered")]
    Render(#[from] RenderError),
    /// The plan could not be written in canonical form.
    #[error("the plan could not be written as canonical JSON")]
    Canonical(#[from] serde_json::Error),
}

impl From<CombineError> for PlanError {
    fn from(error: CombineError) -> Self {
        match error {
            CombineError::UnknownProfile(name) => PlanError::UnknownProfile { name },
            error => PlanError::Profiles(error),
        }
    }
}

impl PlanError {
    /// What to do about it, where the user can do something.
    pub fn hint(&self) -> Option<String> {
        match self {
            PlanError::NoLocalBase => {
                Some("add `local: { debian: bookworm }` to `base`".to_owned())
            }
            PlanError::NoAwsBase => Some(
                "add `aws: { ssm-parameter: … }` to `base`, or build it here with `--on local`"
                    .to_owned(),
            ),
            PlanError::FileNeedsBucket { .. } => Some(
                "name an S3 bucket in `builder.bucket`, or have a `shell` step fetch the file"
                    .to_owned(),
            ),
            PlanError::Profiles(error) => error.hint(),
            PlanError::UnknownProfile { .. } => {
                let names: Vec<_> = amint_harden::profiles()
                    .iter()
                    .map(|profile| profile.name)
                    .collect();
                Some(format!("there are `{}`", names.join("`, `")))
            }
            PlanError::Waiver { source, .. } => Some(source.hint()),
            PlanError::Render(_) | PlanError::Canonical(_) => None,
        }
    }
}
