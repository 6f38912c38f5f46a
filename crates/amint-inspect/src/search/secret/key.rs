//! Private keys.

use std::ops::Range;

use super::place::{Place, holds, is_base64, rest, run, run_back, variety};

/// The fewest base64 characters of a key: an Ed25519 key in PKCS #8 has 48 bytes.
const MIN_CONTENT: usize = 64;
/// The fewest characters of a key's first line. Text that follows a mere header is broken by spaces much sooner.
const MIN_LINE: usize = 40;
/// The fewest different characters of a key's beginning.
const MIN_VARIETY: usize = 12;
/// Header lines of encrypted or OpenPGP keys that are skipped.
const MAX_HEADERS: usize = 16;

const BEGIN: &[u8] = b"-----BEGIN ";

/// A PEM header (RFC 7468), or that of OpenPGP armour, with the beginning of a key after it.
pub(super) fn pem(place: &Place) -> Option<Range<usize>> {
    let label = run_back(place.before(), |byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' '
    });
    // The run holds "BEGIN " too: what stands before it are dashes.
    let start = place.at.checked_sub(label.len())?.checked_sub(5)?;
    let label = label.strip_prefix(b"BEGIN ")?;
    if !rest(place.text, start).starts_with(BEGIN) {
        return None;
    }
    let mut after = place.after(b"PRIVATE KEY".len());
    after = after.strip_prefix(b" BLOCK").unwrap_or(after);
    let after = after.strip_prefix(b"-----")?;
    let (content, has_headers) = skip_headers(after)?;
    let line = run(content, is_base64);
    let first = *line.first()?;
    // How the key's first bytes look: those of an encrypted one in the old form are random.
    let plausible = match label {
        _ if has_headers && !label.starts_with(b"PGP") => true,
        b"OPENSSH " => line.starts_with(b"b3BlbnNzaC1rZXkt"),
        b"PGP " => matches!(first, b'l' | b'x'),
        _ => first == b'M',
    };
    if !plausible || line.len() < MIN_LINE || variety(line) < MIN_VARIETY {
        return None;
    }
    let length = content_length(content)?;
    Some(start..place.text.len() - content.len() + length)
}

/// An OpenSSH key without its header: base64 of `openssh-key-v1` and a zero, and as much as such a key has at least.
pub(super) fn bare_openssh(place: &Place) -> Option<Range<usize>> {
    let is_whole = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'\\' | b'n' | b'r');
    let before = place.before();
    let header = before.len() - run_back(before, is_whole).len();
    if before.get(..header)?.ends_with(b"KEY-----") || before.last().copied().is_some_and(is_base64)
    {
        return None;
    }
    let length = content_length(place.after(0))?;
    (length >= 200 && variety(place.after(0).get(..length)?) >= MIN_VARIETY)
        .then_some(place.at..place.at + length)
}

/// PuTTY's own format: lines with a name, and base64 lines after `Private-Lines:`.
pub(super) fn putty(place: &Place) -> Option<Range<usize>> {
    let mut lines = place.after(0).split(|byte| *byte == b'\n');
    let (head, encryption) = (lines.next()?, lines.next()?);
    let version = head.get(b"PuTTY-User-Key-File-".len())?;
    if !version.is_ascii_digit() || !encryption.starts_with(b"Encryption: ") {
        return None;
    }
    let mut length = head.len() + encryption.len() + 2;
    let mut private = false;
    for line in lines.take(100) {
        if line.starts_with(b"PuTTY-User-Key-File-") {
            return None;
        }
        length += line.len() + 1;
        let text = line.strip_suffix(b"\r").unwrap_or(line);
        if private {
            let long = run(text, is_base64).len() >= MIN_LINE;
            return (long && variety(text) >= MIN_VARIETY)
                .then_some(place.at..place.at + length - 1);
        }
        private = text.starts_with(b"Private-Lines: ");
    }
    None
}

/// Skips the line break after a header, and the lines with a name that may follow, up to an empty line.
fn skip_headers(text: &[u8]) -> Option<(&[u8], bool)> {
    let mut text = skip_breaks(text)?;
    let mut has_headers = false;
    for _ in 0..MAX_HEADERS {
        let line = run(text, |byte| byte != b'\\' && (b' '..0x7f).contains(&byte));
        if !holds(line.get(..line.len().min(64))?, b": ") {
            return Some((text, has_headers));
        }
        has_headers = true;
        text = skip_breaks(rest(text, line.len()))?;
    }
    None
}

/// Skips one or more line breaks with the indentation around them: as they are, or as source code and JSON write them.
fn skip_breaks(text: &[u8]) -> Option<&[u8]> {
    let left = rest(text, break_length(text));
    (left.len() < text.len()).then_some(left)
}

fn break_length(text: &[u8]) -> usize {
    let mut length = 0;
    while length < 64 {
        length += match rest(text, length) {
            [b'\r' | b'\n' | b' ' | b'\t', ..] => 1,
            [b'\\', b'n' | b'r', ..] => 2,
            [b'\\', b'\\', b'n' | b'r', ..] => 3,
            _ => break,
        };
    }
    length
}

/// The length of base64 text in lines, if it is enough for a key.
fn content_length(text: &[u8]) -> Option<usize> {
    let (mut end, mut next, mut characters) = (0, 0, 0);
    loop {
        let line = run(rest(text, next), |byte| is_base64(byte) || byte == b'=').len();
        if line == 0 {
            break;
        }
        characters += line;
        end = next + line;
        next = end + break_length(rest(text, end));
        if next == end {
            break;
        }
    }
    (characters >= MIN_CONTENT).then_some(end)
}
