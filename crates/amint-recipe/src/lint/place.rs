//! Where something in a text stands in the recipe: back from what a shell reads to what somebody wrote.

/// How offsets in one text follow from those in another one that it was made of.
#[derive(Debug, Default)]
pub(crate) struct Runs(Vec<Run>);

#[derive(Debug)]
struct Run {
    /// Where it begins in the text that was made.
    made: usize,
    /// Where it begins in the text that it was made of.
    origin: usize,
    /// How many bytes are the same.
    length: usize,
}

impl Runs {
    /// Both texts are the same from here on, for `length` bytes. To be called in the order of the text that was made.
    pub(crate) fn push(&mut self, made: usize, origin: usize, length: usize) {
        if let Some(last) = self.0.last_mut()
            && made - last.made == last.length
            && origin == last.origin + last.length
        {
            last.length += length;
        } else {
            self.0.push(Run {
                made,
                origin,
                length,
            });
        }
    }

    /// Whether a byte has an origin of its own.
    pub(crate) fn has_origin(&self, made: usize) -> bool {
        let after = self.0.partition_point(|run| run.made <= made);
        let run = self.0[..after].last();
        run.is_some_and(|run| made - run.made < run.length)
    }

    /// The origin of a byte. For one that has none of its own: where what it was made of begins.
    pub(crate) fn origin(&self, made: usize) -> usize {
        let after = self.0.partition_point(|run| run.made <= made);
        match self.0[..after].last() {
            Some(run) => run.origin + (made - run.made).min(run.length),
            None => self.0.first().map_or(0, |run| run.origin),
        }
    }
}

/// How a value's bytes follow from those of the YAML scalar that it was written as, in any style. `None` when that cannot be
/// told.
pub(crate) fn written(value: &str, scalar: &str) -> Option<Runs> {
    let body = match scalar.as_bytes().first()? {
        b'|' | b'>' => scalar.find('\n')? + 1,
        b'"' | b'\'' => 1,
        _ => 0,
    };
    let style = scalar.as_bytes()[0];
    let mut characters = Characters {
        scalar,
        at: body,
        style,
    };
    let mut runs = Runs::default();
    // Blanks are what YAML changes; everything else stays, in its order.
    for (at, character) in value.char_indices() {
        if is_blank(character) {
            continue;
        }
        let (start, written) = characters.next()?;
        if written != character {
            return None;
        }
        runs.push(at, start, character.len_utf8());
    }
    Some(runs)
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() || character.is_control()
}

/// The characters of a scalar that are no blanks, each with its offset.
struct Characters<'a> {
    scalar: &'a str,
    at: usize,
    style: u8,
}

impl Iterator for Characters<'_> {
    type Item = (usize, char);

    fn next(&mut self) -> Option<(usize, char)> {
        loop {
            let start = self.at;
            let rest = &self.scalar[start..];
            let mut characters = rest.chars();
            let first = characters.next()?;
            self.at += first.len_utf8();
            let character = match (self.style, first) {
                (b'\'', '\'') => {
                    let second = characters.next()?;
                    self.at += second.len_utf8();
                    second
                }
                (b'"', '\\') => {
                    let second = characters.next()?;
                    self.at += second.len_utf8();
                    let digits = match second {
                        'x' => 2,
                        'u' => 4,
                        'U' => 8,
                        '"' | '\\' | '/' => {
                            return Some((start, second));
                        }
                        _ => continue,
                    };
                    let code = rest.get(2..2 + digits)?;
                    self.at += digits;
                    char::from_u32(u32::from_str_radix(code, 16).ok()?)?
                }
                _ => first,
            };
            if !is_blank(character) {
                return Some((start, character));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::written;
    use crate::source::Source;
    use crate::sources::Sources;
    use crate::span::FileId;
    use crate::yaml::node::Value;
    use crate::yaml::read::read;

    /// For each character of the value that is no blank: the text of the scalar from its origin on.
    fn origins(text: &str) -> Vec<(char, String)> {
        let source = Source {
            path: "x.yaml".into(),
            text: text.to_owned(),
        };
        let sources = Sources::new(source);
        let root = read(&sources, FileId::default(), &mut Vec::new()).unwrap();
        let Value::Mapping(entries) = &root.value else {
            panic!("a mapping")
        };
        let Value::Scalar(scalar) = &entries[0].node.value else {
            panic!("a scalar")
        };
        let slice = sources.slice(entries[0].node.span);
        let runs = written(&scalar.text, slice).unwrap();
        let seen = scalar
            .text
            .char_indices()
            .filter(|(_, c)| !c.is_whitespace());
        seen.map(|(at, c)| (c, slice[runs.origin(at)..].chars().take(2).collect()))
            .collect()
    }

    #[test]
    fn every_style_is_followed() {
        for text in [
            "a: |\n    one\n      two\n\n    é three\n",
            "a: >- # folded\n  one\n  two\n\n  three\n",
            "a: plain one\n  two\n",
            "a: 'it''s\n  é'\n",
            "a: \"say\\t\\\"hi\\\" \\\n   there\"\n",
        ] {
            for (character, origin) in origins(text) {
                let first = origin.trim_start_matches('\\').chars().next();
                assert_eq!(first, Some(character), "{text:?}: {origin:?}");
            }
        }
        let escaped = origins("a: \"\\u00e9 \\x41b\"\n");
        assert_eq!(escaped[0], ('é', "\\u".to_owned()));
        assert_eq!(escaped[1], ('A', "\\x".to_owned()));
        assert_eq!(escaped[2].0, 'b');
    }

    proptest! {
        #[test]
        fn origins_lie_in_the_scalar(value in "\\PC{0,40}", scalar in "[|>'\"]?\\PC{0,40}") {
            if let Some(runs) = written(&value, &scalar) {
                for at in 0..value.len() + 3 {
                    prop_assert!(runs.origin(at) <= scalar.len());
                }
            }
        }

        #[test]
        fn a_quoted_value_is_found_again(value in "[a-z '\"\\\\é]{1,40}") {
            let quoted = format!("'{}'", value.replace('\'', "''"));
            let runs = written(&value, &quoted).unwrap();
            for (at, character) in value.char_indices().filter(|(_, c)| *c != ' ') {
                prop_assert!(quoted[runs.origin(at)..].starts_with(character));
            }
        }
    }
}
