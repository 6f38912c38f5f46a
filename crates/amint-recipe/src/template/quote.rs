//! Shell quoting of interpolated values.

/// The value as one word of a POSIX shell command: as it is when nothing in it is special to a shell, in single
/// quotes otherwise.
pub(crate) fn shell_word(value: &str) -> String {
    if is_plain_word(value) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

/// Whether a shell reads the value as one word that means itself.
pub(crate) fn is_plain_word(value: &str) -> bool {
    !value.is_empty()
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(&byte))
}

/// What an interpolation stands in that takes quotes for text, or takes nothing for code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Inside {
    Quotes,
    HereDocument,
}

/// An interpolation that does not stand free in a script.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Quoted<'s> {
    /// Byte offset of its `{{`.
    pub(crate) at: usize,
    /// What is between the braces.
    pub(crate) expression: &'s str,
    pub(crate) inside: Inside,
}

/// Where in a shell script interpolations stand inside quotes or here-documents.
///
/// A lexical look: quotes, backslashes, comments and here-documents.
pub(crate) fn quoted_interpolations(script: &str) -> Vec<Quoted<'_>> {
    let bytes = script.as_bytes();
    let mut found = Vec::new();
    let mut documents: Vec<HereDocument<'_>> = Vec::new();
    let mut quote = None;
    // How many `((` are open on this line.
    let mut arithmetic = 0_usize;
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], quote) {
            (b'{', _) if script[at..].starts_with("{{") => {
                let Some(length) = script[at..].find("}}") else {
                    break;
                };
                if quote.is_some() {
                    found.push(Quoted {
                        at,
                        expression: &script[at + 2..at + length],
                        inside: Inside::Quotes,
                    });
                }
                at += length + 1;
            }
            (b'\\', None | Some(b'"')) => at += 1,
            (byte @ (b'\'' | b'"'), None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            (b'#', None) if at == 0 || bytes[at - 1].is_ascii_whitespace() => {
                at = script[at..].find('\n').map_or(bytes.len(), |end| at + end);
                // The line's end is looked at once more: here-documents may begin after it.
                continue;
            }
            (b'(', None) if bytes.get(at + 1) == Some(&b'(') => {
                arithmetic += 1;
                at += 1;
            }
            (b')', None) if bytes.get(at + 1) == Some(&b')') => {
                arithmetic = arithmetic.saturating_sub(1);
                at += 1;
            }
            (b'<', None) => {
                let run = script[at..].bytes().take_while(|byte| *byte == b'<');
                let run = run.count();
                // Three make a here-string; in arithmetic, two are a shift.
                if run == 2 && arithmetic == 0 {
                    documents.extend(HereDocument::announced(&script[at + 2..]));
                }
                at += run - 1;
            }
            (b'\n', None) => {
                at += 1;
                arithmetic = 0;
                for document in std::mem::take(&mut documents) {
                    at = document.look_through(script, at, &mut found);
                }
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// A here-document whose lines are to come.
struct HereDocument<'s> {
    /// Its last line.
    end: &'s str,
    /// `<<-`: tabs at the beginning of lines do not count.
    indented: bool,
}

impl<'s> HereDocument<'s> {
    /// What follows `<<`, if that is the beginning of one.
    fn announced(after: &'s str) -> Option<Self> {
        let indented = after.starts_with('-');
        let word = after.strip_prefix('-').unwrap_or(after);
        let word = word.trim_start_matches([' ', '\t']);
        let end = match word.chars().next()? {
            quote @ ('\'' | '"') => word[1..].split(quote).next()?,
            _ => {
                let word = word.trim_start_matches('\\');
                let ends = |c: char| c.is_whitespace() || ";|&<>()".contains(c);
                word.split(ends).next()?
            }
        };
        (!end.is_empty()).then_some(Self { end, indented })
    }

    /// Returns the offset behind its last line.
    fn look_through(&self, script: &'s str, from: usize, found: &mut Vec<Quoted<'s>>) -> usize {
        let mut at = from;
        for line in script[from.min(script.len())..].split_inclusive('\n') {
            let start = at;
            at += line.len();
            let bare = line.trim_end_matches('\n');
            let bare = match self.indented {
                true => bare.trim_start_matches('\t'),
                false => bare,
            };
            if bare == self.end {
                break;
            }
            let mut inside = 0;
            while let Some(open) = line[inside..].find("{{").map(|open| inside + open) {
                let Some(length) = line[open..].find("}}") else {
                    break;
                };
                found.push(Quoted {
                    at: start + open,
                    expression: &line[open + 2..open + length],
                    inside: Inside::HereDocument,
                });
                inside = open + length + 2;
            }
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::{Inside, quoted_interpolations, shell_word};

    #[test]
    fn plain_words_stay_as_they_are() {
        assert_eq!(shell_word("2.3.1-rc+1"), "2.3.1-rc+1");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
    }

    #[test]
    fn interpolations_inside_quotes_are_seen() {
        let script = "# don't {{a}}\necho {{b}} \"x {{c}}\" '{{d}}' \\\"{{e}} \"\\\"{{f}}\"\n";
        let expressions: Vec<_> = quoted_interpolations(script)
            .into_iter()
            .map(|quoted| quoted.expression)
            .collect();
        assert_eq!(expressions, ["c", "d", "f"]);
    }

    #[test]
    fn here_documents_are_seen() {
        let script = "cat <<EOF >/a; cat <<-'E N'\ndon't {{a}}\n EOF\nEOF\n\t{{b}}\n\tE N\n\
                      echo {{c}} $((1<<2)) <<<x '{{d}}' # <<X {{e}}\necho \"{{f}}\"\ncat <<\\X # y\n{{g}}\n";
        let seen: Vec<_> = quoted_interpolations(script)
            .into_iter()
            .map(|quoted| (quoted.expression, quoted.inside))
            .collect();
        let (quotes, document) = (Inside::Quotes, Inside::HereDocument);
        assert_eq!(
            seen,
            [
                ("a", document),
                ("b", document),
                ("d", quotes),
                ("f", quotes),
                ("g", document)
            ]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_shell_reads_back_the_value(value in "[^\\x00\\r]{0,40}") {
            let script = format!("printf '%s.' {}", shell_word(&value));
            let output = Command::new("sh").arg("-c").arg(&script).output().unwrap();
            prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), value + ".");
        }

        #[test]
        fn any_script_is_looked_at_without_panic(script in "[\\\\'\"#{}<E\\s\\-é(]{0,40}") {
            for quoted in quoted_interpolations(&script) {
                prop_assert!(script[quoted.at + 2..].starts_with(quoted.expression));
            }
        }
    }
}
