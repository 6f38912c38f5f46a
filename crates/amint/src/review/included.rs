//! The files of steps that a recipe includes: a part of its text that is written elsewhere.

use std::collections::BTreeMap;

use amint_recipe::{Outline, Recipe, Source};

use crate::hex::sha256;

/// Files of steps, by their paths from the recipe's folder.
#[derive(Debug, Default)]
pub(super) struct Included(BTreeMap<String, File>);

#[derive(Debug)]
struct File {
    outline: Outline,
    text: String,
}

impl Included {
    /// Those that any of a recipe's cells includes.
    pub(super) fn of(source: &Source, recipes: &[Recipe]) -> Self {
        let folder = source.path.parent();
        let mut files = BTreeMap::new();
        for recipe in recipes {
            // The first is the recipe itself.
            for included in recipe.sources.iter().skip(1) {
                // Recipes in two folders may include the same.
                let inside = folder.and_then(|folder| included.path.strip_prefix(folder).ok());
                let path = inside.unwrap_or(&included.path).to_string_lossy();
                files.entry(path.into_owned()).or_insert_with(|| File {
                    outline: Outline::of(included),
                    text: included.text.clone(),
                });
            }
        }
        Self(files)
    }

    /// The files, by path.
    pub(super) fn outlines(&self) -> impl Iterator<Item = (&str, &Outline)> {
        let files = self.0.iter();
        files.map(|(path, file)| (path.as_str(), &file.outline))
    }

    /// The file at a path.
    pub(super) fn outline(&self, path: &str) -> Option<&Outline> {
        self.0.get(path).map(|file| &file.outline)
    }

    /// The digest of a recipe's text with all that it includes; that of the text alone when it includes nothing.
    pub(super) fn digest_with(&self, recipe: &str) -> String {
        if self.0.is_empty() {
            return sha256(recipe);
        }
        // Digests, as they are all of one length: no text reads as two others.
        let mut parts = sha256(recipe);
        for (path, file) in &self.0 {
            parts.push_str(&sha256(path));
            parts.push_str(&sha256(&file.text));
        }
        sha256(&parts)
    }
}
