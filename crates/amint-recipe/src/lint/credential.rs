//! Keys and tokens whose form alone tells what they are.
//!
//! Forms: AWS, "IAM identifiers"; GitHub, "Behind GitHub's new authentication token formats"; GitLab, "Token overview";
//! Slack, "Token types"; Stripe, "API keys"; npm, "About access tokens"; Google, "API keys"; RFC 7468 for PEM.

use std::ops::Range;

use super::subject::Material;
use super::{Context, Findings};
use crate::code::Code;

/// A kind of token: how it starts, and what follows.
struct Form {
    start: &'static str,
    what: &'static str,
    alphabet: fn(u8) -> bool,
    /// How many characters of the alphabet follow.
    least: usize,
    most: usize,
}

const fn form(
    start: &'static str,
    what: &'static str,
    alphabet: fn(u8) -> bool,
    least: usize,
    most: usize,
) -> Form {
    Form {
        start,
        what,
        alphabet,
        least,
        most,
    }
}

const FORMS: [Form; 20] = [
    form("AKIA", "an AWS access key id", capital, 16, 16),
    form("ASIA", "a temporary AWS access key id", capital, 16, 16),
    form("ghp_", "a GitHub token", letter, 36, 255),
    form("gho_", "a GitHub token", letter, 36, 255),
    form("ghu_", "a GitHub token", letter, 36, 255),
    form("ghs_", "a GitHub token", letter, 36, 255),
    form("ghr_", "a GitHub token", letter, 36, 255),
    form("github_pat_", "a GitHub token", word, 22, 255),
    form("glpat-", "a GitLab token", dashed, 20, 255),
    form("xoxa-", "a Slack token", dashed, 20, 255),
    form("xoxb-", "a Slack token", dashed, 20, 255),
    form("xoxp-", "a Slack token", dashed, 20, 255),
    form("xoxr-", "a Slack token", dashed, 20, 255),
    form("xoxs-", "a Slack token", dashed, 20, 255),
    form("sk_live_", "a Stripe key", letter, 20, 255),
    form("rk_live_", "a Stripe key", letter, 20, 255),
    form("npm_", "an npm token", letter, 36, 36),
    form("dckr_pat_", "a Docker token", dashed, 20, 255),
    form("AIza", "a Google API key", dashed, 35, 35),
    form(
        "hooks.slack.com/services/T",
        "a Slack webhook",
        path,
        30,
        255,
    ),
];

/// Where a token may begin.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Start {
    /// Where a word does.
    OfWord,
    /// Anywhere: in text with escapes, `\nghp_…` is one word.
    Anywhere,
}

/// What stands before an AWS secret key, in small letters.
const SECRET_KEY_NAMES: [&str; 3] = [
    "aws_secret_access_key",
    "secretaccesskey",
    "secret_access_key",
];

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    for (text, place) in material.texts() {
        find_all(text, Start::OfWord, &mut |what, range| {
            found.error(
                Code::Credential,
                place.part(range),
                format!("this is {what}"),
                "take it out and replace it at its issuer: whoever reads the recipe or its history has it",
            );
        });
    }
}

/// Calls `report` with every credential of a text: what it is, and where.
pub(super) fn find_all(text: &str, start: Start, report: &mut impl FnMut(&str, Range<usize>)) {
    for form in &FORMS {
        for (at, _) in text.match_indices(form.start) {
            let inside = at > 0 && word(text.as_bytes()[at - 1]);
            if inside && start == Start::OfWord {
                continue;
            }
            if let Some(range) = form.at(text, at) {
                report(form.what, range);
            }
        }
    }
    private_keys(text, report);
    secret_keys(text, report);
}

impl Form {
    fn at(&self, text: &str, start: usize) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        let body = &bytes[start + self.start.len()..];
        let length = body
            .iter()
            .take(self.most + 1)
            .take_while(|byte| (self.alphabet)(**byte))
            .count();
        let token = &text[start..start + self.start.len() + length];
        // What AWS's own documentation shows opens nothing.
        let real = (self.least..=self.most).contains(&length) && !token.ends_with("EXAMPLE");
        real.then_some(start..start + token.len())
    }
}

/// A PEM header with a key behind it: a header alone may be what a script looks for.
fn private_keys(text: &str, report: &mut impl FnMut(&str, Range<usize>)) {
    for (start, _) in text.match_indices("-----BEGIN ") {
        let rest = &text.as_bytes()[start..];
        let head = &rest[..rest.len().min(64)];
        let Some(end) = position(head, b"PRIVATE KEY") else {
            continue;
        };
        let body = &rest[end..rest.len().min(end + 400)];
        let mut run = 0;
        for (at, byte) in body.iter().enumerate() {
            run = if base64(*byte) { run + 1 } else { 0 };
            if run == 40 {
                let rest = body[at + 1..].iter().take_while(|byte| base64(**byte));
                let body = start + end + at + 1;
                report("a private key", body - run..body + rest.count());
                break;
            }
        }
    }
}

fn secret_keys(text: &str, report: &mut impl FnMut(&str, Range<usize>)) {
    let small = text.to_ascii_lowercase();
    let mut last = 0;
    for name in SECRET_KEY_NAMES {
        for (start, _) in small.match_indices(name) {
            let after = start + name.len();
            let rest = &text[after..];
            let gap = rest.len() - rest.trim_start_matches(['=', ':', ' ', '"', '\'']).len();
            let body = &rest.as_bytes()[gap..];
            let length = body
                .iter()
                .take(41)
                .take_while(|byte| base64(**byte))
                .count();
            let start = after + gap;
            if gap > 0 && length == 40 && start != last && !rest[gap..gap + 40].contains("EXAMPLE")
            {
                last = start;
                report("an AWS secret key", start..start + length);
            }
        }
    }
}

fn position(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let mut windows = text.windows(wanted.len());
    windows.position(|window| window == wanted)
}

fn capital(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn dashed(byte: u8) -> bool {
    word(byte) || byte == b'-'
}

fn path(byte: u8) -> bool {
    word(byte) || byte == b'/'
}

fn base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}
