//! Secrets that a cloud keeps for its users.

use std::fmt;

use zeroize::Zeroizing;

/// Where a cloud keeps a secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SecretSource {
    /// A parameter.
    Parameter {
        /// Its name.
        name: String,
    },
    /// A secret of the service that keeps secrets.
    Manager {
        /// Its name, or what the cloud knows it by.
        id: String,
        /// The key of the JSON object that it holds; the whole text when absent.
        key: Option<String>,
    },
}

/// A secret's value. Nothing shows it, and it is wiped from memory where it ends.
#[derive(Clone, Eq, PartialEq)]
pub struct SecretValue(Zeroizing<String>);

impl SecretValue {
    /// A secret.
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue")
    }
}
