//! Names and passwords for other machines.

use std::ops::Range;

use super::place::{Place, rest, run, run_back, variety};

/// The longest name or password in bytes.
const MAX_PART: usize = 128;
/// How far a netrc entry is read, in bytes.
const MAX_ENTRY: usize = 512;
/// What documentation writes in the place of a password, in lower case.
const PLACEHOLDERS: [&str; 5] = ["secret", "token", "mypassword", "user_password", "string"];

/// `SCHEME://USER:PASSWORD@HOST`, the anchor being the first colon.
pub(super) fn url(place: &Place) -> Option<Range<usize>> {
    let scheme = run_back(place.before(), |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
    });
    let user = run(place.within(3, MAX_PART), is_user_info);
    let password = place.within(3 + user.len(), MAX_PART).strip_prefix(b":")?;
    let password = run(password, is_user_info);
    let host = place
        .within(4 + user.len() + password.len(), MAX_PART)
        .strip_prefix(b"@")?;
    let host = run(host, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')
    });
    let named = (2..=16).contains(&scheme.len()) && scheme.first()?.is_ascii_alphabetic();
    if !named || host.is_empty() || is_placeholder(password) || is_example(host) {
        return None;
    }
    let end = place.at + 3 + user.len() + 1 + password.len() + 1 + host.len();
    Some(place.at - scheme.len()..end)
}

/// `machine HOST login USER password PASSWORD`, in one line or several.
pub(super) fn netrc(place: &Place) -> Option<Range<usize>> {
    if place
        .before()
        .last()
        .is_some_and(|byte| *byte != 0 && !byte.is_ascii_whitespace())
    {
        return None;
    }
    let text = place.within(0, MAX_ENTRY);
    let mut words = Words { text, position: 0 };
    let (b"machine", host) = (words.next()?, words.next()?) else {
        return None;
    };
    let password = loop {
        match words.next()? {
            b"password" => break words.next()?,
            b"login" | b"account" => drop(words.next()?),
            _ => return None,
        }
    };
    // A word that the end of what is read cuts says nothing.
    if words.position == MAX_ENTRY
        || is_placeholder(password)
        || is_example(host)
        || !holds_dot(host)
    {
        return None;
    }
    Some(place.at..place.at + words.position)
}

/// Words of printable text and where the last of them ended.
struct Words<'a> {
    text: &'a [u8],
    position: usize,
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.position += run(rest(self.text, self.position), |byte| {
            byte.is_ascii_whitespace()
        })
        .len();
        let word = run(rest(self.text, self.position), |byte| {
            byte.is_ascii_graphic()
        });
        self.position += word.len();
        (!word.is_empty()).then_some(word)
    }
}

fn holds_dot(host: &[u8]) -> bool {
    host.contains(&b'.')
        && host
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-_:".contains(byte))
}

/// The characters of user information that need no escape and are no sign of a template (RFC 3986).
fn is_user_info(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!&'()*+,;=%".contains(&byte)
}

fn is_placeholder(password: &[u8]) -> bool {
    let lower = password.to_ascii_lowercase();
    let stands_for = |word: &&str| lower == word.as_bytes();
    let is_sign = |byte: &u8| b"$<>{}[]()*".contains(byte);
    password.len() < 5
        || variety(password) < 4
        || PLACEHOLDERS.iter().any(stands_for)
        || lower.starts_with(b"pass")
        || lower.starts_with(b"your")
        || password.iter().any(is_sign)
}

/// Names that are reserved for documentation and tests (RFC 2606), and the machine itself.
fn is_example(host: &[u8]) -> bool {
    let lower = host.to_ascii_lowercase();
    let lower = lower.strip_suffix(b".").unwrap_or(&lower);
    let mut labels = lower.rsplit(|byte| *byte == b'.');
    let last = labels.next().unwrap_or_default();
    let before = labels.next().unwrap_or_default();
    [&b"example"[..], b"test", b"invalid", b"localhost"].contains(&last)
        || before == b"example" && [&b"com"[..], b"org", b"net", b"edu"].contains(&last)
}
