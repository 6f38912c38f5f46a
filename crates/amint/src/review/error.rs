//! Why there is nothing to tell of how recipes differ.

use std::path::PathBuf;

use amint_event::ExitClass;
use amint_recipe::ReadError;

use super::approvals::ApprovalsError;
use crate::git::GitError;

/// Why there is nothing to tell, or why what was told is a failure.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReviewError {
    /// The repository has no answer.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A recipe that was named cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A folder of the working tree cannot be listed.
    #[error("cannot list {}", path.display())]
    List {
        path: PathBuf,
        source: std::io::Error,
    },
    /// Nothing is at a path, before or after.
    #[error("neither version has {0}")]
    NothingThere(String),
    /// One file, and nothing to compare it with.
    #[error("{0} is a path, and there is nothing to compare it with")]
    OnePath(String),
    /// A word that means two things.
    #[error("{0} is a path, and two revisions")]
    Ambiguous(String),
    /// What is in another repository is not seen.
    #[error("the submodule {0} changed, and what is in it is not seen")]
    Submodule(String),
    /// What is behind a symbolic link is not seen.
    #[error("the symbolic link {0} changed, or what it leads to, and what is there is not seen")]
    Unseen(String),
    /// `--var` sets what nobody declares.
    #[error("none of the recipes that differ declares the variable {0}")]
    UnknownVariable(String),
    /// The list of approvals is wrong.
    #[error("the approvals in {path} cannot be used")]
    Approvals {
        path: String,
        source: ApprovalsError,
    },
    /// Recipes are wrong after the change; their diagnostics have been shown.
    #[error("{0} of the recipes cannot be used after the change")]
    Broken(usize),
    /// Recipes got weaker.
    #[error("{count} of the recipes got weaker, and nobody approved it")]
    Weakened {
        count: usize,
        /// Whether a list of approvals was asked for.
        asked: bool,
    },
}

impl ReviewError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Git(error) => error.hint()?,
            Self::Read(error) => error.hint(),
            Self::List { .. } => "name folders that this user can read",
            Self::NothingThere(_) => "give the files or folders that your recipes are in",
            Self::OnePath(_) => "give two files, or a revision and the file",
            Self::Ambiguous(_) => "write the path as ./PATH",
            Self::Submodule(_) => {
                "compare its recipes in its own repository, and leave its path out"
            }
            Self::Unseen(_) => {
                "put a folder or a file in its place, or compare the path that it leads to"
            }
            Self::UnknownVariable(_) => "check the name, or leave the variable out",
            Self::Approvals { .. } => "mend it in the version that it is read from",
            Self::Broken(_) => "mend what is reported above",
            Self::Weakened { asked: true, .. } => {
                "whoever answers for the image adds the entries above to the approvals, in the old version"
            }
            Self::Weakened { asked: false, .. } => {
                "take it back, or have it approved: `--require-approval FILE` takes a signed-off list"
            }
        };
        Some(hint.to_owned())
    }

    /// The exit code's class.
    pub(crate) fn class(&self) -> ExitClass {
        match self {
            Self::Git(error) => error.class(),
            Self::Read(_) | Self::Broken(_) | Self::Submodule(_) | Self::Unseen(_) => {
                ExitClass::Recipe
            }
            Self::List { .. } => ExitClass::Preflight,
            Self::NothingThere(_)
            | Self::OnePath(_)
            | Self::Ambiguous(_)
            | Self::UnknownVariable(_)
            | Self::Approvals { .. } => ExitClass::Usage,
            Self::Weakened { .. } => ExitClass::Weakened,
        }
    }
}
