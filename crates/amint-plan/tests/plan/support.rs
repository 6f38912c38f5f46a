//! What these tests share.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use amint_plan::{BuildPlan, Target};
use amint_recipe::{Catalogue, Given, Options, Recipe, Source, expand_file, parse, parse_file};

pub(crate) const BUILD: &str = "01jd3m0000000000000000000a";

pub(crate) fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// The catalogue as it is, for `waivable` all that there is: what the reader lets pass must still be a plan.
fn with_catalogue<T>(work: impl FnOnce(Catalogue<'_>) -> T) -> T {
    let profiles: Vec<_> = amint_harden::profiles().iter().map(|p| p.name).collect();
    let mut rules: Vec<_> = amint_harden::rules().iter().map(|rule| rule.id).collect();
    rules.push("MP-XYZ-001");
    work(Catalogue {
        profiles: &profiles,
        rules: &rules,
        waivable: &rules,
        disagreement: |_, _| None,
        today: None,
    })
}

pub(crate) fn recipe_at(path: &str) -> Recipe {
    let source = Source::read(workspace(path)).unwrap();
    with_catalogue(|catalogue| parse_file(&source, &Given::default(), catalogue))
        .unwrap_or_else(|problems| panic!("{}", problems.render(false)))
}

/// The recipes of all cells of a matrix.
pub(crate) fn cells_at(path: &str) -> Vec<Recipe> {
    let source = Source::read(workspace(path)).unwrap();
    with_catalogue(|catalogue| expand_file(&source, &Given::default(), catalogue))
        .unwrap_or_else(|problems| panic!("{}", problems.render(false)))
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
    let parsed = with_catalogue(|catalogue| {
        let options = Options {
            files: &files,
            catalogue,
        };
        parse(&source, &Given::default(), &options)
    });
    parsed.unwrap_or_else(|problems| panic!("{}", problems.render(false)))
}

pub(crate) fn plan(text: &str) -> BuildPlan {
    amint_plan::resolve(&recipe(text), Target::Local, BUILD).unwrap()
}

/// A small recipe with more lines at its end.
pub(crate) fn with(lines: &str) -> String {
    format!(
        "amint: 1\nname: test\nversion: 1.0.0\nbase: {{ local: {{ debian: bookworm }} }}\n{lines}"
    )
}
