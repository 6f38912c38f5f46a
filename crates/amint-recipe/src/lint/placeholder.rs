//! `<your-bucket>`, `CHANGEME` and the like: text that was copied and not filled in.

use std::ops::Range;

use super::subject::Material;
use super::{Context, Findings};
use crate::code::Code;
use crate::source::floor_char_boundary;

/// Words that stand for what was to be filled in, wherever they are.
const WORDS: [&str; 10] = [
    "CHANGEME",
    "CHANGE_ME",
    "CHANGE-ME",
    "REPLACEME",
    "REPLACE_ME",
    "REPLACE-ME",
    "FILL_ME_IN",
    "changeme",
    "YOUR_KEY_HERE",
    "INSERT_HERE",
];

/// Words that stand for it only where they are all of a value: in a comment, they are somebody's notes.
const VALUES: [&str; 4] = ["TODO", "FIXME", "TBD", "XXX"];

/// What `<…>` starts with where it is to be filled in.
const STARTS: [&str; 8] = [
    "your", "my-", "my_", "insert", "enter", "replace", "change", "some-",
];

/// What `<…>` holds where it is to be filled in, in small letters.
const NAMES: [&str; 20] = [
    "account",
    "account-id",
    "bucket",
    "bucket-name",
    "domain",
    "host",
    "hostname",
    "id",
    "instance-id",
    "ip",
    "name",
    "password",
    "path",
    "port",
    "region",
    "secret",
    "token",
    "user",
    "username",
    "version",
];

/// Within how many bytes markup is closed.
const NEAR: usize = 4 << 10;

/// The longest `<…>` that is looked at, in bytes.
const LONGEST: usize = 80;

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    for (text, place) in material.texts() {
        let mut ranges = Vec::new();
        if VALUES.contains(&text.trim()) {
            ranges.push(0..text.len());
        }
        for word in WORDS {
            ranges.extend(text.match_indices(word).map(|(at, _)| at..at + word.len()));
        }
        ranges.extend(
            text.match_indices('<')
                .filter_map(|(at, _)| in_brackets(text, at)),
        );
        let crosses = text.match_indices("xxxx").chain(text.match_indices("XXXX"));
        ranges.extend(crosses.filter_map(|(at, _)| crossed(text, at)));
        for range in ranges {
            let shown = &text[range.clone()];
            found.warn(
                Code::Placeholder,
                place.part(range.clone()),
                format!("`{}` was never filled in", shown.trim()),
                "write what is meant, or make it a variable: `{{name}}`",
            );
        }
    }
}

/// The `<…>` at `start`, when it is no markup, no address and no redirection.
fn in_brackets(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = &text[start + 1..];
    let end = rest
        .bytes()
        .take(LONGEST)
        .position(|byte| matches!(byte, b'>' | b'<' | b'\n'))?;
    let inside = &rest[..end];
    let ends_well =
        rest.as_bytes()[end] == b'>' && !inside.ends_with(' ') && !inside.ends_with('/');
    let starts_well = inside.starts_with(char::is_alphanumeric);
    if !ends_well || !starts_well || inside.contains(['@', '=', '"', '\'', ':', '(', ';', '&', '|'])
    {
        return None;
    }
    // Markup is closed somewhere.
    let tag = inside.split_whitespace().next().unwrap_or_default();
    let small = inside.to_ascii_lowercase();
    let words = || inside.split([' ', '-', '_']);
    let capitals = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    let near = &rest[..floor_char_boundary(rest, NEAR)];
    let told = STARTS.iter().any(|known| small.starts_with(known))
        || NAMES.contains(&small.as_str())
        || inside.chars().any(|c| !c.is_ascii() && c.is_alphabetic())
        || (inside.len() > 3 && words().all(capitals) && !is_html(&small))
        || (inside.contains(['-', '_']) && !inside.contains(' ') && is_kebab(inside))
        || stands_alone(text, start, end, near);
    if !told || near.contains(&format!("</{tag}>")) {
        return None;
    }
    Some(start..start + end + 2)
}

/// Whether several words in brackets are an argument or a value of their own, where nothing near is markup.
fn stands_alone(text: &str, start: usize, length: usize, near: &str) -> bool {
    let bytes = text.as_bytes();
    let inside = &text[start + 1..=start + length];
    let before = start.checked_sub(1).map(|at| bytes[at]);
    let after = bytes.get(start + length + 2);
    let words = inside.split(' ');
    words.clone().count() > 1
        && words
            .into_iter()
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic()))
        && before.is_none_or(|byte| matches!(byte, b' ' | b'=' | b'/' | b'"' | b'\''))
        && after.is_none_or(|byte| matches!(byte, b' ' | b'\n' | b'/' | b'"' | b'\''))
        && !near.contains("</")
}

/// Elements of HTML that are longer than three letters and one word.
fn is_html(small: &str) -> bool {
    [
        "html", "head", "body", "title", "table", "center", "form", "input", "meta", "link",
        "span", "font",
    ]
    .contains(&small)
}

fn is_kebab(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// `ami-xxxxxxxx`, but not `/tmp/work.XXXXXX`, which mktemp fills in.
fn crossed(text: &str, start: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let cross = bytes[start];
    let before = start.checked_sub(1).map(|at| bytes[at]);
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    // Of a long run, only its start is one; inside a word it is a word.
    if before.as_ref().is_some_and(is_part) {
        return None;
    }
    let run = bytes[start..].iter().take_while(|byte| **byte == cross);
    let length = run.count();
    // Nobody writes that many to be filled in.
    if length > LONGEST || bytes.get(start + length).is_some_and(is_part) {
        return None;
    }
    let line = text[floor_char_boundary(text, start.saturating_sub(LONGEST))..start].lines();
    let line = line.last().unwrap_or_default();
    if cross == b'X' && (before == Some(b'.') || line.contains("mktemp")) {
        return None;
    }
    let word = bytes[..start]
        .iter()
        .rev()
        .take(LONGEST)
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-')
        .count();
    Some(start - word..start + length)
}
