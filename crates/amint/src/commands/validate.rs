//! `amint validate`: every problem of every recipe, at once.

use std::path::{Path, PathBuf};

use amint_event::ExitClass;
use amint_recipe::{Diagnostics, Given};
use serde::Serialize;

use crate::cli::{DocumentFormat, Validate};
use crate::error::{self, CommandError};
use crate::recipe::{self, Checked};
use crate::{output, parallel};

pub(super) fn run(arguments: &Validate) -> Result<ExitClass, CommandError> {
    let given = recipe::given(&arguments.variables)?;
    let check = match arguments.format {
        DocumentFormat::Text => check_for_people,
        DocumentFormat::Json => check_for_programs,
    };
    let deny_warnings = arguments.deny_warnings;
    if let [path] = arguments.recipes.as_slice() {
        let told = check(path, &given, deny_warnings)?;
        told.tell()?;
        return told.error.map_or(Ok(ExitClass::Success), Err);
    }
    let mut wrong = 0;
    let check = |path: &PathBuf| check(path, &given, deny_warnings);
    parallel::in_order(&arguments.recipes, check, |told| {
        let told = told?;
        told.tell()?;
        if let Some(error) = &told.error {
            wrong += 1;
            // What is wrong with a text has been shown; that there is none has not.
            if let CommandError::ReadRecipe(_) = error {
                error::report(error);
            }
        }
        Ok::<(), CommandError>(())
    })?;
    let all = arguments.recipes.len();
    match wrong {
        0 => Ok(ExitClass::Success),
        _ => Err(CommandError::Recipes { wrong, all }),
    }
}

/// What there is to say about one recipe.
#[derive(Default)]
struct Told {
    stdout: String,
    stderr: String,
    /// Why it is not good.
    error: Option<CommandError>,
}

impl Told {
    fn tell(&self) -> Result<(), CommandError> {
        output::note(&self.stderr);
        match self.stdout.as_str() {
            "" => Ok(()),
            text => output::print(text),
        }
    }
}

/// One line on stdout for a good recipe, diagnostics on stderr.
fn check_for_people(path: &Path, given: &Given, deny_warnings: bool) -> Result<Told, CommandError> {
    let checked = match recipe::check(path, given) {
        Ok(checked) => checked,
        Err(error) => {
            return Ok(Told {
                error: Some(error.into()),
                ..Told::default()
            });
        }
    };
    let error = refusal(&checked, path, deny_warnings);
    Ok(Told {
        stdout: match error {
            None => format!("{}: ok\n", path.display()),
            Some(_) => String::new(),
        },
        stderr: checked.shown(),
        error,
    })
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

/// One line of JSON on stdout for every recipe.
fn check_for_programs(
    path: &Path,
    given: &Given,
    deny_warnings: bool,
) -> Result<Told, CommandError> {
    let file = path.display().to_string();
    let (line, error) = match recipe::check(path, given) {
        Ok(checked) => {
            let valid = checked.result.is_ok();
            let line = output::json_line(&Report {
                file,
                valid,
                error: None,
                diagnostics: &checked.diagnostics(),
            })?;
            (line, refusal(&checked, path, deny_warnings))
        }
        Err(error) => {
            let error = CommandError::from(error);
            let line = output::json_line(&Report {
                file,
                valid: false,
                error: Some(error::one_line(&error)),
                diagnostics: &Diagnostics::default(),
            })?;
            (line, Some(error))
        }
    };
    Ok(Told {
        stdout: line,
        error,
        ..Told::default()
    })
}

/// Why a recipe is not good.
fn refusal(checked: &Checked, path: &Path, deny_warnings: bool) -> Option<CommandError> {
    if checked.result.is_err() {
        return Some(wrong(path));
    }
    let denied = deny_warnings && !checked.diagnostics().is_empty();
    denied.then(|| CommandError::Warnings {
        path: path.to_owned(),
    })
}

fn wrong(path: &Path) -> CommandError {
    CommandError::Recipe {
        path: path.to_owned(),
    }
}
