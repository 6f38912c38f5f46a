//! Lock files beside recipes: read, held against, written.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use amint_plan::BuildPlan;
use amint_plan::lock::{LockFile, MAX_LOCK_BYTES, Moved, SUFFIX};
use amint_recipe::Recipe;

use crate::error::LockFileError;
use crate::render::text::escaped;

/// The lock file of a recipe: beside it, with its whole name.
pub(crate) fn path(recipe: &Path) -> PathBuf {
    let mut path = recipe.as_os_str().to_owned();
    path.push(SUFFIX);
    path.into()
}

/// The lock file of a recipe, if it has one.
///
/// # Errors
/// When it cannot be read, or is no lock file.
pub(crate) fn read(recipe: &Path) -> Result<Option<LockFile>, LockFileError> {
    let path = path(recipe);
    let text = match text(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(LockFileError::Read { path, source }),
    };
    match LockFile::parse(&text) {
        Ok(lock) => Ok(Some(lock)),
        Err(source) => Err(LockFileError::Wrong { path, source }),
    }
}

/// One byte more than a lock file may have is enough to tell that it is too large.
fn text(path: &Path) -> io::Result<String> {
    // Opening a pipe would wait for a writer.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not an ordinary file"));
    }
    let mut text = String::new();
    let file = File::open(path)?;
    file.take(MAX_LOCK_BYTES + 1).read_to_string(&mut text)?;
    Ok(text)
}

/// Replaces the lock file at once: whoever reads it sees the old one or the new one, whole.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write(recipe: &Path, lock: &LockFile) -> Result<(), LockFileError> {
    let path = path(recipe);
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(format!(".{}", std::process::id()));
    let unfinished = PathBuf::from(unfinished);
    let written = || -> io::Result<()> {
        let mut file = File::create(&unfinished)?;
        file.write_all(lock.to_string().as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, &path)
    };
    written().map_err(|source| {
        // It may not be there.
        let _ = fs::remove_file(&unfinished);
        LockFileError::Write {
            path: path.clone(),
            source,
        }
    })
}

/// A plan by its lock file.
pub(crate) struct Bound {
    /// Locked to the base image that the lock file has for it, if it has one.
    pub(crate) plan: BuildPlan,
    /// What is not any more as the lock file says; nothing without a lock file.
    pub(crate) moved: Vec<Moved>,
}

impl Bound {
    /// A plan of the recipe, by the recipe's lock file.
    ///
    /// # Errors
    /// When the lock file is wrong.
    pub(crate) fn read(recipe: &Recipe, plan: BuildPlan) -> Result<Option<Self>, LockFileError> {
        let lock = read(&recipe.source().path)?;
        Ok(lock.map(|lock| Self::to(&lock, recipe, plan)))
    }

    fn to(lock: &LockFile, recipe: &Recipe, plan: BuildPlan) -> Self {
        let moved = lock.stale(recipe, &plan);
        let plan = match lock.base(&plan).cloned() {
            Some(base) => plan.locked_to(base),
            None => plan,
        };
        Self { plan, moved }
    }

    /// What a build says that does not insist on the lock file. That nothing is locked for this target is nobody's
    /// mistake.
    pub(crate) fn warning(&self, path: &Path) -> Option<String> {
        let moved = self.moved.iter();
        let told: Vec<String> = moved
            .filter(|one| !matches!(one, Moved::NotLocked { .. }))
            .map(ToString::to_string)
            .collect();
        let lock = self::path(path);
        (!told.is_empty()).then(|| {
            format!(
                "warning: {} is stale: {}\nhint: `amint lock` renews it\n",
                lock.display(),
                escaped(&told.join("; "))
            )
        })
    }
}

/// The plan that a build goes by; `insists`: on a lock file that holds.
///
/// # Errors
/// When the lock file is wrong, and, for who insists, when it is missing or stale.
pub(crate) fn for_build(
    recipe: &Recipe,
    plan: BuildPlan,
    insists: bool,
) -> Result<(BuildPlan, Option<String>), LockFileError> {
    let path = &recipe.source().path;
    match read(path)? {
        None if insists => Err(LockFileError::Missing {
            path: self::path(path),
        }),
        None => Ok((plan, None)),
        Some(lock) => {
            let bound = Bound::to(&lock, recipe, plan);
            if insists && !bound.moved.is_empty() {
                return Err(LockFileError::Stale {
                    path: self::path(path),
                    moved: bound.moved,
                });
            }
            let warning = bound.warning(path);
            Ok((bound.plan, warning))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_file_is_beside_the_recipe_with_its_whole_name() {
        let path = path(Path::new("recipes/demo.yaml"));
        assert_eq!(path, Path::new("recipes/demo.yaml.lock"));
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let recipe = folder.path().join("r.yaml");
        assert!(read(&recipe).unwrap().is_none());
        let lock = LockFile {
            profile: "p@1".to_owned(),
            catalogue: "0".repeat(64),
            ..LockFile::default()
        };
        write(&recipe, &lock).unwrap();
        assert_eq!(read(&recipe).unwrap(), Some(lock.clone()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::write(folder.path().join("r.yaml.lock"), "x").unwrap();
        assert!(matches!(read(&recipe), Err(LockFileError::Wrong { .. })));
        let nowhere = folder.path().join("none/r.yaml");
        assert!(matches!(
            write(&nowhere, &lock),
            Err(LockFileError::Write { .. })
        ));
    }

    #[test]
    fn a_folder_is_no_lock_file() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("r.yaml.lock")).unwrap();
        let error = read(&folder.path().join("r.yaml")).unwrap_err();
        assert!(matches!(error, LockFileError::Read { .. }));
    }
}
