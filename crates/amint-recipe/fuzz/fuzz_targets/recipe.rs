//! A recipe's text: YAML, decoding, templates, lints, the diagnostics' places. Inputs worth starting from: recipes.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    // A recipe that includes itself, a script and a file of its own text.
    let files = ["steps.yaml", "script.sh", "file"];
    let files = files.map(|name| (name.to_owned(), text.as_bytes().to_vec()));
    amint_recipe_fuzz::read(text, &BTreeMap::from(files));
});
