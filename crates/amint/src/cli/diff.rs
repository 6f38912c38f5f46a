//! The arguments of `amint diff`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Variables;

/// Compare recipes by what they would build, and say what got weaker
///
/// Plans are compared, not texts: the order of keys, comments and quotes mean nothing. Each change is WEAKENED, CHANGED,
/// STRENGTHENED or NEUTRAL by a rule that `amint explain RULE` explains. Variables without a value get one that stands for
/// it, the same on both sides, so that no secret is needed.
#[derive(Args, Debug)]
pub(crate) struct Diff {
    /// OLD NEW: two files. REV..REV [PATH…]: two git revisions. REV...REV [PATH…]: the second since it left the first.
    /// REV [PATH…]: a revision and the working tree [default: HEAD; PATH: recipes]
    #[arg(value_name = "VERSION")]
    pub(crate) versions: Vec<String>,

    /// The plans to compare
    #[arg(long, value_enum, default_value_t, value_name = "CLOUD")]
    pub(crate) on: DiffTarget,

    #[command(flatten)]
    pub(crate) variables: Variables,

    /// A signed-off list of what may get weaker. It is read from the old version, of REV...REV from the first revision:
    /// nobody can approve their own change with it. With two files it is read as it is
    #[arg(long, value_name = "FILE")]
    pub(crate) require_approval: Option<PathBuf>,

    /// How to print it
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: DiffFormat,
}

/// Which plans of a recipe are compared.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum DiffTarget {
    /// Those that the recipe has a base image for
    #[default]
    Both,
    /// Those for EC2
    Aws,
    /// Those for a machine on this computer
    Local,
}

/// How a diff is printed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people
    #[default]
    Text,
    /// For people, as a comment of a pull request
    Markdown,
    /// For programs
    Json,
    /// SARIF, for code scanning
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
}
