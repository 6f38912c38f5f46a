//! JSON Web Tokens (RFC 7519) with a signature.

use std::ops::Range;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::place::{Place, holds, is_base64url, run, variety};

/// The longest header in characters; a real one has less than a hundred, or some hundreds with a certificate's digest.
const MAX_HEADER: usize = 1024;
/// The fewest characters of a signature: HMAC-SHA-256 has 43.
const MIN_SIGNATURE: usize = 43;

/// Three parts in base64 for URLs; the first is a JSON object that names an algorithm, the second begins like one.
pub(super) fn signed(place: &Place) -> Option<Range<usize>> {
    let is_token = |byte: u8| is_base64url(byte) || byte == b'.';
    if place.before().last().copied().is_some_and(is_token) {
        return None;
    }
    let header = run(place.within(0, MAX_HEADER), is_base64url);
    let claims = place.after(header.len()).strip_prefix(b".")?;
    let claims = run(claims.starts_with(b"eyJ").then_some(claims)?, is_base64url);
    let signature = place
        .after(header.len() + 1 + claims.len())
        .strip_prefix(b".")?;
    let signature = run(signature, is_base64url);
    let object = BASE64_URL_SAFE_NO_PAD.decode(header).ok()?;
    let object = std::str::from_utf8(&object).ok()?.trim();
    let names_algorithm = object.ends_with('}') && holds(object.as_bytes(), b"\"alg\"");
    (names_algorithm && signature.len() >= MIN_SIGNATURE && variety(signature) >= 12)
        .then_some(place.at..place.at + header.len() + claims.len() + signature.len() + 2)
}
