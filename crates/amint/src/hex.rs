//! Bytes as hexadecimal text.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// `bytes` in small hexadecimal digits.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let text = String::with_capacity(2 * bytes.len());
    bytes.iter().fold(text, |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// SHA-256 of `bytes`.
pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    encode(&Sha256::digest(bytes))
}

/// The first half of that: enough to tell one finding from another.
pub(crate) fn fingerprint(bytes: impl AsRef<[u8]>) -> String {
    let mut digits = sha256(bytes);
    digits.truncate(32);
    digits
}
