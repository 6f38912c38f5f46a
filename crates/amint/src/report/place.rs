//! Where in a repository a finding is shown.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use amint_recipe::Recipe;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use serde::{Deserialize, Serialize};

/// What a path in a URI may hold as it is (RFC 3986, 2.3 and 3.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// A line of a file in a repository. Findings are inside an image, which no repository holds; what makes the image, and
/// what mends it, is in the recipe.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Place {
    /// The file, relative to the repository's root; a URI reference.
    pub(crate) uri: String,
    /// From 1.
    pub(crate) line: usize,
}

impl Place {
    /// The recipe's `seal:`; its first line when it has none.
    pub(crate) fn of_seal(recipe: &Recipe) -> Self {
        let span = recipe.seal.span.unwrap_or_default();
        let (line, _) = recipe.sources.position(span);
        Self {
            uri: uri(&recipe.source().path),
            line,
        }
    }

    /// A file as a whole.
    pub(crate) fn of_file(path: &Path) -> Self {
        Self {
            uri: uri(path),
            line: 1,
        }
    }
}

/// A path as a URI reference.
pub(crate) fn uri_of(path: &Path) -> String {
    percent_encode(path.as_os_str().as_bytes(), ESCAPED).to_string()
}

/// The path as seen from the root of the repository around it; without one, from the working folder.
fn uri(path: &Path) -> String {
    let absolute = path
        .canonicalize()
        .or_else(|_| std::path::absolute(path))
        .unwrap_or_else(|_| path.to_owned());
    let relative = repository(&absolute)
        .or_else(|| std::env::current_dir().ok()?.canonicalize().ok())
        .and_then(|root| absolute.strip_prefix(root).map(Path::to_owned).ok())
        .or_else(|| absolute.file_name().map(PathBuf::from))
        .unwrap_or(absolute);
    uri_of(&relative)
}

/// The root of the repository that a file is in. In a worktree, `.git` is a file.
fn repository(path: &Path) -> Option<PathBuf> {
    let mut folders = path.ancestors().skip(1);
    folders
        .find(|folder| folder.join(".git").exists())
        .map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_seen_from_its_repository() {
        let folder = tempfile::tempdir().unwrap();
        let recipes = folder.path().join("images/für alle");
        fs::create_dir_all(&recipes).unwrap();
        let recipe = recipes.join("a:b.yaml");
        fs::write(&recipe, "").unwrap();
        // Outside any repository and of the working folder, nothing but its name means anything.
        assert_eq!(uri(&recipe), "a%3Ab.yaml");
        fs::create_dir(folder.path().join(".git")).unwrap();
        assert_eq!(uri(&recipe), "images/f%C3%BCr%20alle/a%3Ab.yaml");
        let missing = recipes.canonicalize().unwrap().join("missing.raw");
        assert_eq!(uri(&missing), "images/f%C3%BCr%20alle/missing.raw");
    }
}
