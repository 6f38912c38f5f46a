//! What these tests share.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use amint_recipe::{
    Catalogue, Diagnostics, Given, Options, Recipe, Source, expand, expand_file, parse, parse_file,
};

pub(crate) const CATALOGUE: Catalogue<'_> = Catalogue {
    profiles: &["marketplace-linux", "cis-hygiene"],
    rules: &["MP-SEC-001", "MP-CLEAN-002", "AMINT-SEAL-001"],
    waivable: &["MP-SEC-001", "MP-CLEAN-002"],
    disagreement: |profiles, choices| {
        let undecided = profiles.len() > 1 && !choices.contains_key("root-password");
        undecided.then(|| ("they disagree".to_owned(), "choose one".to_owned()))
    },
    today: Some("2026-11-22"),
};

/// A path from the top of the workspace.
pub(crate) fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// The recipes in a folder, sorted by name.
pub(crate) fn recipes_in(folder: &str) -> Vec<PathBuf> {
    let mut paths: Vec<_> = std::fs::read_dir(workspace(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{folder}");
    paths
}

pub(crate) fn parse_at(path: &Path) -> (Source, Result<Recipe, Diagnostics>) {
    let source = Source::read(path).unwrap();
    let recipe = parse_file(&source, &Given::default(), CATALOGUE);
    (source, recipe)
}

/// As [`parse_at`], for all cells of its matrix.
pub(crate) fn expand_at(path: &Path) -> Result<Vec<Recipe>, Diagnostics> {
    let source = Source::read(path).unwrap();
    expand_file(&source, &Given::default(), CATALOGUE)
}

/// Parses text without files beside it.
pub(crate) fn parse_text(
    text: &str,
    overrides: &[(&str, &str)],
) -> (Source, Result<Recipe, Diagnostics>) {
    let source = Source {
        path: "recipe.yaml".into(),
        text: text.to_owned(),
    };
    let overrides = overrides
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let files = BTreeMap::<String, Vec<u8>>::new();
    let options = Options {
        files: &files,
        catalogue: CATALOGUE,
    };
    let recipe = parse(&source, &overrides, &options);
    (source, recipe)
}

/// Parses text with these files beside it, in all cells of its matrix that the overrides leave.
pub(crate) fn expand_text(
    text: &str,
    files: &BTreeMap<String, Vec<u8>>,
    overrides: &[(&str, &str)],
) -> Result<Vec<Recipe>, Diagnostics> {
    let source = Source {
        path: "recipe.yaml".into(),
        text: text.to_owned(),
    };
    let options = Options {
        files,
        catalogue: CATALOGUE,
    };
    let overrides = overrides
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    expand(&source, &overrides, &options)
}

/// The rendered diagnostics of a text that must not be a recipe.
pub(crate) fn refused(text: &str, overrides: &[(&str, &str)]) -> String {
    let recipe = parse_text(text, overrides).1;
    recipe.expect_err("a problem").render(false)
}

/// A small recipe with more lines at its end.
pub(crate) fn with(lines: &str) -> String {
    format!(
        "amint: 1\nname: test\nversion: 1.0.0\nbase: {{ local: {{ debian: bookworm }} }}\n{lines}"
    )
}
