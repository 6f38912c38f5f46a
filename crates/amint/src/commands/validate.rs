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
    if let [path] = arguments.recipes.as_slice() {
        return check(path, &overrides)?.map_or(Ok(ExitClass::Success), Err);
    }
    let mut wrong = 0;
    for path in &arguments.recipes {
        let Some(error) = check(path, &overrides)? else {
            continue;
        };
        wrong += 1;
        // What is wrong with a text has been shown; that there is none has not.
        if let CommandError::ReadRecipe(_) = error {
            error::report(&error);
        }
    }
    let all = arguments.recipes.len();
    match wrong {
        0 => Ok(ExitClass::Success),
        _ => Err(CommandError::Recipes { wrong, all }),
    }
}

/// One line on stdout for a good recipe, diagnostics on stderr. Returns why it is not good.
fn check_for_people(
    path: &Path,
    overrides: &Overrides,
) -> Result<Option<CommandError>, CommandError> {
    let checked = match recipe::check(path, overrides) {
        Ok(checked) => checked,
        Err(error) => return Ok(Some(error.into())),
    };
    checked.show();
    if checked.result.is_err() {
        return Ok(Some(wrong(path)));
    }
    output::print(&format!("{}: ok\n", path.display()))?;
    Ok(None)
}

/// What is known about one recipe.
#[derive(Serialize)]
struct Report<'a> {
    /// The path as it was given.
    file: String,
    /// Whether a build can start from it.
    valid: bool,
    /// Why it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// What is wrong with its text.
    diagnostics: &'a Diagnostics,
}

/// One line of JSON on stdout for every recipe. Returns why it is not good.
fn check_for_programs(
    path: &Path,
    overrides: &Overrides,
) -> Result<Option<CommandError>, CommandError> {
    let file = path.display().to_string();
    match recipe::check(path, overrides) {
        Ok(checked) => {
            let valid = checked.result.is_ok();
            output::print_json_line(&Report {
                file,
                valid,
                error: None,
                diagnostics: &checked.diagnostics(),
            })?;
            Ok((!valid).then(|| wrong(path)))
        }
        Err(error) => {
            let error = CommandError::from(error);
            output::print_json_line(&Report {
                file,
                valid: false,
                error: Some(error::one_line(&error)),
                diagnostics: &Diagnostics::default(),
            })?;
            Ok(Some(error))
        }
    }
}

fn wrong(path: &Path) -> CommandError {
    CommandError::Recipe {
        path: path.to_owned(),
    }
}
