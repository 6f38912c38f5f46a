//! The located tree to a [`Recipe`]. Every problem is collected; decoding goes on after each.
//!
//! - [`decoder`]: problems, scalars, templates, files: what every section needs.
//! - [`library`]: what is read once, however often it is used. [`problems`]: each problem once, and how it came about.
//! - [`fields`]: the keys of a mapping.
//! - [`document`]: the recipe as a whole.
//! - [`matrix`]: the cells that a recipe is decoded for. [`distinct`]: what must differ between them.
//! - [`list`], [`tags`]: lists of words, mappings of tags.
//! - [`allow`], [`variables`], [`base`], [`builder`], [`steps`], [`seal`], [`image`], [`waivers`]: one section each.
//! - [`aws_builder`], [`volume`], [`publish`]: what those say about AWS.
//! - [`value`]: what single values must look like.

mod allow;
mod aws_builder;
mod base;
mod builder;
mod decoder;
mod distinct;
mod document;
mod fields;
mod image;
mod library;
mod list;
mod matrix;
mod problems;
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

use crate::diagnostic::Diagnostics;
use crate::files::{Beside, Files};
use crate::given::Given;
use crate::lint::{Context, Linted};
use crate::recipe::Recipe;
use crate::source::Source;

use self::decoder::Decoder;

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

/// What this crate does not know: the names of the hardening catalogue, and the day.
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
    /// The day on which the recipe is checked, `YYYY-MM-DD` in UTC; without it, no base image counts as too old.
    pub today: Option<&'a str>,
}

/// The recipe that a text says, or everything that is wrong with it.
///
/// `given` are the values of variables that come from outside; for an axis of a matrix, the one value to decode for. No IO
/// besides [`Options::files`].
///
/// # Errors
/// When at least one diagnostic is an error; warnings alone are in [`Recipe::warnings`]. Also when the recipe's matrix leaves
/// more than one cell: [`expand`] gives them all.
pub fn parse(source: &Source, given: &Given, options: &Options<'_>) -> Result<Recipe, Diagnostics> {
    let mut recipes = read_cells(source, given, options, Cells::One)?;
    recipes.pop().ok_or_else(Diagnostics::default)
}

/// As [`parse`], for every cell of the recipe's matrix that `given` leaves: at least one recipe, in the matrix' order.
///
/// All have the same [`Recipe::warnings`], each of which says in which cells it is so.
///
/// # Errors
/// When at least one diagnostic is an error, in any cell.
pub fn expand(
    source: &Source,
    given: &Given,
    options: &Options<'_>,
) -> Result<Vec<Recipe>, Diagnostics> {
    read_cells(source, given, options, Cells::All)
}

/// How many cells are wanted.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Cells {
    One,
    All,
}

fn read_cells(
    source: &Source,
    given: &Given,
    options: &Options<'_>,
    wanted: Cells,
) -> Result<Vec<Recipe>, Diagnostics> {
    let mut decoder = Decoder::new(source, options);
    let mut recipes = Vec::new();
    let mut linted = Linted::default();
    let context = Context {
        today: options.catalogue.today,
    };
    if let Some(root) = decoder.root() {
        let matrix = matrix::decode(&mut decoder, &root, given);
        if wanted == Cells::One && matrix.cells.len() > 1 {
            decoder.problems.found.extend(matrix::several(&matrix));
        }
        for cell in &matrix.cells {
            if decoder.gives_up(matrix.span) {
                break;
            }
            decoder.begin_cell(cell, &matrix.unset);
            recipes.extend(document::decode(&mut decoder, &root, cell, given));
            linted.add(&decoder.material, context, &decoder.library.sources);
            for problem in linted.problems.drain(..) {
                decoder.problems.report(problem);
            }
        }
        decoder.problems.end_cells();
        distinct::check(&mut decoder, &recipes);
        decoder.problems.found.extend(linted.unused());
    }
    let Decoder {
        library,
        problems,
        mut hidden,
        ..
    } = decoder;
    hidden.extend(linted.secrets);
    let files = library.used().clone();
    let sources = Arc::new(library.sources);
    let diagnostics = problems.diagnostics(Arc::clone(&sources)).hiding(hidden);
    if diagnostics.has_errors() || recipes.is_empty() {
        return Err(diagnostics);
    }
    for recipe in &mut recipes {
        recipe.sources = Arc::clone(&sources);
        recipe.files.clone_from(&files);
        recipe.warnings = diagnostics.clone();
    }
    Ok(recipes)
}

/// [`parse`], with the files that lie beside the recipe on this machine.
///
/// # Errors
/// As [`parse`].
pub fn parse_file(
    source: &Source,
    given: &Given,
    catalogue: Catalogue<'_>,
) -> Result<Recipe, Diagnostics> {
    let files = &Beside::new(source);
    parse(source, given, &Options { files, catalogue })
}

/// [`expand`], with the files that lie beside the recipe on this machine.
///
/// # Errors
/// As [`expand`].
pub fn expand_file(
    source: &Source,
    given: &Given,
    catalogue: Catalogue<'_>,
) -> Result<Vec<Recipe>, Diagnostics> {
    let files = &Beside::new(source);
    expand(source, given, &Options { files, catalogue })
}
