//! `amint init`: a commented recipe to start from, and the schema that editors check it by.

mod write;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use amint_event::ExitClass;

use crate::cli::{Init, InitBase};
use crate::error::CommandError;
use crate::output;

pub(crate) use self::write::InitError;

/// The name that the templates have, and images that are given none.
const NAME: &str = "my-image";
/// The schema's file beside the recipe, as the first line of the templates names it.
const SCHEMA: &str = "amint.schema.json";

const DEBIAN_12: &str = include_str!("debian-12.yaml");
const UBUNTU_24_04: &str = include_str!("ubuntu-24.04.yaml");
const AL2023: &str = include_str!("al2023.yaml");

pub(super) fn run(arguments: &Init) -> Result<ExitClass, CommandError> {
    let given = arguments.file.as_deref();
    let to_stdout = given == Some(Path::new("-"));
    let name = match &arguments.name {
        Some(name) => name.clone(),
        None => given.and_then(name_of).unwrap_or_else(|| NAME.to_owned()),
    };
    if to_stdout {
        output::print(&recipe(arguments.base, &name, "RECIPE"))?;
        return Ok(ExitClass::Success);
    }
    let path = given.map_or_else(|| PathBuf::from(format!("{name}.yaml")), Path::to_owned);
    let shown = path.display().to_string();
    let schema = path.with_file_name(SCHEMA);
    write::may_be_schema(&schema)?;
    let text = recipe(arguments.base, &name, &shown);
    write::recipe(&path, &text, arguments.force)?;
    write::schema(&schema)?;
    output::print(&format!("{shown}\n{}\n", schema.display()))?;
    output::note(&format!(
        "next: amint validate {shown}, then amint explain {shown}\n"
    ));
    Ok(ExitClass::Success)
}

/// A template with the recipe's name in it, and its path in what it says about itself.
fn recipe(base: InitBase, name: &str, path: &str) -> String {
    let template = match base {
        InitBase::Debian12 => DEBIAN_12,
        InitBase::Ubuntu2404 => UBUNTU_24_04,
        InitBase::Al2023 => AL2023,
    };
    // A path may have characters that mean something in YAML; in a comment only the end of the line does.
    let path = match path.contains(char::is_control) {
        true => "RECIPE",
        false => path,
    };
    template.replace(NAME, name).replace("RECIPE", path)
}

/// What a recipe in this file is likely to be called.
fn name_of(path: &Path) -> Option<String> {
    let stem = path.file_stem().and_then(OsStr::to_str)?;
    crate::cli::recipe_name(stem).ok()
}
