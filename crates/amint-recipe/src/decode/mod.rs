//! The located tree to a [`Recipe`]. Every problem is collected; decoding goes on after each.
//!
//! - [`decoder`]: problems, scalars, templates, files: what every section needs.
//! - [`fields`]: the keys of a mapping.
//! - [`document`]: the recipe as a whole.
//! - [`list`], [`tags`]: lists of words, mappings of tags.
//! - [`variables`], [`base`], [`builder`], [`steps`], [`seal`], [`image`], [`waivers`]: one section each.
//! - [`aws_builder`], [`volume`], [`publish`]: what those say about AWS.
//! - [`value`]: what single values must look like.

mod aws_builder;
mod base;
mod builder;
mod decoder;
mod document;
mod fields;
mod image;
mod list;
mod publish;
mod seal;
mod steps;
mod tags;
mod value;
mod variables;
mod volume;
mod waivers;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Diagnostics, locate};
use crate::files::{Beside, Files};
use crate::recipe::Recipe;
use crate::source::Source;
use crate::sources::Sources;
use crate::span::FileId;
use crate::yaml::read::read;

/// What [`parse`] needs to know besides the recipe.
pub struct Options<'a> {
    /// Where files beside the recipe are read from.
    pub files: &'a dyn Files,
    /// What the recipe may name.
    pub catalogue: Catalogue<'a>,
}

/// Where chosen profiles disagree without a choice between them: what is wrong, and the way out. It gets the profiles, and
/// the choice for each topic.
pub type Disagreement = fn(&[String], &BTreeMap<String, String>) -> Option<(String, String)>;

/// The names of the hardening catalogue, which this crate does not know.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue<'a> {
    /// The profiles that there are.
    pub profiles: &'a [&'a str],
    /// The ids of all rules.
    pub rules: &'a [&'a str],
    /// The ids of those rules that a waiver may name.
    pub waivable: &'a [&'a str],
    /// What keeps profiles from being followed together, given the choices by topic; and the way out.
    pub disagreement: Disagreement,
}

/// The recipe that a text says, or everything that is wrong with it.
///
/// `overrides` are the values given by `--var`. No IO besides [`Options::files`].
///
/// # Errors
/// When at least one diagnostic is an error; warnings alone are in [`Recipe::warnings`].
pub fn parse(
    source: &Source,
    overrides: &BTreeMap<String, String>,
    options: &Options<'_>,
) -> Result<Recipe, Diagnostics> {
    let mut problems = Vec::new();
    let sources = Arc::new(Sources::new(source.clone()));
    let recipe = read(&sources, FileId::default(), &mut problems).and_then(|root| {
        let mut decoder = decoder::Decoder::new(&sources, options, &mut problems);
        document::decode(&mut decoder, &root, overrides)
    });
    if recipe.is_none() && problems.is_empty() {
        problems.push(document::empty());
    }
    let diagnostics = locate(problems, Arc::clone(&sources));
    match recipe {
        Some(recipe) if !diagnostics.has_errors() => Ok(Recipe {
            sources,
            warnings: diagnostics,
            ..recipe
        }),
        _ => Err(diagnostics),
    }
}

/// [`parse`], with the files that lie beside the recipe on this machine.
///
/// # Errors
/// As [`parse`].
pub fn parse_file(
    source: &Source,
    overrides: &BTreeMap<String, String>,
    catalogue: Catalogue<'_>,
) -> Result<Recipe, Diagnostics> {
    let files = Beside::new(source);
    parse(
        source,
        overrides,
        &Options {
            files: &files,
            catalogue,
        },
    )
}
