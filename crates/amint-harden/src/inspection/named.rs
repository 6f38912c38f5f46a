//! The builder's own secrets, and the forms that programs write them in.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

use crate::hex;

/// The shortest value that is searched for, in bytes: shorter ones occur by accident.
const MIN_LENGTH: usize = 8;
/// The longest, in bytes; of a longer one, its beginning is searched for.
const MAX_LENGTH: usize = 8 * 1024;

/// A secret that the builder was given, such as a secret variable.
#[derive(Clone)]
pub struct NamedSecret {
    /// What people know it by; findings name it so.
    pub name: String,
    value: Vec<u8>,
}

impl NamedSecret {
    /// A secret whose value is never shown.
    pub fn new(name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        let mut value = value.into();
        value.truncate(MAX_LENGTH);
        Self {
            name: name.into(),
            value,
        }
    }

    /// Whether a search can tell it from accidents: at least 8 bytes, of more than one value.
    pub fn is_searchable(&self) -> bool {
        self.value.len() >= MIN_LENGTH && self.value.iter().any(|byte| *byte != self.value[0])
    }

    /// How the value may be written: as it is, and encoded. Forms that are equal are listed once.
    pub(super) fn forms(&self) -> Vec<(&'static str, Vec<u8>)> {
        let lower = hex::encode(&self.value);
        let mut forms = vec![("", self.value.clone())];
        forms.extend((0..3).map(|before| (" (base64)", base64(&self.value, before, false))));
        forms.extend((0..3).map(|before| (" (base64)", base64(&self.value, before, true))));
        forms.push((" (hexadecimal)", lower.to_ascii_uppercase().into_bytes()));
        forms.push((" (hexadecimal)", lower.into_bytes()));
        forms.push((" (URL-encoded)", percent(&self.value, b"-._~")));
        forms.push((" (URL-encoded)", percent(&self.value, b"-._~!*'()")));
        forms.push((" (JSON)", json(&self.value)));
        let mut seen = BTreeSet::new();
        forms.retain(|(_, bytes)| seen.insert(bytes.clone()));
        forms
    }
}

/// Without the value.
impl fmt::Debug for NamedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedSecret")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What base64 of any text that holds `value` after `before` bytes (modulo 3) holds: the characters that no other byte
/// has a share in.
fn base64(value: &[u8], before: usize, for_urls: bool) -> Vec<u8> {
    let text = [vec![0; before], value.to_vec()].concat();
    let mut encoded = match for_urls {
        false => BASE64_STANDARD_NO_PAD.encode(&text),
        true => BASE64_URL_SAFE_NO_PAD.encode(&text),
    }
    .into_bytes();
    if text.len() % 3 != 0 {
        encoded.pop();
    }
    encoded.drain(..(before * 8).div_ceil(6).min(encoded.len()));
    encoded
}

/// URL encoding that leaves letters, digits and `plain` as they are.
fn percent(value: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for byte in value {
        match byte.is_ascii_alphanumeric() || plain.contains(byte) {
            true => text.push(*byte),
            false => text.extend(format!("%{byte:02X}").bytes()),
        }
    }
    text
}

/// As a JSON string, without its quotes.
fn json(value: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for byte in value {
        match byte {
            b'"' | b'\\' => text.extend([b'\\', *byte]),
            b'\n' => text.extend(b"\\n"),
            b'\r' => text.extend(b"\\r"),
            b'\t' => text.extend(b"\\t"),
            0..0x20 => text.extend(format!("\\u{byte:04x}").bytes()),
            _ => text.push(*byte),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{NamedSecret, base64, json, percent};
    use ::base64::Engine;
    use ::base64::prelude::BASE64_STANDARD;

    #[test]
    fn base64_is_recognised_at_every_alignment() {
        let value = b"correct horse battery staple?";
        for before in 0..9 {
            for after in 0..4 {
                let text = [&vec![b'x'; before][..], value, &vec![b'y'; after]].concat();
                let encoded = BASE64_STANDARD.encode(text);
                let part = String::from_utf8(base64(value, before % 3, false)).unwrap();
                assert!(encoded.contains(&part), "{encoded} {part}");
                assert!(part.len() >= value.len());
            }
        }
    }

    #[test]
    fn other_forms() {
        assert_eq!(percent(b"a b/c~", b"-._~"), b"a%20b%2Fc~");
        assert_eq!(json(b"a\"b\\c\n\x01/"), b"a\\\"b\\\\c\\n\\u0001/");
    }

    #[test]
    fn what_occurs_by_accident_is_not_searched_for() {
        assert!(!NamedSecret::new("pin", "1234567").is_searchable());
        assert!(!NamedSecret::new("zeros", vec![0; 40]).is_searchable());
        assert!(NamedSecret::new("pin", "12345678").is_searchable());
    }

    #[test]
    fn a_value_is_never_shown() {
        let shown = format!(
            "{:?}",
            NamedSecret::new("registry password", "correct horse")
        );
        assert_eq!(shown, "NamedSecret { name: \"registry password\", .. }");
    }
}
