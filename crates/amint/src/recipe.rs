//! From a recipe's path to a recipe or a plan; what is wrong with it is shown on stderr.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use amint_plan::{BuildPlan, Target};
use amint_recipe::recipe::Base;
use amint_recipe::{
    Catalogue, Diagnostics, Files, Given, Options, ReadError, Recipe, Source, expand, expand_file,
    parse_file,
};

use crate::cli::Variables;
use crate::error::CommandError;
use crate::output;
use crate::render::terminal;

/// What a recipe's text turned out to be: a recipe for each cell of its matrix, at least one.
pub(crate) struct Checked {
    pub(crate) result: Result<Vec<Recipe>, Diagnostics>,
}

impl Checked {
    /// Everything that is to be said about the recipe; warnings only when it can be used.
    pub(crate) fn diagnostics(&self) -> Cow<'_, Diagnostics> {
        match &self.result {
            Err(diagnostics) => Cow::Borrowed(diagnostics),
            // All cells have the same.
            Ok(recipes) => match recipes.first() {
                Some(recipe) => Cow::Borrowed(&recipe.warnings),
                None => Cow::default(),
            },
        }
    }

    /// The diagnostics as they are shown; empty when there are none.
    pub(crate) fn shown(&self) -> String {
        shown(&self.diagnostics())
    }

    /// Shows the diagnostics.
    pub(crate) fn show(&self) {
        output::note(&self.shown());
    }
}

fn shown(diagnostics: &Diagnostics) -> String {
    match diagnostics.more() {
        None => String::new(),
        Some(more) => {
            let text = diagnostics.render(terminal::stderr_has_color());
            format!("{text}\n{more}\n\n")
        }
    }
}

/// The values of variables that the command line, its files and the environment give.
///
/// # Errors
/// When `--var` sets one twice (which value was meant is anybody's guess), and when a file cannot be used.
pub(crate) fn given(variables: &Variables) -> Result<Given, CommandError> {
    let mut names = BTreeSet::new();
    for (name, _) in &variables.assignments {
        if !names.insert(name) {
            return Err(CommandError::VariableTwice(name.clone()));
        }
    }
    let mut given: Given = variables.assignments.iter().cloned().collect();
    for path in &variables.value_files {
        let source = Source::read(path).map_err(|error| CommandError::ReadVariables {
            path: path.clone(),
            reason: unreadable(error),
        })?;
        given.add_file(&source).map_err(|diagnostics| {
            let text = diagnostics.render(terminal::stderr_has_color());
            output::note(&format!("{text}\n"));
            CommandError::Variables(path.clone())
        })?;
    }
    // A name or value that is no text sets no variable.
    let text = |(name, value): (OsString, OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    given.add_environment(std::env::vars_os().filter_map(text));
    Ok(given)
}

/// Why a file that is no recipe could not be read.
fn unreadable(error: ReadError) -> String {
    match error {
        ReadError::Missing { .. } => "it is not there".to_owned(),
        ReadError::Io { source, .. } => source.to_string(),
        ReadError::TooLarge { .. } => "it is larger than 1 MiB".to_owned(),
        ReadError::NotText { .. } => "it is not UTF-8 text".to_owned(),
    }
}

/// Reads and checks a recipe, in all cells of its matrix.
///
/// # Errors
/// When its file cannot be read; what is wrong with its text is a value.
pub(crate) fn check(path: &Path, given: &Given) -> Result<Checked, ReadError> {
    let source = Source::read(path)?;
    let result = with_catalogue(|catalogue| expand_file(&source, given, catalogue));
    Ok(Checked { result })
}

/// Checks a recipe's text in all cells of its matrix, with the files beside it from wherever they are.
///
/// # Errors
/// When it is wrong.
pub(crate) fn cells(
    source: &Source,
    given: &Given,
    files: &dyn Files,
) -> Result<Vec<Recipe>, Diagnostics> {
    with_catalogue(|catalogue| expand(source, given, &Options { files, catalogue }))
}

/// What a recipe may name, as it is.
fn with_catalogue<T>(work: impl FnOnce(Catalogue<'_>) -> T) -> T {
    let rules = amint_harden::rules();
    let profiles: Vec<&str> = amint_harden::profiles().iter().map(|p| p.name).collect();
    let waivable = rules.iter().filter(|rule| rule.is_waivable());
    let waivable: Vec<&str> = waivable.map(|rule| rule.id).collect();
    let rules: Vec<&str> = rules.iter().map(|rule| rule.id).collect();
    let today = jiff::Timestamp::now().strftime("%F").to_string();
    work(Catalogue {
        profiles: &profiles,
        rules: &rules,
        waivable: &waivable,
        disagreement: |profiles, choices| {
            let error = amint_harden::combine(profiles, choices).err()?;
            let hint = error.hint().unwrap_or_default();
            Some((error.to_string(), hint))
        },
        today: Some(&today),
    })
}

/// Reads a recipe of which one image is to be made or looked at.
///
/// # Errors
/// When it cannot be used, and when its matrix leaves more than one cell; its diagnostics have then been shown.
pub(crate) fn read(path: &Path, variables: &Variables) -> Result<Recipe, CommandError> {
    let given = given(variables)?;
    let source = Source::read(path)?;
    let recipe = with_catalogue(|catalogue| parse_file(&source, &given, catalogue));
    output::note(&match &recipe {
        Ok(recipe) => shown(&recipe.warnings),
        Err(diagnostics) => shown(diagnostics),
    });
    recipe.map_err(|_| CommandError::Recipe {
        path: path.to_owned(),
    })
}

/// Reads a recipe, in all cells of its matrix that the variables leave: at least one.
///
/// # Errors
/// When it cannot be used; its diagnostics have then been shown.
pub(crate) fn read_cells(path: &Path, variables: &Variables) -> Result<Vec<Recipe>, CommandError> {
    let checked = check(path, &given(variables)?)?;
    checked.show();
    checked.result.map_err(|_| CommandError::Recipe {
        path: path.to_owned(),
    })
}

/// Reads a recipe and resolves it as [`resolve`] does, for each cell of its matrix that the variables leave.
///
/// # Errors
/// As [`read_cells`] and [`resolve`].
#[cfg(feature = "aws")]
pub(crate) fn plans(
    path: &Path,
    variables: &Variables,
    target: Option<Target>,
    build_id: &str,
) -> Result<Vec<BuildPlan>, CommandError> {
    let recipes = read_cells(path, variables)?;
    let plans = recipes
        .iter()
        .map(|recipe| resolve(recipe, target, build_id));
    plans.collect()
}

/// Resolves a recipe for the build `build_id` on `target`, by default where its base images are.
///
/// # Errors
/// When that recipe cannot be planned.
pub(crate) fn resolve(
    recipe: &Recipe,
    target: Option<Target>,
    build_id: &str,
) -> Result<BuildPlan, CommandError> {
    let target = target.unwrap_or_else(|| default_target(&recipe.base));
    amint_plan::resolve(recipe, target, build_id).map_err(|source| CommandError::Plan {
        path: recipe.source().path.clone(),
        source,
    })
}

/// Where a recipe is built when nobody says: on AWS, unless it has no base image there.
fn default_target(base: &Base) -> Target {
    match base.aws {
        Some(_) => Target::Aws,
        None => Target::Local,
    }
}
