//! What is not any more as a lock file says, in words.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::{LockFile, LockedBase};

/// How many digits of a digest people need to tell two apart.
const DIGITS: usize = 12;

/// One difference between a lock file and what holds now.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Moved {
    /// Another profile, or another version of it.
    Profile {
        /// `name@version` before.
        was: String,
        /// `name@version` now.
        now: String,
    },
    /// The catalogue of hardening steps changed: this is another version of amint.
    Catalogue {
        /// Digest before (hex).
        was: String,
        /// Digest now (hex).
        now: String,
    },
    /// A file beside the recipe.
    File {
        /// Its path, relative to the recipe.
        path: String,
        /// Digest before (hex); nothing when the recipe did not name it.
        was: Option<String>,
        /// Digest now (hex); nothing when the recipe does not name it any more.
        now: Option<String>,
    },
    /// The base image is another one.
    Base {
        /// Where it is used.
        key: String,
        /// The one before; nothing when none was locked.
        was: Option<LockedBase>,
        /// The one now; nothing when the recipe has none there any more.
        now: Option<LockedBase>,
    },
    /// The recipe asks for another base image.
    Asked {
        /// Where it is used.
        key: String,
        /// What it asked for.
        was: String,
        /// What it asks for.
        now: String,
    },
    /// No base image is locked.
    NotLocked {
        /// Where it would be used.
        key: String,
    },
}

impl LockFile {
    /// All that changes when this file becomes `now`, in the order of the file.
    pub fn moved_to(&self, now: &Self) -> Vec<Moved> {
        let mut moved = Vec::new();
        if self.profile != now.profile {
            let (was, now) = (self.profile.clone(), now.profile.clone());
            moved.push(Moved::Profile { was, now });
        }
        if self.catalogue != now.catalogue {
            let (was, now) = (self.catalogue.clone(), now.catalogue.clone());
            moved.push(Moved::Catalogue { was, now });
        }
        let paths: BTreeSet<&String> = self.files.keys().chain(now.files.keys()).collect();
        for path in paths {
            let (was, now) = (self.files.get(path), now.files.get(path));
            if was != now {
                moved.push(Moved::File {
                    path: path.clone(),
                    was: was.cloned(),
                    now: now.cloned(),
                });
            }
        }
        let keys: BTreeSet<&String> = self.bases.keys().chain(now.bases.keys()).collect();
        for key in keys {
            let (was, now) = (self.bases.get(key), now.bases.get(key));
            if let (Some(was), Some(now)) = (was, now)
                && was.asked != now.asked
            {
                moved.push(Moved::Asked {
                    key: key.clone(),
                    was: was.asked.clone(),
                    now: now.asked.clone(),
                });
            }
            let (was, now) = (was.map(|one| &one.base), now.map(|one| &one.base));
            if was != now {
                moved.push(Moved::Base {
                    key: key.clone(),
                    was: was.cloned(),
                    now: now.cloned(),
                });
            }
        }
        moved
    }
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Moved::Profile { was, now } => write!(f, "profile {was} -> {now}"),
            Moved::Catalogue { was, now } => {
                write!(f, "hardening catalogue {} -> {}", short(was), short(now))
            }
            Moved::File { path, was, now } => match (was, now) {
                (Some(was), Some(now)) => {
                    write!(f, "{path} changed: sha256 {} -> {}", short(was), short(now))
                }
                (None, _) => write!(f, "{path} is new"),
                (_, None) => write!(f, "{path} is not named any more"),
            },
            Moved::Base { key, was, now } => match (was, now) {
                (Some(was), Some(now)) => write!(f, "base image for {key}: {was} -> {now}"),
                (None, Some(now)) => write!(f, "base image for {key}: {now} is new"),
                (Some(was), None) => write!(f, "base image for {key}: {was} is not used any more"),
                (None, None) => write!(f, "base image for {key}: none"),
            },
            Moved::Asked { key, was, now } => {
                write!(
                    f,
                    "the recipe asks for another base image on {key}: {was} -> {now}"
                )
            }
            Moved::NotLocked { key } => write!(f, "no base image is locked for {key}"),
        }
    }
}

impl fmt::Display for LockedBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}", self.name, self.id)?;
        if let Some(owner) = &self.owner {
            write!(f, " of {owner}")?;
        }
        if let Some(created) = &self.created {
            write!(f, ", made {created}")?;
        }
        write!(f, ")")
    }
}

fn short(digest: &str) -> &str {
    digest.get(..DIGITS).unwrap_or(digest)
}
