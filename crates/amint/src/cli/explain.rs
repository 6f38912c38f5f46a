//! The arguments of `amint explain`.

use clap::{Args, ValueEnum};

use super::{CloudName, Variables};

/// Explain what a recipe does, step by step, or what a rule or a hardening step is about
///
/// A recipe is told in plain English, for whoever has to answer for its image: what it starts from, each step with the exact
/// script that will run, what the seal does and why, what is accepted, who gets the image, and what its first boot does.
#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// A recipe's path, a rule's id, such as MP-SSH-003 or DIFF-SEAL-001, or a hardening step's
    #[arg(
        required_unless_present = "list",
        conflicts_with = "list",
        value_name = "RECIPE|ID"
    )]
    pub(crate) topic: Option<String>,

    /// List everything that has an id
    #[arg(long)]
    pub(crate) list: bool,

    /// With a recipe: where the build would run [default: aws if the recipe has a base image there, else local]
    #[arg(long, value_enum, value_name = "CLOUD")]
    pub(crate) on: Option<CloudName>,

    #[command(flatten)]
    pub(crate) variables: Variables,

    /// How to print it
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: ExplainFormat,
}

/// How an explanation is printed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum ExplainFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// For pull requests and wikis
    Markdown,
}
