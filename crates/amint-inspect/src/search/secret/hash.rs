//! Hashes of passwords: `crypt(5)`, Argon2's PHC string, LDAP's `userPassword`.

use std::ops::Range;

use super::place::{Place, is_base64, is_crypt, rest, run, variety};

/// The fewest different characters of a digest. Of 22 random ones, fewer are practically never seen.
const MIN_VARIETY: usize = 9;

/// MD5: at most 8 characters of salt.
pub(super) fn md5(place: &Place) -> Option<Range<usize>> {
    salted(place, 3, 0..=8, 22, b"./01")
}

/// Apache's MD5.
pub(super) fn apache(place: &Place) -> Option<Range<usize>> {
    salted(place, 6, 0..=8, 22, b"./01")
}

/// SHA-256.
pub(super) fn sha256(place: &Place) -> Option<Range<usize>> {
    salted(
        place,
        3 + rounds(place.after(3)),
        0..=16,
        43,
        b"./0123456789ABCD",
    )
}

/// SHA-512.
pub(super) fn sha512(place: &Place) -> Option<Range<usize>> {
    salted(place, 3 + rounds(place.after(3)), 0..=16, 86, b"./01")
}

/// SM3.
pub(super) fn sm3(place: &Place) -> Option<Range<usize>> {
    salted(
        place,
        5 + rounds(place.after(5)),
        0..=16,
        43,
        b"./0123456789ABCD",
    )
}

/// scrypt: one character for N, five each for r and p, then the salt.
pub(super) fn scrypt(place: &Place) -> Option<Range<usize>> {
    salted(place, 3, 11..=97, 43, b"./0123456789ABCD")
}

/// yescrypt: parameters, salt.
pub(super) fn yescrypt(place: &Place) -> Option<Range<usize>> {
    salted(
        place,
        3 + parameters(place.after(3))?,
        0..=86,
        43,
        b"./0123456789ABCD",
    )
}

/// yescrypt with GOST's digest.
pub(super) fn gost_yescrypt(place: &Place) -> Option<Range<usize>> {
    salted(
        place,
        4 + parameters(place.after(4))?,
        0..=86,
        43,
        b"./0123456789ABCD",
    )
}

/// bcrypt: cost of two digits, 22 characters of salt and 31 of the digest without a border.
pub(super) fn bcrypt(place: &Place) -> Option<Range<usize>> {
    let [tens @ b'0'..=b'3', ones @ b'0'..=b'9', b'$', text @ ..] = place.after(4) else {
        return None;
    };
    let cost = (tens - b'0') * 10 + (ones - b'0');
    let text = run(text, is_crypt);
    // Two bits of the last character are always zero; its alphabet begins "./A".
    let last = *text.last()?;
    let whole = text.len() == 53 && b".CGKOSWaeimquy26".contains(&last);
    ((4..=31).contains(&cost) && whole && variety(text) >= MIN_VARIETY)
        .then_some(place.at..place.at + 7 + 53)
}

/// Argon2: `$argon2id$v=19$m=65536,t=3,p=4$SALT$DIGEST`, salt and digest in base64 without padding.
pub(super) fn argon2(place: &Place) -> Option<Range<usize>> {
    let text = place.within(0, 512);
    let mut parts = text.splitn(7, |byte| *byte == b'$').skip(1);
    let (name, version) = (parts.next()?, parts.next()?);
    let (parameters, salt, digest) = (parts.next()?, parts.next()?, run(parts.next()?, is_base64));
    let named =
        [&b"argon2i"[..], b"argon2d", b"argon2id"].contains(&name) && version.starts_with(b"v=");
    let whole = parameters.starts_with(b"m=")
        && salt.len() >= 11
        && salt.iter().all(|byte| is_base64(*byte));
    let length: usize = [name, version, parameters, salt, digest]
        .iter()
        .map(|part| part.len() + 1)
        .sum();
    let random = (16..=128).contains(&digest.len()) && variety(digest) >= MIN_VARIETY;
    (named && whole && random).then_some(place.at..place.at + length)
}

/// A salt from `skip` bytes after the anchor's start on, a border, and a digest of exactly `length` characters, of
/// which the last holds few bits and is one of `last`.
fn salted(
    place: &Place,
    skip: usize,
    salt: std::ops::RangeInclusive<usize>,
    length: usize,
    last: &[u8],
) -> Option<Range<usize>> {
    let text = place.after(skip);
    let found = run(text, is_crypt).len();
    let digest = rest(text, found).strip_prefix(b"$")?;
    let digest = run(digest.get(..digest.len().min(length + 1))?, is_crypt);
    let whole = salt.contains(&found) && digest.len() == length && last.contains(digest.last()?);
    (whole && variety(digest) >= MIN_VARIETY)
        .then_some(place.at..place.at + skip + found + 1 + length)
}

/// The length of `rounds=N$`, which may be absent.
fn rounds(text: &[u8]) -> usize {
    let Some(number) = text.strip_prefix(b"rounds=") else {
        return 0;
    };
    let digits = run(number, |byte| byte.is_ascii_digit()).len();
    match number.get(digits) {
        Some(b'$') => b"rounds=".len() + digits + 1,
        _ => 0,
    }
}

/// The length of yescrypt's parameters and their border.
fn parameters(text: &[u8]) -> Option<usize> {
    let length = run(text, is_crypt).len();
    ((1..=32).contains(&length) && text.get(length) == Some(&b'$')).then_some(length + 1)
}

/// RFC 2307's schemes with their usual extensions; `{CRYPT}` with one of the forms above is found by those.
pub(super) fn ldap(place: &Place) -> Option<Range<usize>> {
    let text = place.after(0);
    let close = text.iter().take(10).position(|byte| *byte == b'}')?;
    let (scheme, value) = (text.get(1..close)?, rest(text, close + 1));
    let (digest, is_salted) = match scheme {
        b"SHA" => (20, false),
        b"SSHA" => (20, true),
        b"SMD5" => (16, true),
        b"SHA256" => (32, false),
        b"SSHA256" => (32, true),
        b"SHA384" => (48, false),
        b"SSHA384" => (48, true),
        b"SHA512" => (64, false),
        b"SSHA512" => (64, true),
        b"CRYPT" => {
            let hash = run(value, is_crypt);
            return is_des(hash).then_some(place.at..place.at + close + 14);
        }
        _ => return None,
    };
    let content = run(value, is_base64);
    let padding = run(rest(value, content.len()), |byte| byte == b'=').len();
    let length = content.len() + padding;
    let bytes = content.len() * 3 / 4;
    let fits = match is_salted {
        true => (digest + 4..=digest + 32).contains(&bytes),
        false => bytes == digest,
    };
    (fits && length % 4 == 0 && variety(content) >= MIN_VARIETY)
        .then_some(place.at..place.at + close + 1 + length)
}

/// The old DES form: 2 characters of salt, 11 of a digest of 64 bits.
pub(super) fn is_des(text: &[u8]) -> bool {
    let last = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        .iter()
        .step_by(4)
        .any(|byte| text.last() == Some(byte));
    text.len() == 13 && last && text.iter().all(|byte| is_crypt(*byte)) && variety(text) >= 6
}
