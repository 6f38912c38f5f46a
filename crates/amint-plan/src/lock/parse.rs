//! A text to a lock file. It comes from a repository, so anything may be in it.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::print::FORMAT;
use super::{LockFile, LockedBase, LockedEntry, MAX_LOCK_BYTES};

/// Why a text is no lock file.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// It is larger than [`MAX_LOCK_BYTES`].
    #[error("it is larger than 1 MiB")]
    TooLarge,
    /// Git could not merge it.
    #[error("line {0} marks a merge conflict")]
    Conflict(usize),
    /// It is of another version of the format.
    #[error("it has the format {0}, and this amint knows {FORMAT}")]
    Format(u32),
    /// A base image's time is none, so that nobody can tell which of two is older.
    #[error("`{0}` is no time such as 2026-11-02T18:04:11.000Z")]
    Time(String),
    /// It is something else, or somebody changed it.
    #[error(transparent)]
    Text(#[from] serde_yaml::Error),
}

/// Read first: what else is there depends on it.
#[derive(Deserialize)]
#[serde(expecting = "a lock file")]
struct Version {
    #[serde(rename = "amint-lock")]
    format: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(rename = "amint-lock")]
    _format: u32,
    profile: String,
    catalogue: Sha256,
    #[serde(default)]
    files: Unique<Sha256>,
    #[serde(default)]
    bases: Unique<WrittenEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEntry {
    asked: String,
    base: LockedBase,
}

impl LockFile {
    /// Reads a lock file.
    ///
    /// # Errors
    /// When the text is no lock file that this version knows; the message has the line and the column.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        if text.len() as u64 > MAX_LOCK_BYTES {
            return Err(LockError::TooLarge);
        }
        if let Some(line) = text.lines().position(|line| line.starts_with("<<<<<<< ")) {
            return Err(LockError::Conflict(line + 1));
        }
        let Version { format } = serde_yaml::from_str(text)?;
        if format != FORMAT {
            return Err(LockError::Format(format));
        }
        let written: Written = serde_yaml::from_str(text)?;
        let mut times = written
            .bases
            .0
            .values()
            .filter_map(|entry| entry.base.created.as_ref());
        if let Some(other) = times.find(|time| !is_time(time)) {
            return Err(LockError::Time(other.clone()));
        }
        let files = written.files.0.into_iter();
        let bases = written.bases.0.into_iter();
        Ok(Self {
            profile: written.profile,
            catalogue: written.catalogue.0,
            files: files.map(|(path, digest)| (path, digest.0)).collect(),
            bases: bases
                .map(|(key, WrittenEntry { asked, base })| (key, LockedEntry { asked, base }))
                .collect(),
        })
    }
}

/// The form in which EC2 tells times, with or without a fraction: up to the `Z`, they compare as text as times do.
fn is_time(text: &str) -> bool {
    const FORM: &[u8; 19] = b"0000-00-00T00:00:00";
    let (seconds, rest) = text.as_bytes().split_at(text.len().min(19));
    let fits = |(byte, form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        form => byte == form,
    };
    seconds.len() == 19
        && seconds.iter().zip(FORM).all(fits)
        && match rest {
            b"Z" => true,
            [b'.', fraction @ .., b'Z'] => fraction.iter().all(u8::is_ascii_digit),
            _ => false,
        }
}

/// `sha256:` and 64 small hexadecimal digits; the digits are kept.
struct Sha256(String);

impl<'de> Deserialize<'de> for Sha256 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.strip_prefix("sha256:").unwrap_or_default();
        let small = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        match digits.len() == 64 && digits.bytes().all(small) {
            true => Ok(Sha256(digits.to_owned())),
            false => Err(D::Error::custom(
                "expected sha256: and 64 hexadecimal digits",
            )),
        }
    }
}

/// A mapping in which no key stands twice: what two branches wrote is not merged by taking the last one.
struct Unique<T>(BTreeMap<String, T>);

impl<T> Default for Unique<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Unique<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UniqueVisitor(PhantomData))
    }
}

struct UniqueVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for UniqueVisitor<T> {
    type Value = Unique<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut map = BTreeMap::new();
        while let Some((key, value)) = entries.next_entry::<String, T>()? {
            if map.contains_key(&key) {
                return Err(A::Error::custom(format_args!("{key:?} stands there twice")));
            }
            map.insert(key, value);
        }
        Ok(Unique(map))
    }
}
