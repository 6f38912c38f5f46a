//! From a recipe's path to a recipe or a plan; what is wrong with it is shown on stderr.

use std::collections::BTreeMap;
use std::path::Path;

use amint_plan::{BuildPlan, Target};
use amint_recipe::recipe::Base;
use amint_recipe::{Catalogue, Diagnostics, ReadError, Recipe, Source};

use crate::cli::Variables;
use crate::error::CommandError;
use crate::output;
use crate::render::terminal;

/// What `--var` sets, by name.
pub(crate) type Overrides = BTreeMap<String, String>;

/// What a recipe's text turned out to be.
pub(crate) struct Checked {
    pub(crate) result: Result<Recipe, Diagnostics>,
}

impl Checked {
    /// Everything that is to be said about the recipe; warnings only when it can be used.
    pub(crate) fn diagnostics(&self) -> &Diagnostics {
        self.result
            .as_ref()
            .map_or_else(|diagnostics| diagnostics, |recipe| &recipe.warnings)
    }

    /// Shows the diagnostics.
    pub(crate) fn show(&self) {
        let diagnostics = self.diagnostics();
        if !diagnostics.is_empty() {
            let text = diagnostics.render(terminal::stderr_has_color());
            output::note(&format!("{text}\n"));
        }
    }
}

/// The variables of the command line.
///
/// # Errors
/// When one is set twice: which value was meant is anybody's guess.
pub(crate) fn overrides(variables: &Variables) -> Result<Overrides, CommandError> {
    let mut overrides = Overrides::new();
    for (name, value) in &variables.assignments {
        if overrides.insert(name.clone(), value.clone()).is_some() {
            return Err(CommandError::VariableTwice(name.clone()));
        }
    }
    Ok(overrides)
}

/// Reads and checks a recipe.
///
/// # Errors
/// When its file cannot be read; what is wrong with its text is a value.
pub(crate) fn check(path: &Path, overrides: &Overrides) -> Result<Checked, ReadError> {
    let source = Source::read(path)?;
    let rules = amint_harden::rules();
    let profiles: Vec<&str> = amint_harden::profiles().iter().map(|p| p.name).collect();
    let waivable = rules.iter().filter(|rule| rule.is_waivable());
    let waivable: Vec<&str> = waivable.map(|rule| rule.id).collect();
    let rules: Vec<&str> = rules.iter().map(|rule| rule.id).collect();
    let catalogue = Catalogue {
        profiles: &profiles,
        rules: &rules,
        waivable: &waivable,
        disagreement: |profiles, choices| {
            let error = amint_harden::combine(profiles, choices).err()?;
            let hint = error.hint().unwrap_or_default();
            Some((error.to_string(), hint))
        },
    };
    let result = amint_recipe::parse_file(&source, overrides, catalogue);
    Ok(Checked { result })
}

/// Reads a recipe that is to be used.
///
/// # Errors
/// When it cannot be used; its diagnostics have then been shown.
pub(crate) fn read(path: &Path, variables: &Variables) -> Result<Recipe, CommandError> {
    let checked = check(path, &overrides(variables)?)?;
    checked.show();
    checked.result.map_err(|_| CommandError::Recipe {
        path: path.to_owned(),
    })
}

/// Reads a recipe and resolves it as [`resolve`] does.
///
/// # Errors
/// As [`read`] and [`resolve`].
pub(crate) fn plan(
    path: &Path,
    variables: &Variables,
    target: Option<Target>,
    build_id: &str,
) -> Result<BuildPlan, CommandError> {
    resolve(&read(path, variables)?, target, build_id)
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
