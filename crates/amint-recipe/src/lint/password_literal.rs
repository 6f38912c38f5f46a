//! Passwords that stand beside a word that says so: `password=…`, `https://user:password@host`.

use std::ops::Range;

use super::subject::Material;
use super::{Context, Findings};
use crate::code::Code;

/// Ends of names whose value is a secret, in small letters.
const NAMES: [&str; 11] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "api_key",
    "apikey",
    "api-key",
    "access_key",
    "auth_key",
    "pwd",
];

/// Values that are no secret.
const HARMLESS: [&str; 16] = [
    "yes", "no", "true", "false", "none", "null", "required", "optional", "auto", "on", "off",
    "disabled", "enabled", "example", "stdin", "prompt",
];

/// The shortest value that could be one.
const SHORTEST: usize = 6;

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    for (text, place) in material.texts() {
        find_all(text, &mut |hint, range| {
            let message = "this looks like a password";
            found.warn(Code::PasswordLiteral, place.part(range), message, hint);
        });
    }
}

/// Calls `report` with everything in a text that looks like a password: what to do about it, and where.
pub(super) fn find_all(text: &str, report: &mut impl FnMut(&'static str, Range<usize>)) {
    for (at, _) in text.match_indices('=') {
        if let Some(range) = assigned(text, at) {
            report(
                "have each instance make its own with `first-boot-secret`, or fetch it where it is used",
                range,
            );
        }
    }
    for (at, _) in text.match_indices("://") {
        if let Some(range) = in_url(text, at + 3) {
            report(
                "take it out of the URL; have the builder fetch it where it is used",
                range,
            );
        }
    }
}

/// The value after a `=` whose name says that it is a secret.
fn assigned(text: &str, equals: usize) -> Option<Range<usize>> {
    let before = &text[..equals];
    let name_start = before
        .bytes()
        .rev()
        .take(64)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        .count();
    let name = before[equals - name_start..].to_ascii_lowercase();
    if !NAMES.iter().any(|end| name.ends_with(end)) {
        return None;
    }
    let rest = &text[equals + 1..];
    let quotes = rest.len() - rest.trim_start_matches(['"', '\'']).len();
    if quotes > 1 {
        return None;
    }
    let value = &rest[quotes..];
    let length = value
        .bytes()
        .take(128)
        .take_while(|byte| byte.is_ascii_graphic() && !b"\"'`;&|<>(),}]".contains(byte))
        .count();
    let value = &value[..length];
    // `$X`, `{{x}}`, `%s`, `/a/file` and `***` name a value, and are none. Neither is code: `token == null`.
    let named = value.starts_with(['$', '{', '%', '/', '*', '=', '.', '-', '~', '@', '!', '\\']);
    let harmless = HARMLESS.contains(&value.to_ascii_lowercase().as_str()) || value.contains("$");
    let start = equals + 1 + quotes;
    (length >= SHORTEST && !named && !harmless).then_some(start..start + length)
}

/// The password of `user:password@host`.
fn in_url(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = &text.as_bytes()[start..];
    let ends = |byte: &u8| !byte.is_ascii_graphic() || b"/\"'`<>?#".contains(byte);
    let authority = rest.iter().take(256).take_while(|byte| !ends(byte)).count();
    let authority = &text[start..start + authority];
    let (user, _) = authority.rsplit_once('@')?;
    let (name, password) = user.split_once(':')?;
    let named = password.is_empty() || password.starts_with(['$', '{', '%', '*']);
    let start = start + name.len() + 1;
    (!named).then_some(start..start + password.len())
}
