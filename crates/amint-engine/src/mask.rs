//! Secrets that this process knows stay out of everything that it writes: events, logs, journal, manifest. Whoever
//! prints one in a step may have encoded it first, so the usual forms are known as well.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::digest::hex;

/// What stands in a secret's place.
pub const MASK: &str = "***";
/// The shortest secret that can be told from other text, in bytes.
pub const SHORTEST: usize = 6;

/// How many bytes are in a line of base64: of 76 characters as MIME has it, and of 64 as PEM does.
const LINES: [usize; 2] = [57, 48];
/// The shortest line of a secret, in bytes, that gives it away by itself.
const TELLING: usize = 16;

/// What encoders of URLs leave as it is beside what all of them do: paths, JavaScript's, and both.
const PERCENT_KEEPS: [&str; 4] = ["", "/", "!*'()", "/!*'()"];

/// Secrets, in all their forms.
#[derive(Clone, Default)]
pub struct Masks(Option<Arc<Forms>>);

struct Forms {
    search: AhoCorasick,
    longest: usize,
}

impl fmt::Debug for Masks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Masks")
    }
}

impl Masks {
    /// Masks for `secrets`. Those shorter than [`SHORTEST`] are not looked for.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        Self::with_lines(secrets, 0)
    }

    /// [`Self::new`], for who refuses what has a secret in it: a short line of a long one, such as `set -eu`, gives
    /// nothing away.
    pub fn telling<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        Self::with_lines(secrets, TELLING)
    }

    fn with_lines<'a>(secrets: impl IntoIterator<Item = &'a str>, shortest: usize) -> Self {
        let mut forms = BTreeSet::new();
        for secret in secrets {
            add_forms(&mut forms, secret);
            // A key in many lines is printed line by line.
            let lines = secret.lines().filter(|line| line.len() >= shortest);
            lines.for_each(|line| add_forms(&mut forms, line));
        }
        let longest = forms.iter().map(Vec::len).max().unwrap_or_default();
        let mut builder = AhoCorasick::builder();
        builder.match_kind(MatchKind::LeftmostLongest);
        match builder.build(&forms) {
            Ok(search) if !forms.is_empty() => Self(Some(Arc::new(Forms { search, longest }))),
            // More patterns than memory can hold are no secrets.
            _ => Self(None),
        }
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether any form of a secret is in `bytes`.
    pub fn find_in(&self, bytes: &[u8]) -> bool {
        let forms = self.0.as_ref();
        forms.is_some_and(|forms| forms.search.is_match(bytes))
    }

    /// `bytes` with [`MASK`] in the place of secrets.
    pub fn bytes<'b>(&self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        match &self.0 {
            Some(forms) if forms.search.is_match(bytes) => {
                let mut masked = Vec::with_capacity(bytes.len());
                forms
                    .search
                    .replace_all_with_bytes(bytes, &mut masked, |_, _, masked| {
                        masked.extend_from_slice(MASK.as_bytes());
                        true
                    });
                Cow::Owned(masked)
            }
            _ => Cow::Borrowed(bytes),
        }
    }

    /// `text` with [`MASK`] in the place of secrets.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// A document with all of its texts masked.
    pub(crate) fn document<T: Serialize + DeserializeOwned>(&self, document: T) -> T {
        if self.is_empty() {
            return document;
        }
        let masked = serde_json::to_value(&document).map(|mut value| {
            self.value(&mut value);
            value
        });
        // What has a JSON form is read back from it.
        masked.and_then(serde_json::from_value).unwrap_or(document)
    }

    fn value(&self, value: &mut serde_json::Value) {
        use serde_json::Value;
        match value {
            Value::String(text) => {
                if let Cow::Owned(masked) = self.text(text) {
                    *text = masked;
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|one| self.value(one)),
            Value::Object(fields) => fields.values_mut().for_each(|one| self.value(one)),
            _ => {}
        }
    }

    /// A mask for what comes in pieces.
    pub(crate) fn stream(&self) -> MaskStream {
        MaskStream {
            masks: self.clone(),
            held: Vec::new(),
        }
    }
}

