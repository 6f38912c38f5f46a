//! sshd's settings that let people in with a password, or root in at all.

use std::ops::Range;

use super::subject::{Material, Role};
use super::{Context, Findings};
use crate::code::Code;

/// Settings of `sshd_config(5)` that must not be `yes`.
const SETTINGS: [&str; 3] = [
    "PermitRootLogin",
    "PasswordAuthentication",
    "PermitEmptyPasswords",
];

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    let mut report = |place, setting: &str| {
        found.warn(
            Code::SshOpened,
            place,
            format!("`{setting} yes` opens every instance of the image"),
            format!("write `{setting} no`; the inspection refuses an image with it"),
        );
    };
    for at in material.commands() {
        // Others look for it, and write nothing.
        let writes = matches!(at.command.name(), "echo" | "printf" | "cat" | "tee" | "sed");
        if !writes {
            continue;
        }
        let is_sed = at.command.name() == "sed";
        for word in at.command.arguments() {
            let text = match is_sed {
                true => replacement(&word.text),
                false => word.text.as_str(),
            };
            if let Some((setting, _)) = opened(text) {
                report(at.part(word.range.clone()), setting);
            }
        }
        for (range, text) in at.documents() {
            if let Some((setting, found)) = opened(text) {
                report(
                    at.part(range.start + found.start..range.start + found.end),
                    setting,
                );
            }
        }
    }
    for (step, passage) in material.passages() {
        if let Role::Content(to) = &passage.role
            && to.contains("sshd_config")
            && let Some((setting, range)) = opened(&passage.text)
        {
            report(
                super::subject::Place::Passage(passage, range, step),
                setting,
            );
        }
    }
}

/// What `s/from/to/` puts there; nothing of another expression.
fn replacement(expression: &str) -> &str {
    let Some(start) = expression.find('s') else {
        return "";
    };
    let Some(delimiter) = expression[start + 1..].chars().next() else {
        return "";
    };
    if delimiter.is_alphanumeric() {
        // `a text`, `c text`, `$aPermitRootLogin yes`.
        return expression;
    }
    expression[start + 1..]
        .split(delimiter)
        .nth(2)
        .unwrap_or_default()
}

/// The first setting that is given as `yes`, and where.
fn opened(text: &str) -> Option<(&'static str, Range<usize>)> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start();
        let at = start + line.len() - trimmed.len();
        start += line.len();
        if trimmed.starts_with('#') {
            continue;
        }
        for setting in SETTINGS {
            let Some(found) = find_ignoring_case(trimmed, setting) else {
                continue;
            };
            let after = &trimmed[found + setting.len()..];
            let value = after.trim_start_matches([' ', '\t', '=', '"']);
            let length = after.len() - value.len() + 3;
            let is_yes = value
                .get(..3)
                .is_some_and(|value| value.eq_ignore_ascii_case("yes"));
            if is_yes && value.len() < after.len() {
                return Some((setting, at + found..at + found + setting.len() + length));
            }
        }
    }
    None
}

fn find_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    let (bytes, wanted) = (text.as_bytes(), wanted.as_bytes());
    let first = wanted.first()?;
    let starts = bytes.iter().enumerate();
    let mut starts = starts.filter(|(_, byte)| byte.eq_ignore_ascii_case(first));
    let found = starts.find(|(at, _)| {
        let part = bytes.get(*at..at + wanted.len());
        part.is_some_and(|part| part.eq_ignore_ascii_case(wanted))
    });
    found.map(|(at, _)| at)
}
