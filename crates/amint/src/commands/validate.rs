//! `amint validate`: every problem of every recipe, at once.

use std::path::Path;

use amint_event::ExitClass;
use amint_recipe::Diagnostics;
use serde::Serialize;

use crate::cli::{DocumentFormat, Validate};
use crate::error::{self, CommandError};
use crate::output;
use crate::recipe::{self, Overrides};

pub(super) fn run(arguments: &Validate) -> Result<ExitClass, CommandError> {
    let overrides = recipe::overrides(&arguments.variables)?;
    let check = match arguments.format {
        DocumentFormat::Text => check_for_people,
        DocumentFormat::Json => check_for_programs,
    };
    let mut wrong = 0;
    for path in &arguments.recipes {
        wrong += usize::from(!check(path, &overrides)?);
    }
    match (wrong, arguments.recipes.as_slice()) {
        (0, _) => Ok(ExitClass::Success),
        (_, [path]) => Err(CommandError::Recipe { path: path.clone() }),
        (_, recipes) => Err(CommandError::Recipes {
            wrong,
            all: recipes.len(),
        }),
    }
}

/// One line on stdout for a good recipe, everything else on stderr. Returns whether it is good.
fn check_for_people(path: &Path, overrides: &Overrides) -> Result<bool, CommandError> {
    let checked = match recipe::check(path, overrides) {
        Ok(checked) => checked,
        Err(error) => {
            error::report(&CommandError::ReadRecipe(error));
            return Ok(false);
        }
    };
    checked.show();
    if checked.result.is_ok() {
        output::print(&format!("{}: ok\n", path.display()))?;
    }
    Ok(checked.result.is_ok())
}

/// What is known about one recipe.
#[derive(Serialize)]
struct Report {
    /// The path as it was given.
    file: String,
    /// Whether a build can start from it.
    valid: bool,
    /// Why it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// What is wrong with its text.
    diagnostics: Diagnostics,
}

/// One line of JSON on stdout for every recipe. Returns whether it is good.
fn check_for_programs(path: &Path, overrides: &Overrides) -> Result<bool, CommandError> {
    let file = path.display().to_string();
    let report = match recipe::check(path, overrides) {
        Ok(checked) => Report {
            file,
            valid: checked.result.is_ok(),
            error: None,
            diagnostics: checked.diagnostics().clone(),
        },
        Err(error) => Report {
            file,
            valid: false,
            error: Some(error.to_string()),
            diagnostics: Diagnostics::default(),
        },
    };
    output::print_json_line(&report)?;
    Ok(report.valid)
}
