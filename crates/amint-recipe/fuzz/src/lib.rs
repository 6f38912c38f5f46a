//! Reads a recipe as the command does, and looks at every place that its diagnostics name.

use std::collections::BTreeMap;

use amint_recipe::{Given, Catalogue, Options, Source, expand};

const CATALOGUE: Catalogue<'_> = Catalogue {
    profiles: &["marketplace-linux", "cis-hygiene"],
    rules: &["MP-SEC-001", "AMINT-SEAL-001"],
    waivable: &["MP-SEC-001"],
    disagreement: |_, _| None,
    today: Some("2026-11-22"),
};

/// Reads a recipe with these files beside it.
pub fn read(text: &str, files: &BTreeMap<String, Vec<u8>>) {
    let source = Source {
        path: "recipe.yaml".into(),
        text: text.to_owned(),
    };
    let options = Options {
        files,
        catalogue: CATALOGUE,
    };
    let diagnostics = match expand(&source, &Given::default(), &options) {
        Ok(recipes) => recipes[0].warnings.clone(),
        Err(diagnostics) => {
            assert!(!diagnostics.is_empty());
            diagnostics
        }
    };
    for one in diagnostics.iter() {
        let text = &diagnostics.sources().get(one.span.file).unwrap().text;
        assert!(text.get(one.span.start..one.span.end).is_some(), "{one:?}");
    }
    let rendered = diagnostics.render(false);
    assert!(!rendered.contains(|c: char| c.is_control() && c != '\n'));
}
