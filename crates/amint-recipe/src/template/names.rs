//! What `{{…}}` may name.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The build id that plans are compared with: all digests are made with it. It has a build id's length.
pub const PLACEHOLDER_BUILD_ID: &str = "00000000000000000000000000";

/// The one name that differs from build to build.
pub(crate) const BUILD_ID: &str = "build.id";

/// Names that a variable cannot have: amint's own, Handlebars' words and the helpers.
pub(crate) const RESERVED: [&str; 18] = [
    "amint", "and", "as", "build", "else", "eq", "false", "if", "name", "ne", "not", "null", "or",
    "this", "true", "unless", "version", "with",
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

    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// As Handlebars wants it: `build.id` is a field of `build`.
    pub(crate) fn context(&self) -> Value {
        self.0
            .iter()
            .map(|(name, value)| match name.as_str() {
                BUILD_ID => ("build".to_owned(), json!({ "id": value })),
                _ => (name.clone(), Value::from(value.as_str())),
            })
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}
