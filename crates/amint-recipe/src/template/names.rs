//! What `{{…}}` may name.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::json;

use super::build::Build;
use super::secret;

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

/// What a name stands for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Value {
    /// A text.
    Text(String),
    /// A boolean: inserted as `true` or `false`, and false to `if`.
    Flag(bool),
    /// A secret, which only the builder knows.
    Secret,
}

impl Default for Value {
    fn default() -> Value {
        Value::Text(String::new())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

/// As templates insert it; nothing of a secret.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::Flag(flag) => flag.fmt(f),
            Value::Secret => Ok(()),
        }
    }
}

/// Names and their values.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Names(BTreeMap<String, Value>);

impl Names {
    /// Names of texts.
    pub(crate) fn new(texts: &BTreeMap<String, String>) -> Names {
        let texts = texts.iter();
        Names(
            texts
                .map(|(name, text)| (name.clone(), text.as_str().into()))
                .collect(),
        )
    }

    pub(crate) fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub(crate) fn is_secret(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Value::Secret))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// As Handlebars wants it: `build.id` is a field of `build`.
    pub(crate) fn context(&self, build: Option<&Build>) -> serde_json::Value {
        let names = self.0.iter();
        let mut context: serde_json::Map<_, _> = names
            .map(|(name, value)| {
                let value = match value {
                    Value::Text(text) => text.as_str().into(),
                    Value::Flag(flag) => (*flag).into(),
                    Value::Secret => secret::stand_in(name).into(),
                };
                (name.clone(), value)
            })
            .collect();
        if let Some(build) = build {
            context.insert("build".to_owned(), json!({ "id": build.id() }));
        }
        context.into()
    }
}
