//! Why something could not be read from a repository.

use std::io;

use amint_event::ExitClass;

/// Why something could not be read from a repository.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GitError {
    /// There is no git program.
    #[error("git is not installed")]
    NotInstalled,
    /// git could not be run, or went away.
    #[error("cannot run git")]
    Io(#[from] io::Error),
    /// The working folder is in no repository.
    #[error("this folder is in no git repository")]
    NoRepository,
    /// Somebody else owns the repository.
    #[error("git does not trust this repository: another user owns it")]
    NotTrusted,
    /// git said something else.
    #[error("git {command} failed: {message}")]
    Failed {
        command: &'static str,
        message: String,
    },
    /// No such revision.
    #[error("there is no revision {0}")]
    UnknownRevision(String),
    /// Two revisions without a common past.
    #[error("{left} and {right} have no common ancestor here")]
    NoMergeBase {
        left: String,
        right: String,
        /// Whether the past was cut off when the repository was cloned.
        shallow: bool,
    },
    /// A commit that is not in the repository, though another one names it.
    #[error("the object {0} is missing")]
    MissingObject(String),
    /// An object that is no such thing.
    #[error("the object {0} is not what its place says")]
    Corrupt(String),
    /// A working tree is needed.
    #[error("this repository has no working tree")]
    Bare,
    /// A path that leaves the repository.
    #[error("{0} lies outside the repository")]
    Outside(String),
    /// A name that no text can show.
    #[error("{0} has a name that is not UTF-8 text")]
    Name(String),
    /// More files than anybody looks at.
    #[error("there are more than {0} files below the paths")]
    TooManyFiles(usize),
}

impl GitError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotInstalled => {
                Some("install it (`apt install git`, `dnf install git`), or give two files")
            }
            Self::NoRepository => Some("run amint in a repository, or give two files"),
            Self::NotTrusted => Some("`git config --global --add safe.directory FOLDER` trusts it"),
            Self::UnknownRevision(_) => Some(
                "fetch it (`git fetch`; in GitHub Actions, `fetch-depth: 0`), or give two files",
            ),
            Self::NoMergeBase { shallow: true, .. } | Self::MissingObject(_) => Some(
                "the clone is shallow or partial: `git fetch --unshallow`; in GitHub Actions, `fetch-depth: 0`",
            ),
            Self::NoMergeBase { .. } => Some("compare them directly, with two dots"),
            Self::Bare => Some("give two revisions, such as main..topic"),
            Self::Outside(_) => Some("give paths inside the repository"),
            Self::TooManyFiles(_) => Some("give the paths of the recipes"),
            _ => None,
        }
    }

    /// The exit code's class.
    pub(crate) fn class(&self) -> ExitClass {
        match self {
            Self::NotInstalled | Self::Io(_) | Self::NotTrusted => ExitClass::Preflight,
            Self::Failed { .. } | Self::Corrupt(_) => ExitClass::Unreadable,
            Self::NoMergeBase { .. } | Self::MissingObject(_) => ExitClass::NotFound,
            Self::NoRepository
            | Self::UnknownRevision(_)
            | Self::Bare
            | Self::Outside(_)
            | Self::Name(_)
            | Self::TooManyFiles(_) => ExitClass::Usage,
        }
    }
}
