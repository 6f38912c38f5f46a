//! A Region's name in a script: whoever launches the image may be in another one.

use std::ops::Range;

use super::subject::Material;
use super::{Context, Findings};
use crate::code::Code;

/// Where Regions' names begin, and the directions that may follow.
const PARTS: [&str; 14] = [
    "us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx", "cn", "us-gov", "us-iso", "us-isob",
    "eusc-de",
];
const DIRECTIONS: [&str; 9] = [
    "north",
    "south",
    "east",
    "west",
    "central",
    "northeast",
    "northwest",
    "southeast",
    "southwest",
];

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    for at in material.commands() {
        let values = at.command.assignments.iter().map(|(_, value)| value);
        for word in at.command.words.iter().chain(values) {
            let raw = at.passage.slice(&word.range);
            let Some(range) = region(raw) else {
                continue;
            };
            // A variable's value is not written here.
            if at.passage.is_inserted(word.range.start + range.start) {
                continue;
            }
            let name = &raw[range.clone()];
            let message = match &material.region {
                Some(builder) if builder != name => {
                    format!("this script is for `{name}`, and the builder is in `{builder}`")
                }
                _ => format!("this script is for `{name}` only"),
            };
            found.warn(
                Code::LiteralRegion,
                at.part(word.range.start + range.start..word.range.start + range.end),
                message,
                "make it a variable (`{{region}}`), or ask the metadata service where the instance is",
            );
        }
    }
}

/// Where a Region's name stands in a word.
fn region(word: &str) -> Option<Range<usize>> {
    for (digit, _) in word.match_indices(|c: char| matches!(c, '1'..='9')) {
        let bytes = word.as_bytes();
        let ends = bytes
            .get(digit + 1)
            .is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-');
        let before = &word[..digit];
        let Some(before) = before.strip_suffix('-').filter(|_| ends) else {
            continue;
        };
        let Some((head, direction)) = before.rsplit_once('-') else {
            continue;
        };
        if !DIRECTIONS.contains(&direction) {
            continue;
        }
        let start = head
            .bytes()
            .rev()
            .take(16)
            .take_while(|byte| byte.is_ascii_lowercase() || *byte == b'-')
            .count();
        if PARTS.contains(&&head[head.len() - start..]) {
            return Some(head.len() - start..digit + 1);
        }
    }
    None
}