/// Masks what comes in pieces: holds back what could be the beginning of a secret.
#[derive(Debug)]
pub(crate) struct MaskStream {
    masks: Masks,
    held: Vec<u8>,
}

impl MaskStream {
    /// Takes in a piece, and returns what can be told.
    pub(crate) fn push<'p>(&mut self, piece: &'p [u8]) -> Cow<'p, [u8]> {
        let Some(forms) = &self.masks.0 else {
            return Cow::Borrowed(piece);
        };
        self.held.extend_from_slice(piece);
        let masked = self.masks.bytes(&self.held).into_owned();
        // What is longer than any secret is not the beginning of one.
        let keep = masked.len().min(forms.longest - 1);
        let told = masked[..masked.len() - keep].to_vec();
        self.held = masked[masked.len() - keep..].to_vec();
        Cow::Owned(told)
    }

    /// The rest.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }
}

fn add_forms(forms: &mut BTreeSet<Vec<u8>>, secret: &str) {
    if secret.len() < SHORTEST {
        return;
    }
    let mut add = |form: String| {
        if form.len() >= SHORTEST {
            forms.insert(form.into_bytes());
        }
    };
    add(secret.to_owned());
    for alphabet in [&STANDARD, &URL_SAFE] {
        (0..3).for_each(|before| add(base64_inside(alphabet, before, secret.as_bytes())));
        for line in LINES {
            base64_in_lines(alphabet, line, secret.as_bytes()).for_each(&mut add);
        }
    }
    for upper in [true, false] {
        for space in ["%20", "+"] {
            for kept in PERCENT_KEEPS {
                add(percent_encoded(secret, upper, space, kept));
            }
        }
    }
    add(secret.replace('\'', r"'\''"));
    add(secret.replace('\'', r#"'"'"'"#));
    add(backslashed(secret, |c| {
        !c.is_ascii_alphanumeric() && !"_./-:=@%+,".contains(c)
    }));
    add(backslashed(secret, |c| "\"\\$`".contains(c)));
    add(json(secret));
    add(hex(secret.as_bytes()));
    add(hex(secret.as_bytes()).to_uppercase());
}

/// The part of a longer text's base64 that a secret alone decides on, with so many bytes before it (modulo 3).
fn base64_inside(alphabet: &Alphabet, before: usize, secret: &[u8]) -> String {
    let engine = GeneralPurpose::new(alphabet, NO_PAD);
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(secret);
    let encoded = engine.encode(&bytes);
    let (start, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
    encoded[start..end].to_owned()
}

/// What is in a line of base64 each, where a longer text is cut into lines of so many bytes, wherever in a line the
/// secret begins.
fn base64_in_lines(
    alphabet: &Alphabet,
    line: usize,
    secret: &[u8],
) -> impl Iterator<Item = String> {
    let cut = move |before: usize| {
        let first = (line - before).min(secret.len());
        let (head, rest) = secret.split_at(first);
        // Lines begin where three bytes do.
        let head = base64_inside(alphabet, before % 3, head);
        let rest = rest.chunks(line);
        std::iter::once(head).chain(rest.map(move |part| base64_inside(alphabet, 0, part)))
    };
    let begins = (0..line).filter(move |before| before + secret.len() > line);
    begins.flat_map(cut)
}

fn percent_encoded(secret: &str, upper: bool, space: &str, kept: &str) -> String {
    let mut encoded = String::new();
    for byte in secret.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ if kept.as_bytes().contains(&byte) => encoded.push(char::from(byte)),
            b' ' => encoded.push_str(space),
            _ if upper => encoded.push_str(&format!("%{byte:02X}")),
            _ => encoded.push_str(&format!("%{byte:02x}")),
        }
    }
    encoded
}

fn backslashed(secret: &str, special: impl Fn(char) -> bool) -> String {
    let mut escaped = String::new();
    for c in secret.chars() {
        if special(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn json(secret: &str) -> String {
    let quoted = serde_json::Value::from(secret).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "p4ss'word &\"$1/+ü";

    #[test]
    fn a_short_line_gives_nothing_away_by_itself() {
        let secret = "user: bob\nset -eu\npassword: kjhk3jhkj9\n";
        let telling = Masks::telling([secret]);
        assert!(!telling.find_in(b"set -eu\nls\n"));
        assert!(telling.find_in(b"echo password: kjhk3jhkj9"));
        assert!(Masks::new([secret]).find_in(b"user: bob"));
    }

    #[test]
    fn every_usual_form_is_masked() {
        let masks = Masks::new([SECRET]);
        let in_base64 = |before: &str| BASE64_STANDARD.encode(format!("{before}{SECRET}, after"));
        let forms = [
            SECRET.to_owned(),
            format!("'{}'", SECRET.replace('\'', r"'\''")),
            r#"p4ss\'word\ \&\"\$1/+\ü"#.to_owned(),
            r#""p4ss'word &\"\$1/+ü""#.to_owned(),
            "p4ss%27word%20%26%22%241%2F%2B%C3%BC".to_owned(),
            "p4ss%27word+%26%22%241%2f%2b%c3%bc".to_owned(),
            "p4ss%27word%20%26%22%241/%2B%C3%BC".to_owned(),
            "p4ss'word%20%26%22%241%2F%2B%C3%BC".to_owned(),
            serde_json::Value::from(SECRET).to_string(),
            in_base64(""),
            in_base64("a"),
            in_base64("ab"),
            BASE64_URL_SAFE.encode(SECRET),
        ];
        for form in forms {
            let masked = masks.text(&form).into_owned();
            assert!(masked.contains(MASK), "{form}: {masked}");
            assert!(
                !masked.contains("word") && !masked.contains("CdvcmQ"),
                "{masked}"
            );
        }
        assert_eq!(masks.text("nothing of it"), "nothing of it");
    }

    #[test]
    fn base64_in_lines_is_masked_in_each_of_them() {
        let secret: String = (0..40)
            .map(|number| format!("{number:x}+/{number}"))
            .collect();
        let masks = Masks::new([secret.as_str()]);
        for before in 0..60 {
            let text = format!("{}{secret} after", "b".repeat(before));
            let encoded = BASE64_STANDARD.encode(text);
            for width in [76, 64] {
                let lines: Vec<&[u8]> = encoded.as_bytes().chunks(width).collect();
                let lines: Vec<String> = lines
                    .iter()
                    .map(|line| String::from_utf8_lossy(line).into_owned())
                    .collect();
                let masked = masks.text(&lines.join("\n")).into_owned();
                // What is left of it are the few characters that other bytes decide on too.
                let inside = base64_inside(&STANDARD, before % 3, secret.as_bytes());
                for part in inside.as_bytes().chunks(8).filter(|part| part.len() == 8) {
                    let part = String::from_utf8_lossy(part);
                    assert!(
                        !masked.contains(&*part),
                        "{before}, {width}: {part} in {masked}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_key_in_lines_is_masked_line_by_line() {
        let masks = Masks::new(["first line\nsecond line\n"]);
        assert_eq!(masks.text("> second line <"), "> *** <");
    }

    #[test]
    fn a_document_keeps_its_form() {
        let masks = Masks::new(["hunter22"]);
        let document = serde_json::json!({"a": ["x hunter22 y", 1], "b": null});
        let expected = serde_json::json!({"a": ["x *** y", 1], "b": null});
        assert_eq!(masks.document(document), expected);
        assert!(Masks::new(["short"]).is_empty());
    }

    proptest! {
        #[test]
        fn pieces_hide_nothing_that_the_whole_does_not(
            before in "[a-z ]{0,30}",
            after in "[a-z ]{0,30}",
            cuts in proptest::collection::vec(0_usize..90, 0..6),
        ) {
            let whole = format!("{before}{SECRET}{after}{SECRET}");
            let masks = Masks::new([SECRET]);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(whole.len())).collect();
            cuts.extend([0, whole.len()]);
            cuts.sort_unstable();
            let mut stream = masks.stream();
            let mut told = Vec::new();
            for pair in cuts.windows(2) {
                told.extend_from_slice(&stream.push(&whole.as_bytes()[pair[0]..pair[1]]));
            }
            told.extend(stream.finish());
            prop_assert_eq!(told, format!("{before}{MASK}{after}{MASK}").into_bytes());
        }
    }
}
