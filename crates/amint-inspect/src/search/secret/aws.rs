//! Credentials of AWS.

use std::ops::Range;

use super::place::{Place, holds, is_base64, is_mixed, rest, run, run_back, variety};

/// A key id: its four letters and 16 characters of base32.
const KEY_ID: usize = 20;
/// A secret key: 40 characters of base64.
const SECRET: usize = 40;
/// How far from a key id its secret key is looked for, in bytes.
const NEAR: usize = 200;
/// The fewest different characters of a secret key.
const MIN_VARIETY: usize = 17;
/// How much of a name follows its anchor at most, and how much lies between name and value.
const MAX_NAME: usize = 64;
const MAX_BETWEEN: usize = 32;
/// The fewest characters of a session token.
const MIN_TOKEN: usize = 100;

/// The id of a long-term or temporary access key.
pub(super) fn key_id(place: &Place) -> Option<Range<usize>> {
    let id = run(place.within(0, KEY_ID + 1), |byte| {
        byte.is_ascii_alphanumeric()
    });
    let unique = id.get(4..)?;
    let bounded = !place
        .before()
        .last()
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let is_base32 = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'2'..=b'7');
    let whole = id.len() == KEY_ID && unique.iter().all(is_base32);
    // The documentation's ids end so; what else is written in their place repeats itself.
    let made_up =
        unique.ends_with(b"EXAMPLE") || variety(unique) < 6 || !has_digit_and_letter(unique);
    (bounded && whole && !made_up).then_some(place.at..place.at + KEY_ID)
}

fn has_digit_and_letter(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_digit) && text.iter().any(u8::is_ascii_uppercase)
}

/// A secret key near a key id.
pub(super) fn secret_near_key_id(place: &Place) -> Option<Range<usize>> {
    let id = key_id(place)?;
    let mut start = id.start.saturating_sub(NEAR);
    while start < id.end + NEAR {
        let word = run(rest(place.text, start), is_base64);
        if is_secret(word) && !is_part(place.text, start) {
            return Some(start..start + SECRET);
        }
        start += word.len() + 1;
    }
    None
}

/// A secret key after its name: `aws_secret_access_key = …`, `"SecretAccessKey": "…"`, and the like.
pub(super) fn secret_key(place: &Place) -> Option<Range<usize>> {
    let start = value(place)?;
    let word = run(rest(place.text, start), is_base64);
    is_secret(word).then_some(start..start + SECRET)
}

/// A session token after its name.
pub(super) fn session_token(place: &Place) -> Option<Range<usize>> {
    let start = value(place)?;
    let word = run(rest(place.text, start), |byte| {
        is_base64(byte) || matches!(byte, b'=' | b'-' | b'_')
    });
    (word.len() >= MIN_TOKEN && variety(word) >= 20 && is_mixed(word))
        .then_some(start..start + word.len())
}

/// Where the value begins whose name holds the anchor: after at least one sign of an assignment.
fn value(place: &Place) -> Option<usize> {
    let name = run(place.within(0, MAX_NAME), |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
    })
    .len();
    let between = run(place.within(name, MAX_BETWEEN), |byte| {
        matches!(
            byte,
            b' ' | b'\t' | b'"' | b'\'' | b':' | b'=' | b'>' | b'\\' | b','
        )
    });
    let assigns = between
        .iter()
        .any(|byte| matches!(byte, b':' | b'=' | b'>' | b' '));
    assigns.then_some(place.at + name + between.len())
}

fn is_secret(word: &[u8]) -> bool {
    word.len() == SECRET
        && is_mixed(word)
        && variety(word) >= MIN_VARIETY
        && !holds(word, b"EXAMPLE")
}

/// Whether the base64 word at `start` began earlier, or is followed by padding.
fn is_part(text: &[u8], start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    !run_back(before, is_base64).is_empty() || text.get(start + SECRET) == Some(&b'=')
}
