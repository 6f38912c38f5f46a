//! What this process knows and nobody may read in what it writes.

use std::collections::BTreeMap;
use std::env;
use std::io::{self, Write};
use std::sync::OnceLock;

use amint_engine::{Masks, SHORTEST};
use amint_harden::inspection::NamedSecret;
use tracing_subscriber::fmt::MakeWriter;

use crate::error::CommandError;

/// Names environment variables whose values are secrets, separated by commas.
const VARIABLE: &str = "AMINT_SECRETS";
/// Those that everybody has for a reason.
const KNOWN: [&str; 6] = [
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "GITHUB_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
];

static SECRETS: OnceLock<Secrets> = OnceLock::new();

/// The secrets of this process.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    /// By the names of their variables.
    by_name: BTreeMap<String, Masks>,
    all: Masks,
    searched_for: Vec<NamedSecret>,
}

/// Learns the secrets from the environment. Comes first: from then on what is logged is masked.
///
/// # Errors
/// When `AMINT_SECRETS` names a variable that is not there, or one that is too short to be told from other text.
pub(crate) fn learn() -> Result<(), CommandError> {
    let named = env::var(VARIABLE).unwrap_or_default();
    let named = named
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let mut values = BTreeMap::new();
    for name in named {
        match env::var(name) {
            Ok(value) if value.len() >= SHORTEST => values.insert(name.to_owned(), value),
            _ => return Err(CommandError::Secret(name.to_owned())),
        };
    }
    for name in KNOWN {
        if let Ok(value) = env::var(name) {
            values.insert(name.to_owned(), value);
        }
    }
    let all = Masks::new(values.values().map(String::as_str));
    let searched_for = values.iter();
    let searched_for =
        searched_for.map(|(name, value)| NamedSecret::new(name.clone(), value.as_bytes()));
    let searched_for = searched_for.collect();
    let by_name = values.into_iter();
    let by_name = by_name.map(|(name, value)| (name, Masks::new([value.as_str()])));
    let secrets = Secrets {
        by_name: by_name.collect(),
        all,
        searched_for,
    };
    // Only the first call counts, and there is only one.
    let _ = SECRETS.set(secrets);
    Ok(())
}

/// Masks for all of them.
pub(crate) fn masks() -> Masks {
    SECRETS
        .get()
        .map(|secrets| secrets.all.clone())
        .unwrap_or_default()
}

/// All of them, to be looked for on disks.
pub(crate) fn searched_for() -> Vec<NamedSecret> {
    SECRETS
        .get()
        .map(|secrets| secrets.searched_for.clone())
        .unwrap_or_default()
}

/// The variables that were named, apart from those that everybody has.
pub(crate) fn named() -> Vec<String> {
    let names = SECRETS.get().map(|secrets| secrets.by_name.keys());
    let names = names.into_iter().flatten().cloned();
    names
        .filter(|name| !KNOWN.contains(&name.as_str()))
        .collect()
}

/// Whether the variable's value is masked.
pub(crate) fn knows(name: &str) -> bool {
    let secrets = SECRETS.get();
    secrets.is_some_and(|secrets| secrets.by_name.contains_key(name))
}

/// The variable whose value is in `bytes`, if there is one.
pub(crate) fn named_in(bytes: &[u8]) -> Option<&'static str> {
    let mut named = SECRETS.get()?.by_name.iter();
    let found = named.find(|(_, masks)| masks.find_in(bytes));
    found.map(|(name, _)| name.as_str())
}

/// stderr, for logs.
pub(crate) struct MaskedStderr;

impl<'a> MakeWriter<'a> for MaskedStderr {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}

impl Write for MaskedStderr {
    /// Takes all of it: a log line comes in one piece.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stderr().lock().write_all(&masks().bytes(bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
