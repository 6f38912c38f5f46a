//! What `amint init` writes, without replacing what somebody else did.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Why a new recipe, or the schema beside it, is not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InitError {
    /// A file is where the recipe would be.
    #[error("{} is there already", .0.display())]
    RecipeTaken(PathBuf),
    /// Something else has the schema's name.
    #[error("{} is there already, and is not the schema of recipes", .0.display())]
    SchemaTaken(PathBuf),
    /// The file cannot be written.
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

impl InitError {
    /// The way out.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            InitError::RecipeTaken(_) => "name another file, or pass --force to replace it",
            InitError::SchemaTaken(_) => "move it away, or begin the recipe in another folder",
            InitError::Write { .. } => "name a file that this user can write",
        }
    }
}

/// Writes a recipe; what is there stays, unless `force` is given.
///
/// # Errors
/// When something is there, or nothing can be.
pub(super) fn recipe(path: &Path, text: &str, force: bool) -> Result<(), InitError> {
    let cannot = |source| InitError::Write {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(cannot)?;
    }
    let mut options = OpenOptions::new();
    match force {
        true => options.write(true).create(true).truncate(true),
        false => options.write(true).create_new(true),
    };
    match options.open(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).map_err(cannot),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(InitError::RecipeTaken(path.to_owned()))
        }
        Err(error) => Err(cannot(error)),
    }
}

/// Whether the schema can go there: nothing is there, or a schema of amint's own, of whatever version.
///
/// # Errors
/// When something else is there.
pub(super) fn may_be_schema(path: &Path) -> Result<(), InitError> {
    let Ok(there) = fs::read(path) else {
        return Ok(());
    };
    let there: Option<Value> = serde_json::from_slice(&there).ok();
    let title = there.as_ref().and_then(|schema| schema.get("title"));
    match title == amint_recipe::schema().get("title") {
        true => Ok(()),
        false => Err(InitError::SchemaTaken(path.to_owned())),
    }
}

/// Writes the schema of this version, as `amint schema recipe` prints it.
///
/// # Errors
/// When it cannot be written.
pub(super) fn schema(path: &Path) -> Result<(), InitError> {
    let text = format!("{:#}\n", amint_recipe::schema());
    fs::write(path, text).map_err(|source| InitError::Write {
        path: path.to_owned(),
        source,
    })
}
