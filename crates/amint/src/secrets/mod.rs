//! What this process knows and nobody may read in what it writes.
//!
//! - Here: the environment's, which are known from the start, and the masks for all of them.
//! - [`plan`]: the secrets of a plan, which are known when its build begins.
//! - [`error`]: why a build has no secrets.

mod error;
pub(crate) mod plan;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::io::{self, Write};
use std::sync::{PoisonError, RwLock};

use amint_cloud::SecretValue;
use amint_engine::{Masks, SHORTEST};
use amint_harden::inspection::NamedSecret;
use tracing_subscriber::fmt::MakeWriter;

use crate::error::CommandError;
pub(crate) use error::SecretError;

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

static SECRETS: RwLock<Option<Secrets>> = RwLock::new(None);

/// The secrets of this process.
#[derive(Clone, Debug, Default)]
struct Secrets {
    known: Vec<Known>,
    /// The environment variables that were listed, apart from those that everybody has.
    listed: BTreeSet<String>,
    all: Masks,
}

/// One of them.
#[derive(Clone, Debug)]
struct Known {
    name: String,
    value: SecretValue,
    masks: Masks,
}

impl Secrets {
    fn add(&mut self, name: &str, value: SecretValue) {
        let same = |one: &Known| one.name == name && one.value == value;
        if self.known.iter().any(same) {
            return;
        }
        self.known.push(Known {
            name: name.to_owned(),
            masks: Masks::telling([value.expose()]),
            value,
        });
        self.all = Masks::new(self.known.iter().map(|one| one.value.expose()));
    }
}

/// Learns the secrets from the environment. Comes first: from then on what is logged is masked.
///
/// # Errors
/// When `AMINT_SECRETS` names a variable that is not there, or one that is too short to be told from other text.
pub(crate) fn learn() -> Result<(), CommandError> {
    let listed = env::var(VARIABLE).unwrap_or_default();
    let listed = listed
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let mut values = BTreeMap::new();
    for name in listed {
        match env::var(name) {
            Ok(value) if value.len() >= SHORTEST => values.insert(name.to_owned(), value),
            _ => return Err(CommandError::Secret(name.to_owned())),
        };
    }
    let listed = values.keys().filter(|name| !KNOWN.contains(&name.as_str()));
    let mut secrets = Secrets {
        listed: listed.cloned().collect(),
        ..Secrets::default()
    };
    for name in KNOWN {
        if let Ok(value) = env::var(name) {
            values.insert(name.to_owned(), value);
        }
    }
    for (name, value) in values {
        secrets.add(&name, SecretValue::new(value));
    }
    *SECRETS.write().unwrap_or_else(PoisonError::into_inner) = Some(secrets);
    Ok(())
}

/// Learns one more.
fn add(name: &str, value: SecretValue) {
    let mut secrets = SECRETS.write().unwrap_or_else(PoisonError::into_inner);
    secrets.get_or_insert_default().add(name, value);
}

/// What `look` finds in them.
fn with<T: Default>(look: impl FnOnce(&Secrets) -> T) -> T {
    let secrets = SECRETS.read().unwrap_or_else(PoisonError::into_inner);
    secrets.as_ref().map(look).unwrap_or_default()
}

/// Masks for all of them.
pub(crate) fn masks() -> Masks {
    with(|secrets| secrets.all.clone())
}

/// All of them, to be looked for on disks.
pub(crate) fn searched_for() -> Vec<NamedSecret> {
    with(|secrets| {
        let known = secrets.known.iter();
        let named = known.map(|one| {
            // A file may end with another line's end, or with none.
            let value = one.value.expose().trim_end_matches(['\r', '\n']);
            NamedSecret::new(one.name.clone(), value.as_bytes())
        });
        named.collect()
    })
}

/// The variables that were listed, apart from those that everybody has.
pub(crate) fn named() -> Vec<String> {
    with(|secrets| secrets.listed.iter().cloned().collect())
}

/// Whether the variable's value is masked.
pub(crate) fn knows(name: &str) -> bool {
    with(|secrets| secrets.known.iter().any(|one| one.name == name))
}

/// The secret whose value is in `bytes`, if there is one.
pub(crate) fn named_in(bytes: &[u8]) -> Option<String> {
    with(|secrets| {
        let mut known = secrets.known.iter();
        let found = known.find(|one| one.masks.find_in(bytes));
        found.map(|one| one.name.clone())
    })
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
