//! The 13 characters of an old DES hash mean nothing alone: only in a line of `shadow(5)`.

use std::ops::Range;

use super::hash::is_des;
use super::place::{Place, run, run_back};

/// `NAME:HASH:CHANGED:MIN:MAX:WARN:::`, the anchor being the last colons; the hash may be behind a lock.
pub(super) fn des(place: &Place) -> Option<Range<usize>> {
    if place
        .after(3)
        .first()
        .is_some_and(|byte| !byte.is_ascii_whitespace() && *byte != 0)
    {
        return None;
    }
    let line = run_back(place.before(), |byte| byte.is_ascii_graphic());
    let mut fields = line.split(|byte| *byte == b':');
    let (name, password) = (fields.next()?, fields.next()?);
    let mut count = 0;
    for days in fields {
        count += 1;
        if days.len() > 6 || !days.iter().all(u8::is_ascii_digit) {
            return None;
        }
    }
    let lock = run(password, |byte| matches!(byte, b'!' | b'*')).len();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.$".contains(byte);
    let whole = count == 4 && !name.is_empty() && name.iter().all(is_name);
    let start = place.at - line.len() + name.len() + 1 + lock;
    (whole && is_des(password.get(lock..)?)).then_some(start..start + 13)
}
