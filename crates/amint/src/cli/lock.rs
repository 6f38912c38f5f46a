//! The arguments of `amint lock`.

use std::path::PathBuf;

use clap::Args;

use super::{CloudName, DocumentFormat, Variables};

/// Write down what recipes are resolved to: base image, files, profile, catalogue
///
/// Writes RECIPE.lock beside each recipe and prints what changed. Builds use the base image that it names; `amint build
/// --locked` refuses to build when anything moved.
#[derive(Args, Debug)]
pub(crate) struct Lock {
    /// The recipes
    #[arg(required = true, value_name = "RECIPE")]
    pub(crate) recipes: Vec<PathBuf>,

    /// Lock the base image for this cloud only, and keep the other one [default: all that the recipe has]
    #[arg(long, value_enum, value_name = "CLOUD")]
    pub(crate) on: Option<CloudName>,

    /// Write nothing; exit with the code of a stale lock file when something would change
    #[arg(long)]
    pub(crate) check: bool,

    /// Keep the base images that are locked, and ask nobody about them
    #[arg(long)]
    pub(crate) keep_base: bool,

    #[command(flatten)]
    pub(crate) variables: Variables,

    /// How to print the result; `json` is one line a recipe
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: DocumentFormat,
}
