//! The one written form of a manifest, its digest, and reading it back.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::Manifest;

/// The largest integer that canonical JSON can hold exactly (RFC 8785 §3.2.2.3: IEEE 754 doubles).
const LARGEST_INTEGER: u64 = (1 << 53) - 1;

/// The key that the digest leaves out.
const DIGEST: &str = "digest";

/// Why a manifest cannot be written or trusted.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The bytes are not a manifest.
    #[error("not a manifest of this version")]
    Malformed(#[source] serde_json::Error),
    /// The manifest does not say what it should hash to.
    #[error("the manifest has no digest")]
    NoDigest,
    /// The content was changed after the digest was made.
    #[error("the manifest's digest is {stated}, but its content hashes to {actual}")]
    DigestMismatch {
        /// What the manifest says.
        stated: String,
        /// What it is.
        actual: String,
    },
    /// A number that canonical JSON would round.
    #[error("the number {0} is too large for canonical JSON (limit: 2^53 - 1)")]
    NumberTooLarge(u64),
    /// The serializer refused.
    #[error("cannot write the manifest as canonical JSON")]
    Unwritable(#[source] serde_json::Error),
}

impl Manifest {
    /// The manifest in canonical JSON (RFC 8785: sorted keys, no white space), its digest filled in.
    ///
    /// # Errors
    /// When a number is beyond 2^53 - 1, which canonical JSON cannot hold exactly.
    pub fn to_canonical_json(&self) -> Result<String, ManifestError> {
        let mut document = self.without_digest()?;
        let digest = hash(&canonical(&document)?);
        if let Value::Object(fields) = &mut document {
            fields.insert(DIGEST.to_owned(), Value::String(digest));
        }
        canonical(&document)
    }

    /// SHA-256 (hex) of the canonical form without the field `digest`.
    ///
    /// # Errors
    /// As [`Manifest::to_canonical_json`].
    pub fn compute_digest(&self) -> Result<String, ManifestError> {
        Ok(hash(&canonical(&self.without_digest()?)?))
    }

    fn without_digest(&self) -> Result<Value, ManifestError> {
        let content = Manifest {
            digest: None,
            ..self.clone()
        };
        serde_json::to_value(content).map_err(ManifestError::Unwritable)
    }
}

/// Reads a manifest and holds it against its own digest. Order of keys and white space don't matter.
///
/// # Errors
/// When the bytes are not a manifest of a known version, or its digest is missing or wrong.
pub fn verify(bytes: &[u8]) -> Result<Manifest, ManifestError> {
    let manifest: Manifest = serde_json::from_slice(bytes).map_err(ManifestError::Malformed)?;
    let actual = manifest.compute_digest()?;
    match &manifest.digest {
        None => Err(ManifestError::NoDigest),
        Some(stated) if *stated == actual => Ok(manifest),
        Some(stated) => {
            let stated = stated.clone();
            Err(ManifestError::DigestMismatch { stated, actual })
        }
    }
}

fn canonical(document: &Value) -> Result<String, ManifestError> {
    check_numbers(document)?;
    serde_json_canonicalizer::to_string(document).map_err(ManifestError::Unwritable)
}

/// The serializer rounds large integers silently; two different manifests could then hash alike.
fn check_numbers(value: &Value) -> Result<(), ManifestError> {
    match value {
        Value::Number(number) => match number.as_u64() {
            Some(large) if large > LARGEST_INTEGER => Err(ManifestError::NumberTooLarge(large)),
            _ => Ok(()),
        },
        Value::Array(items) => items.iter().try_for_each(check_numbers),
        Value::Object(fields) => fields.values().try_for_each(check_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

fn hash(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
