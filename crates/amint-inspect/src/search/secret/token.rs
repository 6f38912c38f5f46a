//! Tokens with a prefix of their own.

use std::ops::Range;

use super::place::{Place, is_base64url, is_mixed, rest, run, variety};

/// The fewest different characters of a token's random part.
const MIN_VARIETY: usize = 10;

/// GitHub's: 30 random characters, and six for their CRC-32.
pub(super) fn github(place: &Place) -> Option<Range<usize>> {
    checked(place, 4)
}

/// npm's, of the same make.
pub(super) fn npm(place: &Place) -> Option<Range<usize>> {
    checked(place, 4)
}

/// GitHub's with permissions of its own: 22 characters for the id, 59 for the rest.
pub(super) fn github_fine_grained(place: &Place) -> Option<Range<usize>> {
    let prefix = b"github_pat_".len();
    let id = word(place, prefix, |byte| byte.is_ascii_alphanumeric())?;
    let secret = place.after(prefix + id.len()).strip_prefix(b"_")?;
    let secret = run(secret, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (id.len() == 22 && secret.len() == 59 && is_random(secret))
        .then_some(place.at..place.at + prefix + 22 + 1 + 59)
}

/// GitLab's: 20 characters, newer ones more, with dots.
pub(super) fn gitlab(place: &Place) -> Option<Range<usize>> {
    let token = word(place, 6, |byte| is_base64url(byte) || byte == b'.')?;
    let token = match token.iter().position(|byte| *byte == b'.') {
        // A sentence's end, not a newer token's border.
        Some(dot) if token.len() <= dot + 1 => token.get(..dot)?,
        _ => token,
    };
    ((20..=300).contains(&token.len()) && is_random(token))
        .then_some(place.at..place.at + 6 + token.len())
}

/// Slack's: numbers of workspace and user, then at least 24 letters and digits.
pub(super) fn slack(place: &Place) -> Option<Range<usize>> {
    let token = word(place, 5, |byte| {
        byte.is_ascii_alphanumeric() || byte == b'-'
    })?;
    let mut parts = token.split(|byte| *byte == b'-');
    let number = parts.next()?;
    let secret = parts.next_back()?;
    let numbered = (8..=14).contains(&number.len()) && number.iter().all(u8::is_ascii_digit);
    (numbered && (24..=64).contains(&secret.len()) && variety(secret) >= MIN_VARIETY)
        .then_some(place.at..place.at + 5 + token.len())
}

/// Stripe's secret and restricted keys of the live mode.
pub(super) fn stripe(place: &Place) -> Option<Range<usize>> {
    let key = word(place, 8, |byte| byte.is_ascii_alphanumeric())?;
    ((24..=247).contains(&key.len()) && is_random(key))
        .then_some(place.at..place.at + 8 + key.len())
}

/// Google's: 35 characters.
pub(super) fn google(place: &Place) -> Option<Range<usize>> {
    let key = word(place, 4, is_base64url)?;
    (key.len() == 35 && is_random(key)).then_some(place.at..place.at + 39)
}

/// PyPI's: a macaroon, whose first bytes name the site.
pub(super) fn pypi(place: &Place) -> Option<Range<usize>> {
    let prefix = b"pypi-AgEIcHlwaS5vcmc".len();
    let token = word(place, prefix, is_base64url)?;
    (token.len() >= 50 && variety(token) >= 20).then_some(place.at..place.at + prefix + token.len())
}

/// Docker Hub's: 27 characters.
pub(super) fn docker(place: &Place) -> Option<Range<usize>> {
    let token = word(place, 9, is_base64url)?;
    ((27..=40).contains(&token.len()) && is_random(token))
        .then_some(place.at..place.at + 9 + token.len())
}

/// Vault's service tokens: at least 24 characters, since 1.10 more than 90.
pub(super) fn vault(place: &Place) -> Option<Range<usize>> {
    let token = word(place, 4, is_base64url)?;
    ((24..=512).contains(&token.len()) && is_random(token))
        .then_some(place.at..place.at + 4 + token.len())
}

/// The token after a prefix of `prefix` bytes; `None` where the prefix is the end of a longer word.
fn word<'a>(place: &Place<'a>, prefix: usize, is: impl Fn(u8) -> bool) -> Option<&'a [u8]> {
    let inside = place
        .before()
        .last()
        .is_some_and(|byte| is_base64url(*byte));
    (!inside).then(|| run(place.after(prefix), is))
}

fn is_random(text: &[u8]) -> bool {
    variety(text) >= MIN_VARIETY && is_mixed(text)
}

/// 30 letters and digits, and their CRC-32 in six digits of base 62.
fn checked(place: &Place, prefix: usize) -> Option<Range<usize>> {
    let token = word(place, prefix, |byte| byte.is_ascii_alphanumeric())?;
    let whole = token.len() == 36 && rest(token, 30) == base62(crc32fast::hash(token.get(..30)?));
    (whole && variety(token) >= MIN_VARIETY).then_some(place.at..place.at + prefix + 36)
}

fn base62(mut number: u32) -> [u8; 6] {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut text = [b'0'; 6];
    for digit in text.iter_mut().rev() {
        *digit = DIGITS[number as usize % 62];
        number /= 62;
    }
    text
}
