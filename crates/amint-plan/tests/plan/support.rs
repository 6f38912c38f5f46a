//! What these tests share.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use amint_plan::BuildPlan;
use amint_recipe::{Options, Recipe, Source, parse, parse_file};

pub(crate) const BUILD: &str = "01jd3m0000000000000000000a";

pub(crate) fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

fn profiles() -> Vec<&'static str> {
    amint_harden::profiles()
        .iter()
        .map(|profile| profile.name)
        .collect()
}

pub(crate) fn recipe_at(path: &str) -> Recipe {
    let source = Source::read(workspace(path)).unwrap();
    parse_file(&source, &BTreeMap::new(), &profiles())
        .unwrap_or_else(|problems| panic!("{}", problems.render(&source, false)))
}

/// The recipe of a text, beside which `files/` of the valid fixtures lies.
pub(crate) fn recipe(text: &str) -> Recipe {
    let source = Source {
        path: "recipe.yaml".into(),
        text: text.to_owned(),
    };
    let files: BTreeMap<String, Vec<u8>> = ["files/install.sh", "files/blob.bin"]
        .into_iter()
        .map(|path| {
            let bytes = std::fs::read(workspace("fixtures/recipes/valid").join(path)).unwrap();
            (path.to_owned(), bytes)
        })
        .collect();
    let options = Options {
        files: &files,
        profiles: &profiles(),
    };
    parse(&source, &BTreeMap::new(), &options)
        .unwrap_or_else(|problems| panic!("{}", problems.render(&source, false)))
}

pub(crate) fn plan(text: &str) -> BuildPlan {
    amint_plan::resolve(&recipe(text), BUILD).unwrap()
}

/// A small recipe with more lines at its end.
pub(crate) fn with(lines: &str) -> String {
    format!(
        "amint: 1\nname: test\nversion: 1.0.0\nbase: {{ local: {{ debian: bookworm }} }}\n{lines}"
    )
}
