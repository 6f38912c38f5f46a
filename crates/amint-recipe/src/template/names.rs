//! What `{{…}}` may name.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::build::Build;

/// The one name that differs from build to build.
pub(crate) const BUILD_ID: &str = "build.id";

/// Names that a variable cannot have: amint's own, Handlebars' words and the helpers.
pub(crate) const RESERVED: [&str; 22] = [
    "amint",
    "and",
    "as",
    "build",
    "date",
    "else",
    "eq",
    "false",
    "if",
    "json",
    "name",
    "ne",
    "not",
    "null",
    "or",
    "sha256-file",
    "shell-quote",
    "this",
    "true",
    "unless",
    "version",
    "with",
];

/// Names and their values.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Names(BTreeMap<String, String>);

impl Names {
    pub(crate) fn new(variables: &BTreeMap<String, String>) -> Names {
        Names(variables.clone())
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// As Handlebars wants it: `build.id` is a field of `build`.
    pub(crate) fn context(&self, build: Option<&Build>) -> Value {
        let names = self.0.iter();
        let mut context: serde_json::Map<_, _> = names
            .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
            .collect();
        if let Some(build) = build {
            context.insert("build".to_owned(), json!({ "id": build.id() }));
        }
        context.into()
    }
}
